"""From a checked configuration file to settings: defaults filled in, words turned into values, everything frozen."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import SecretStr

from crmgraph.config.accounts import Account
from crmgraph.config.auth_answers import AuthAnswers
from crmgraph.config.breakers import breaker_rule
from crmgraph.config.documents import documents
from crmgraph.config.freezing_auth import auth_settings, roles_of
from crmgraph.config.question_limits import limits_of
from crmgraph.config.rates import rates
from crmgraph.config.replica import replica
from crmgraph.config.rules import cross_rule
from crmgraph.config.sections import ConfigFile, CustomFieldSection, ServerSection, SourceSection
from crmgraph.config.serving import room
from crmgraph.config.settings import (
    CustomFieldSettings,
    IdentitySettings,
    Sealed,
    ServerSettings,
    Settings,
    SourceSettings,
    StoreSettings,
)
from crmgraph.config.survivorship import field_rules
from crmgraph.config.telemetry import telemetry
from crmgraph.config.weights import weights
from crmgraph.connectors.rates import rates_of

Secrets = Mapping[str, Mapping[str, str]]
"""By section and name."""

_FILE = "crmgraph.db"
"The store's file where nothing else is said."


def frozen(
    file: ConfigFile,
    accounts: Mapping[str, Account],
    secrets: Secrets,
    auth: AuthAnswers,
    keys: Mapping[str, bytes],
    path: Path,
) -> Settings:
    """The settings of a file without mistakes, so that every account is complete."""
    rules = {name: field_rules(written) for name, written in file.survivorship.items()}
    production = file.environment == "production"
    return Settings(
        sources=tuple(_source(name, section, accounts[name]) for name, section in file.sources.items()),
        identity=IdentitySettings(
            default_region=file.identity.default_region,
            index=file.identity.index == "on",
            index_limit=file.identity.index_limit,
            max_shared=file.identity.max_shared,
            line=file.identity.line,
            weights=weights(file.identity.weights, path.parent),
        ),
        survivorship=MappingProxyType(rules),
        custom_fields=tuple(_custom_field(key, section) for key, section in file.custom_fields.items()),
        rules=tuple(cross_rule(name, section, file.custom_fields) for name, section in file.rules.items()),
        server=_server(file.server, secrets["server"].get("cursor_key"), production),
        store=StoreSettings(SecretStr(_store_url(file.store.url, path.parent)), keys),
        telemetry=telemetry(file.telemetry, secrets["telemetry"].get("otlp_authorization")),
        rates=rates(file.rates),
        path=path,
        replica=replica(file.replica, file.identity.default_region),
        production=production,
        limits=limits_of(file.limits),
        documents=documents(file.documents, path.parent),
        auth=auth_settings(file.auth, auth),
        roles=roles_of(file.roles),
    )


def _source(name: str, section: SourceSection, account: Account) -> SourceSettings:
    # Where one of these is None there was a mistake, and nothing is frozen.
    assert account.definition is not None
    assert account.base_url is not None
    assert account.texts is not None
    return SourceSettings(
        name=name,
        connector=account.definition,
        base_url=account.base_url,
        settings=Sealed(account.texts),
        rates=rates_of(section.limits.rate),
        concurrency=section.limits.concurrency,
        timeout=section.limits.timeout,
        connect=section.limits.connect,
        total=section.limits.total,
        attempts=section.limits.attempts,
        queue=section.limits.queue,
        breaker=breaker_rule(section.breaker),
        allow_private=section.allow_private,
        per_caller=section.per_caller,
        duplicate_free=section.duplicate_free,
    )


def _custom_field(key: str, section: CustomFieldSection) -> CustomFieldSettings:
    return CustomFieldSettings(key, section.type.upper(), section.label, MappingProxyType(dict(section.sources)))


def _server(section: ServerSection, cursor_key: str | None, production: bool) -> ServerSettings:
    return ServerSettings(
        host=section.host,
        port=section.port,
        workers=section.workers,
        deadline=section.deadline,
        cursor_key=SecretStr(cursor_key) if cursor_key else None,
        page_budget=section.page_budget,
        scan_budget=section.scan_budget,
        console=not production if section.console is None else section.console,
        room=room(section.admission),
        get=section.get,
        batch=section.batch,
        cors=tuple(section.cors),
        notice=section.stopping.notice,
        within=section.stopping.within,
    )


def _store_url(url: str | None, beside: Path) -> str:
    """The URL as it is written; a file's path is taken from the configuration's directory."""
    scheme, _, rest = (url or f"sqlite:///{_FILE}").partition(":///")
    return f"{scheme}:///{(beside / rest).absolute()}" if scheme == "sqlite" else url or ""
