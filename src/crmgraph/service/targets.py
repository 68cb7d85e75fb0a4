"""A filter for one source: global ids in it become that source's own, and a filter on another source's thing passes
nobody.
"""

from crmgraph.domain.errors import InputError
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.domain.model import FIELDS, FieldType, Kind
from crmgraph.service.ids import decode

_EVERYBODY = And(())
_NOBODY = Or(())


def for_source(wanted: Filter, kind: Kind, source: str) -> Filter:
    """`wanted` as records of `source` are tested by it; raises InputError for an id that is none."""
    match wanted:
        case And(items):
            return And(tuple(for_source(item, kind, source) for item in items))
        case Or(items):
            return Or(tuple(for_source(item, kind, source) for item in items))
        case Not(item):
            return Not(for_source(item, kind, source))
        case Condition(field, op, value) if field.partition(".")[0] not in FIELDS[kind]:
            # What a list of several kinds asks of the others: here the field is empty.
            return _EVERYBODY if op is Op.IS_NULL and value else _NOBODY
        case Condition(field, op, value) if op in (Op.EQ, Op.IN) and _is_link(kind, field):
            return _link(field, (value,) if op is Op.EQ else value, source)
    return wanted


def _is_link(kind: Kind, field: str) -> bool:
    known = FIELDS[kind].get(field)
    return known is not None and known.type in (FieldType.LINK, FieldType.LINKS)


def _link(field: str, ids: tuple[str, ...], source: str) -> Filter:
    refs = [decode(one).ref for one in ids]
    if any(ref is None for ref in refs):
        raise InputError(f"The filter on {field} takes ids of things that one CRM keeps.")
    own = tuple(Condition(field, Op.EQ, ref.id) for ref in refs if ref is not None and ref.source == source)
    return own[0] if len(own) == 1 else Or(own) if own else _NOBODY
