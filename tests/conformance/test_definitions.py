"""The same promises for every definition: the built-in ones and whatever lies in tests/fifth."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from tests.conformance.worlds import DEFINITIONS, FIFTH, LISTS, PAGES, RESOURCES, World, world_of

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import Wanted, batch_of, keys_of, parents_of
from crmgraph.connectors.pagination import Position
from crmgraph.connectors.pushdown import push, tables_asked
from crmgraph.connectors.spec import Endpoint, Listing
from crmgraph.domain.comparing import OPS
from crmgraph.domain.errors import InputError
from crmgraph.domain.filtering import Condition, Filter, Not, Op, field_type, passes
from crmgraph.domain.model import FIELDS, Consent, ConsentState, Kind
from crmgraph.domain.normalize import email_key, phone_key
from crmgraph.domain.records import Record

REGION = "US"
FEW = 6

each_definition = pytest.mark.parametrize("name", DEFINITIONS)
each_resource = pytest.mark.parametrize(("name", "part"), RESOURCES)
each_list = pytest.mark.parametrize(("name", "part", "number"), LISTS)


def at(name: str, part: str) -> tuple[World, Resource]:
    made = world_of(name)
    return made, made.definition.resources[part]


def listing_at(name: str, part: str, number: int) -> tuple[World, Resource, Listing]:
    made, resource = at(name, part)
    return made, resource, resource.listings[number]


def ids(records: Iterable[Record]) -> list[str]:
    return [record.ref.id for record in records]


def values(resource: Resource, record: Record, without: Iterable[str] = ()) -> dict[str, Any]:
    return {field: record.get(field) for field in resource.lenses if field not in without}


def test_a_fifth_definition_is_found_beside_the_four_built_in_ones() -> None:
    assert set(DEFINITIONS) == {"bigcontacts", "concord", "leadconnector", "orgcrm", *(path.stem for path in FIFTH)}
    assert FIFTH


@each_definition
async def test_its_vocabularies_load_and_are_not_empty(name: str) -> None:
    made = world_of(name)
    await made.load_tables()
    assert all(made.tables[table] for table in made.definition.tables)


@each_definition
async def test_its_probe_reads(name: str) -> None:
    made = world_of(name)
    assert await made.run(made.reader.probe()) is None


@each_resource
async def test_every_field_of_every_record_reads(name: str, part: str) -> None:
    made, resource = at(name, part)
    records = await made.some(resource)
    assert records
    for record in records:
        values(resource, record)


@each_resource
async def test_every_mapped_field_is_filled_by_some_record(name: str, part: str) -> None:
    """A path that never finds anything is a mistake in the definition, or a fact that the simulator does not show."""
    made, resource = at(name, part)
    records = list(await made.some(resource))
    if resource.spec.get is not None:
        records += [one for one in [await got(made, resource, record) for record in records[:40]] if one is not None]
    empty = [field for field in resource.lenses if all(record.get(field) is None for record in records)]
    assert set(empty) <= NEVER_SHOWN.get((name, part), set())


NEVER_SHOWN: dict[tuple[str, str], set[str]] = {
    ("bigcontacts", "company"): {"customFields", "owner"},
    ("concord", "company"): {"customFields", "tags"},
    ("concord", "opportunity"): {"customFields"},
    ("concord", "activity"): {"opportunity"},
    ("leadconnector", "customField"): {"description"},
    ("leadconnector", "user"): {"phone"},
    ("orgcrm", "customField"): {"group"},
}
"""Fields that are mapped by the CRM's documentation, though no record of its simulator has one."""


@each_list
async def test_a_list_is_read_to_its_end_once_each(name: str, part: str, number: int) -> None:
    made, resource, listing = listing_at(name, part, number)
    for size in (None, 7):
        items: list[Any] = []
        position: Position = None
        total = None
        for _ in range(PAGES):
            page = await made.run(made.reader.page(listing, Wanted(size=size), position, resource))
            items, position = [*items, *page.items], page.next
            total = page.total if page.total is not None else total
            if position is None:
                break
        assert position is None
        assert total in (None, len(items))
        records = await made.records(resource, items)
        assert len(set(ids(records))) == len(records)
        if number == 0:
            assert set(ids(records)) == set(ids(await made.some(resource)))


