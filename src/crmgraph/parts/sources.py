"""Settings of sources as the rooms that call and hear them want them."""

from crmgraph.config.settings import Settings, SourceSettings
from crmgraph.connectors.assembly import settings_of
from crmgraph.connectors.hearing import Listener
from crmgraph.sources.account import Account


def account(source: SourceSettings) -> Account:
    """A source's settings, the secret ones apart."""
    secret = {name for name, one in source.connector.settings.items() if one.secret}
    return Account(
        name=source.name,
        definition=source.connector,
        base_url=source.base_url,
        settings={name: text for name, text in source.settings.items() if name not in secret},
        secrets={name: text for name, text in source.settings.items() if name in secret},
        rates=source.rates,
        concurrency=source.concurrency,
        timeout=source.timeout,
        connect=source.connect,
        total=source.total,
        attempts=source.attempts,
        queue=source.queue,
        breaker=source.breaker,
        allow_private=source.allow_private,
    )


def listeners(settings: Settings) -> dict[str, Listener]:
    """The sources that can be heard, with the keys that prove who speaks."""
    return {
        one.name: Listener(one.name, one.connector, webhooks, settings_of(one.connector, one.settings))
        for one in settings.sources
        if (webhooks := one.connector.spec.webhooks) is not None
    }
