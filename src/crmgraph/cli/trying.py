"""`connectors test`: a definition against the real CRM, read by read, raw beside mapped."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crmgraph.cli.attempts import Attempts
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.verdicts import Mark, Verdict
from crmgraph.config.addresses import is_private, wrong_with
from crmgraph.connectors import catalog
from crmgraph.connectors.definition import Definition
from crmgraph.connectors.proving import oauth_of, wrong_way
from crmgraph.connectors.shapes import unknown
from crmgraph.domain.errors import BadReply, InputError
from crmgraph.domain.records import Record
from crmgraph.service.plain import plain_value
from crmgraph.service.ports import Source
from crmgraph.sources.account import Account
from crmgraph.sources.breaker import BreakerRule
from crmgraph.sources.clock import SystemClock
from crmgraph.sources.pool import Pool
from crmgraph.web.encoding import to_json

WIDTH = 44
"""The letters of a raw value that are shown beside the mapped one."""


def test(file: str, url: str, given: Sequence[str], as_json: bool) -> None:
    """Try every declared read; ends with 3 when the CRM failed or refused us, with 1 when the definition is wrong."""
    definition = catalog.load(file, Path())
    account = _account(definition, url, given)
    tried = asyncio.run(_tried(account))
    samples = [known.first for known in tried.known.values() if known.first is not None]
    if as_json:
        reads = [_told(one) for one in tried.verdicts]
        give(to_json({"reads": reads, "samples": [_sample(one, definition) for one in samples]}).decode())
    else:
        for verdict in tried.verdicts:
            give(_line(verdict))
        for record in samples:
            give("\n" + _beside(record, definition))
    end(_code(tried.verdicts))


async def _tried(account: Account) -> Attempts:
    clock = SystemClock()
    async with Pool([account], clock) as pool:
        source: Source = pool.sources[0]
        attempts = Attempts(source, clock)
        await attempts.all()
    return attempts


def _code(verdicts: Sequence[Verdict]) -> Code:
    failed = [one for one in verdicts if one.mark is Mark.FAILED]
    if any(one.upstream for one in failed):
        return Code.UPSTREAM
    return Code.FINDINGS if failed else Code.OK


def _account(definition: Definition, url: str, given: Sequence[str]) -> Account:
    private = is_private(urlsplit(url).hostname or "")
    if wrong := wrong_with(url, private):
        raise InputError(wrong.replace("`base_url`", "`--url`"))
    texts = dict(_setting(one, definition) for one in given)
    for name, setting in definition.settings.items():
        if setting.required and not texts.get(name, setting.default):
            raise InputError(f"`{name}` is missing; give it as -s {name}=env:VARIABLE: {setting.description}")
    if oauth_of(definition, texts) is not None:
        raise InputError(
            "A definition is tried with a static credential; an access token is one, for as long as it lives."
        )
    if wrong := wrong_way(definition, texts):
        raise InputError(wrong)
    secret = {name for name, setting in definition.settings.items() if setting.secret}
    return Account(
        name=definition.name,
        definition=definition,
        base_url=url.rstrip("/"),
        settings={name: text for name, text in texts.items() if name not in secret},
        attempts=1,
        breaker=BreakerRule(mode="off"),
        secrets={name: text for name, text in texts.items() if name in secret},
        allow_private=private,
    )


def _setting(given: str, definition: Definition) -> tuple[str, str]:
    """A setting from NAME=VALUE, NAME=@FILE or NAME=env:VARIABLE."""
    name, equals, value = given.partition("=")
    if not equals:
        raise InputError(f"`-s {name[:40]}` gives no value; write NAME=VALUE, NAME=@FILE or NAME=env:VARIABLE.")
    if name not in definition.settings:
        raise InputError(unknown(name, tuple(definition.settings)))
    if value.startswith("@"):
        return name, _file(name, value[1:])
    if value.startswith("env:"):
        return name, _variable(name, value.removeprefix("env:"))
    if definition.settings[name].secret:
        say(f"`{name}` is a secret in plain text, which others on this machine can see; @FILE or env:VARIABLE hide it.")
    return name, value


def _file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise InputError(f"The file {path} that should hold `{name}` cannot be read as text.") from None


def _variable(name: str, variable: str) -> str:
    if not os.environ.get(variable):
        raise InputError(f"The environment variable {variable} that should hold `{name}` is not set.")
    return os.environ[variable]


def _line(one: Verdict) -> str:
    what = " ".join(part for part in (one.resource, one.read, one.call) if part)
    return f"{one.mark:<4} {what}: {one.message.rstrip('.')}"


def _told(one: Verdict) -> dict[str, Any]:
    said = {Mark.OK: "ok", Mark.FAILED: "failed", Mark.SKIPPED: "skipped"}[one.mark]
    return {
        "resource": one.resource or None,
        "read": one.read,
        "call": one.call or None,
        "verdict": said,
        "message": one.message,
        "code": one.code,
    }


def _sample(record: Record, definition: Definition) -> dict[str, Any]:
    return {
        "resource": record.ref.resource,
        "id": record.ref.id,
        "raw": record.raw,
        "mapped": {name: _read(record, name) for name in definition.resources[record.ref.resource].lenses},
    }


def _beside(record: Record, definition: Definition) -> str:
    """The record's fields, a line each: our name, what the CRM holds, what it became."""
    lenses = definition.resources[record.ref.resource].lenses
    lines = [f"{record.ref.resource} {record.ref.id}"]
    for name, lens in lenses.items():
        raw = "(the whole record)" if lens.reads is None else _keys(record.raw, lens.reads)
        lines.append(f"  {name:<18}{raw:<{WIDTH}}  {_cut(_json(_read(record, name)), 2 * WIDTH)}")
    return "\n".join(lines)


def _keys(raw: Mapping[str, Any], names: frozenset[str]) -> str:
    held = [f"{name}: {_json(raw[name])}" for name in sorted(names) if name in raw]
    return _cut(", ".join(held) or "-", WIDTH)


def _read(record: Record, name: str) -> Any:
    try:
        return plain_value(record.kind, name, record.get(name))
    except BadReply as error:
        return f"!! {error.message}"


def _json(value: Any) -> str:
    return json.dumps(json.loads(to_json(value)), ensure_ascii=False)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