async def got(made: World, resource: Resource, record: Record) -> Record | None:
    raw = await made.run(made.reader.get(resource, record.ref.id, record.ref.parent))
    found = await made.records(resource, [] if raw is None else [raw], record.ref.parent)
    return found[0] if found else None


DIFFERS: dict[tuple[str, str], set[str]] = {("leadconnector", "contact"): {"updatedAt"}}
"""Fields whose copy in a list is documented to differ a little from the record's own."""


@each_resource
async def test_a_listed_record_is_the_same_when_it_is_fetched_alone(name: str, part: str) -> None:
    made, resource = at(name, part)
    if resource.spec.get is None:
        return
    omits = {*(resource.listings[0].omits if resource.listings else []), *DIFFERS.get((name, part), set())}
    for record in (await made.some(resource))[:FEW]:
        alone = await got(made, resource, record)
        assert alone is not None
        assert alone.ref == record.ref
        assert values(resource, alone, omits) == values(resource, record, omits)


@each_resource
async def test_several_by_id_are_the_same_as_each_alone(name: str, part: str) -> None:
    made, resource = at(name, part)
    if batch_of(resource) < 2:
        return
    wanted = (await made.some(resource))[: batch_of(resource) + 3]
    found = {record.ref: record for record in await made.many(resource, ids(wanted))}
    assert set(found) == {record.ref for record in wanted}
    for record in wanted[:FEW]:
        assert found[record.ref].get("givenName") == record.get("givenName")


@each_resource
async def test_a_person_is_found_by_their_keys(name: str, part: str) -> None:
    made, resource = at(name, part)
    for sort, field in (("email", "emails"), ("phone", "phones")):
        if not keys_of(resource, sort):
            continue
        holders = [record for record in await made.some(resource) if has_key(record, field)][:FEW]
        assert holders
        hits = 0
        for record in holders:
            said = record.get(field)[0].value
            key = email_key(said) if sort == "email" else phone_key(said, REGION)
            # A CRM compares spellings: an e-mail is asked as it is spelt there, a phone by its normal form.
            keys = [f"{sort}:{said if sort == 'email' else key}"]
            page = await made.run(made.reader.find(resource, keys))
            hits += record.ref.id in ids(await made.records(resource, page.items))
        assert hits == len(holders) or (sort == "phone" and hits > 0)


def has_key(record: Record, field: str) -> bool:
    said = (record.get(field) or (None,))[0]
    return said is not None and (field == "emails" or phone_key(said.value, REGION) is not None)


@each_resource
async def test_nobody_is_found_by_a_key_that_nobody_has(name: str, part: str) -> None:
    made, resource = at(name, part)
    if keys_of(resource, "email"):
        page = await made.run(made.reader.find(resource, ["email:nobody.at.all@nowhere.example.com"]))
        assert not page.items
        assert page.next is None


@each_resource
async def test_what_hangs_on_a_record_is_what_points_to_it(name: str, part: str) -> None:
    made, resource = at(name, part)
    for kind in resource.spec.of:
        holder = made.definition.resources[str(kind)]
        for parent in (await made.some(holder))[:FEW]:
            records = await made.hanging(resource, kind, parent.ref.id)
            assert len(set(ids(records))) == len(records)
            expected = [one for one in await made.some(resource) if points_to(one, kind, parent.ref.id)]
            assert set(ids(expected)) <= set(ids(records))
            if parents_of(resource, kind) == 1:
                assert {record.ref.parent for record in records} <= {parent.ref.id}


def points_to(record: Record, kind: Kind, ident: str) -> bool:
    links = [record.get(str(kind)), *(record.get(f"{kind}s") or ())]
    return record.ref.parent == ident or any(link is not None and link.id == ident for link in links)


@each_resource
async def test_nothing_hangs_on_a_record_that_is_not_there(name: str, part: str) -> None:
    made, resource = at(name, part)
    for kind in resource.spec.of:
        if parents_of(resource, kind):
            assert await made.hanging(resource, kind, unknown_id(await made.contacts())) == []


