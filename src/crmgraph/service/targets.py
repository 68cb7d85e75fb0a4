"""A filter for one source: global ids in it become that source's own, and a filter on another source's thing passes
nobody.
"""

from collections.abc import Mapping

from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import InputError
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.domain.records import Ref
from crmgraph.service.ids import decode

POINTS_TO: Mapping[str, Kind] = {
    "assignees": Kind.USER,
    "companies": Kind.COMPANY,
    "company": Kind.COMPANY,
    "contact": Kind.CONTACT,
    "contacts": Kind.CONTACT,
    "opportunities": Kind.OPPORTUNITY,
    "opportunity": Kind.OPPORTUNITY,
    "owner": Kind.USER,
    "pipeline": Kind.PIPELINE,
    "stage": Kind.STAGE,
    "stages": Kind.STAGE,
}
"""What a field that is a link points to, in whichever kind it stands."""

_EVERYBODY = And(())
_NOBODY = Or(())


def for_source(wanted: Filter, kind: Kind, source: str) -> Filter:
    """`wanted` as records of `source` are tested by it; raises InputError for an id that is none, or of
    something else than the field points to.
    """
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
        case Condition(field, op, value) if op in (Op.EQ, Op.IN) and field in POINTS_TO:
            return _link(field, (value,) if op is Op.EQ else value, source)
    return wanted


def _link(field: str, ids: tuple[str, ...], source: str) -> Filter:
    refs = [_pointed(field, one) for one in ids]
    own = tuple(Condition(field, Op.EQ, ref.id) for ref in refs if ref.source == source)
    return own[0] if len(own) == 1 else Or(own) if own else _NOBODY


def _pointed(field: str, given: str) -> Ref:
    named, wanted = decode(given), POINTS_TO[field]
    if named.kind is Kind.CONTACT is wanted:
        # The id may name one of a person's records, and what hangs on the others would silently be missing.
        raise InputError(
            f"The filter on {field} takes no id, for a person's records stand in several CRMs;"
            " ask for what hangs on them by contact(by: {id: …}), as in { tasks { nodes { id } } }."
        )
    if named.ref is None or named.kind is not wanted:
        one, other = with_article(wanted), with_article(named.kind)
        raise InputError(f"The filter on {field} takes the id of {one}; this one names {other}.")
    return named.ref
