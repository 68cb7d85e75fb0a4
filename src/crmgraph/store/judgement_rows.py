"""Judgements as rows. What people wrote, a pinned value and the reason, is one column, sealed where a vault is."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Row

from crmgraph.domain.errors import ConfigError
from crmgraph.domain.judgements import Different, Judgement, Pin, Same, Saying, Undo
from crmgraph.domain.records import Ref
from crmgraph.store.events import Sealing

_PAIRS: Mapping[str, type[Same] | type[Different]] = {"SAME": Same, "DIFFERENT": Different}


def verdict(saying: Saying) -> str:
    """What was said, as one word: SAME, DIFFERENT, PIN or UNDO."""
    return type(saying).__name__.upper()


def row_of(one: Judgement, vault: Sealing | None) -> dict[str, Any]:
    """The row of a judgement."""
    saying = one.saying
    near, far = one.refs[0], one.refs[1] if len(one.refs) > 1 else None
    return {
        "number": one.number,
        "verdict": verdict(saying),
        **columns("", near),
        **(dict.fromkeys(columns("to_", near)) if far is None else columns("to_", far)),
        "field": saying.field if isinstance(saying, Pin) else None,
        "undoes": saying.number if isinstance(saying, Undo) else None,
        "who": one.by,
        "at": one.at,
        **written(one.number, one.why, saying.value if isinstance(saying, Pin) else None, vault),
    }


def written(number: int, why: str | None, value: Any, vault: Sealing | None) -> dict[str, Any]:
    """The columns of what somebody wrote: the reason, and of a pin the value."""
    plain = orjson.dumps({"why": why, "value": value})
    payload = plain if vault is None else vault.seal(plain.decode(), spot(number))
    return {"sealed": vault is not None, "payload": payload}


def columns(end: str, ref: Ref) -> dict[str, str | None]:
    """A record as the columns of one end."""
    parts = {"source": ref.source, "resource": ref.resource, "record": ref.id, "parent": ref.parent}
    return {end + name: part for name, part in parts.items()}


def judgement_of(row: Row[Any], vault: Sealing | None) -> Judgement:
    """The judgement of a row; raises ConfigError where it is sealed and does not open."""
    refs = [Ref(row.source, row.resource, row.record, row.parent)]
    if row.to_source is not None:
        refs.append(Ref(row.to_source, row.to_resource, row.to_record, row.to_parent))
    found = orjson.loads(_opened(row, vault))
    return Judgement(row.number, _saying(row, refs, found), tuple(refs), row.who, row.at, found["why"])


def _saying(row: Row[Any], refs: list[Ref], found: Mapping[str, Any]) -> Saying:
    if row.verdict == "UNDO":
        return Undo(row.undoes)
    if row.verdict == "PIN":
        return Pin(refs[0], row.field, found["value"])
    return _PAIRS[row.verdict](*refs)


def _opened(row: Row[Any], vault: Sealing | None) -> bytes | str:
    if not row.sealed:
        return bytes(row.payload)
    if vault is None:
        raise ConfigError("Judgements are sealed in the store, and there is no vault to open them.")
    return vault.open(row.payload, spot(row.number))


def spot(number: int) -> tuple[str, ...]:
    """Where what was written of a judgement lies."""
    return "judgements", str(number), "payload"