def unknown_id(records: list[Record]) -> str:
    """An id of the same shape that nobody has."""
    like = records[0].ref.id
    if like.isdigit():
        return "987654321"
    return "00000000-0000-4000-8000-000000000000" if "-" in like else "Z" * len(like)


@each_resource
async def test_a_record_that_is_not_there_is_none(name: str, part: str) -> None:
    made, resource = at(name, part)
    if resource.spec.get is None:
        return
    record = (await made.some(resource))[0]
    gone = unknown_id([record])
    assert await made.run(made.reader.get(resource, gone, record.ref.parent)) is None


@each_resource
async def test_an_id_cannot_change_the_path_of_a_call(name: str, part: str) -> None:
    made, resource = at(name, part)
    if resource.spec.get is None or "{id}" not in resource.spec.get.call:
        return
    for ident in ("../users", "..", ".", "a/b", "a\\b", "", "a\nb"):
        with pytest.raises(InputError):
            await made.run(made.reader.get(resource, ident, "parent"))
    flow = made.reader.get(resource, "a?b=c#d", "parent")
    assert "?" not in next(flow).path


@each_list
async def test_free_text_finds_what_holds_it(name: str, part: str, number: int) -> None:
    made, resource, listing = listing_at(name, part, number)
    if listing.text is None:
        return
    records = await made.some(resource)
    field = next(
        one for one in ("familyName", "fullName", "name", "title", "subject", "body") if one in resource.lenses
    )
    for record in [one for one in records if one.get(field)][:FEW]:
        word = max(str(record.get(field)).replace("<", " ").replace(">", " ").split(), key=len)
        page = await made.run(made.reader.whole(listing, PAGES, Wanted(text=word), resource))
        assert record.ref.id in ids(await made.records(resource, page.items))


@each_list
async def test_each_order_really_sorts(name: str, part: str, number: int) -> None:
    made, resource, listing = listing_at(name, part, number)
    orders = [(field, down) for field, one in listing.order.items() for down in (False, True)]
    orders = [
        (field, down)
        for field, down in orders
        if (listing.order[field].desc if down else listing.order[field].asc) is not None
    ]
    asked = [Wanted(order=order) for order in orders] + ([Wanted()] if listing.natural else [])
    for wanted in asked:
        page = await made.run(made.reader.whole(listing, PAGES, wanted, resource))
        name_of, down = wanted.order or natural(listing)
        keys = [record.get(name_of) for record in await made.records(resource, page.items)]
        assert keys == sorted(keys, reverse=down)


def natural(listing: Listing) -> tuple[str, bool]:
    name, _, direction = (listing.natural or "").partition(" ")
    return name, direction == "desc"


