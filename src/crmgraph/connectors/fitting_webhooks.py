"""Whether a definition's `webhooks` fit the rest of it: its settings, its resources, and who else has the key."""

from collections.abc import Iterator

from crmgraph.connectors.fitting_endpoints import template_findings
from crmgraph.connectors.fitting_fields import line_findings
from crmgraph.connectors.shapes import Path, unknown
from crmgraph.connectors.spec import DefinitionSpec
from crmgraph.connectors.spec_webhooks import WebhooksSpec


def webhook_findings(spec: DefinitionSpec) -> Iterator[tuple[Path, str]]:
    """What is wrong with the `webhooks` of a definition."""
    webhooks = spec.webhooks
    if webhooks is None:
        return
    known = frozenset(spec.settings)
    public = frozenset(name for name, one in spec.settings.items() if not one.secret)
    for at, signature in enumerate(webhooks.signatures):
        yield from template_findings(("webhooks", "signatures", at, "key"), signature.key, known)
    yield from template_findings(("webhooks", "account"), webhooks.account, public)
    yield from ((("webhooks", "at"), message) for message in line_findings(spec, webhooks.at, at_hand=False))
    yield from _own_findings(spec, webhooks)


def _own_findings(spec: DefinitionSpec, webhooks: WebhooksSpec) -> Iterator[tuple[Path, str]]:
    if not webhooks.account and any(one.algorithm != "hmac-sha256" for one in webhooks.signatures):
        said = "A public key is the same for all accounts of a CRM; say by `account` how ours is told from others."
        yield ("webhooks", "account"), said
    for name, event in webhooks.events.items():
        if event.resource not in spec.resources:
            yield ("webhooks", "events", name, "resource"), unknown(event.resource, spec.resources)