def operands(records: list[Record], field: str, op: Op) -> Iterator[Any]:
    """Values to filter by, taken from what the records hold."""
    found = [value for value in (record.get(field) for record in records) if value is not None][
        :: max(1, len(records) // 8)
    ]
    for value in found[:8]:
        many = value if isinstance(value, tuple) else (value,)
        for one in many[:1]:
            plain = next((getattr(one, name) for name in ("value", "id", "name", "amount") if hasattr(one, name)), one)
            if isinstance(one, Consent):
                plain = one.any is ConsentState.BLOCKED
            if op in (Op.CONTAINS, Op.STARTS_WITH) and isinstance(plain, str) and field != "tags":
                yield plain[:4]
            elif op is Op.IN:
                yield (plain, plain)
            elif isinstance(plain, str):
                yield from (plain, plain.upper(), plain.lower())
            else:
                yield plain


def questions(records: list[Record], field: str, op: Op) -> Iterator[Filter]:
    if op is Op.IS_NULL:
        yield from (Condition(field, op, said) for said in (True, False))
        return
    if field != "customFields":
        yield from (Condition(field, op, value) for value in operands(records, field, op))
        return
    for record in records[:30:3]:
        for custom in (record.get("customFields") or ())[:2]:
            yield Condition(f"customFields.{custom.key}", op, str(custom.value)[:20])


@each_list
async def test_a_pushed_filter_gives_all_that_pass_and_maybe_more(name: str, part: str, number: int) -> None:
    made, resource, listing = listing_at(name, part, number)
    if listing.filter is None:
        return
    await made.load_tables()
    records = await made.some(resource)
    ids_by_key = {str(row.get("key", ident)): ident for ident, row in made.tables.get("fields", {}).items()}
    for field, how in listing.filter.fields.items():
        if field == "id":
            continue
        pushed_once = False
        for op in sorted(OPS[field_type(resource.kind, f"{field}.x" if field == "customFields" else field)]):
            for positive in questions(records, field, op):
                for wanted in (positive, Not(positive)):
                    asked = Wanted(filter=wanted, key_of=lambda key: ids_by_key.get(key, key), tables=made.tables)
                    if not push(listing.filter, wanted, asked.key_of, made.tables):
                        continue
                    pushed_once = True
                    page = await made.run(made.reader.whole(listing, PAGES, asked, resource))
                    given = set(ids(await made.records(resource, page.items)))
                    expected = {one.ref.id for one in records if passes(wanted, one, region=REGION)}
                    assert expected <= given, (field, wanted)
        assert pushed_once or set(how.ops) == {"find"}, f"{field} is never put"


@each_list
async def test_a_filter_is_put_by_name_where_its_vocabulary_is_needed(name: str, part: str, number: int) -> None:
    """Without the vocabulary at hand nothing is put: a wider answer is allowed, a narrower one is not."""
    _, _, listing = listing_at(name, part, number)
    for field, how in listing.filter.fields.items() if listing.filter else ():
        if field != "customFields" and (how.table or how.spellings):
            wanted = Condition(field, Op.EQ, "anything")
            assert tables_asked(listing.filter, wanted) == {how.table or how.spellings}
            assert push(listing.filter, wanted) == {}


@each_resource
async def test_putting_back_what_was_read_changes_nothing(name: str, part: str) -> None:
    made, resource = at(name, part)
    for record in (await made.some(resource))[:20]:
        for lens in resource.lenses.values():
            if lens.put is not None:
                body = deepcopy(record.raw)
                lens.put(body, lens.get(record.raw, made.tables), record.raw, made.tables)
                assert body == record.raw


@each_resource
async def test_what_is_put_is_read_back(name: str, part: str) -> None:
    made, resource = at(name, part)
    for record in (await made.some(resource))[:20]:
        for field, lens in resource.lenses.items():
            value = lens.get(record.raw, made.tables)
            if lens.put is not None and not lens.apart and value is not None:
                body: dict[str, Any] = {}
                lost = lens.put(body, value, {}, made.tables)
                assert lens.get(body, made.tables) == without(value, lost), field


def without(value: Any, lost: tuple[Any, ...]) -> Any:
    """A value without what its place has no room for."""
    return tuple(one for one in value if one not in lost) if lost else value


@each_resource
async def test_another_records_value_is_read_back_once_it_is_put(name: str, part: str) -> None:
    made, resource = at(name, part)
    records = (await made.some(resource))[:20]
    for record, other in pairwise(records):
        for field, lens in resource.lenses.items():
            value = lens.get(other.raw, made.tables)
            if lens.put is not None and not lens.apart and value is not None:
                body = deepcopy(record.raw)
                lost = lens.put(body, value, record.raw, made.tables)
                assert lens.get(body, made.tables) == without(value, lost), field


@each_definition
async def test_no_call_carries_a_secret(name: str) -> None:
    made = world_of(name)
    for resource in made.definition.resources.values():
        await made.some(resource)
    carrying = {header.lower() for header in made.definition.spec.auth.header} | {"authorization"}
    assert made.calls
    for call in made.calls:
        assert not any(secret in repr(call) for secret in made.secrets.values())
        assert carrying.isdisjoint(name.lower() for name, _ in call.headers)


@each_resource
def test_it_maps_only_what_its_kind_has(name: str, part: str) -> None:
    _, resource = at(name, part)
    assert resource.lenses.keys() <= FIELDS[resource.kind].keys()
    for endpoint in (resource.spec.list, resource.spec.get):
        assert not isinstance(endpoint, Endpoint) or set(endpoint.omits) <= resource.lenses.keys()
