"""What the org-scoped CRM holds: its contacts and vocabulary, seeded from the world, as plain JSON values to change
by hand.

Shapes are those of the fact sheet's section 4. Times come in all three spellings that its section 6 warns of:
contacts have `created_at` with "+00:00" and `updated_at` with "Z", opportunities have a naive `created_at`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from crmgraph.demo.cast import CustomSpec, Deal, Sighting, World

CRM = "orgcrm"
Raw = dict[str, Any]

_FIELD_TYPES = {
    "TEXT": "text",
    "NUMBER": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "OPTION": "select",
    "OPTIONS": "multi_select",
    "MONEY": "currency",
    "RAW": "json",
}
_COLORS = ("#2563eb", "#16a34a", "#d97706", "#dc2626", None)


@dataclass(frozen=True, slots=True)
class Member:
    """Whom a token belongs to; `assigned_only` restricts what they see to contacts assigned to them."""

    id: str
    assigned_only: bool


class OrgState:
    """One organisation's data, by id; `members` maps tokens to their members."""

    def __init__(self, world: World, org_id: str, members: dict[str, Member], clock: Callable[[], datetime]) -> None:
        self.org_id = org_id
        self.members = members
        self._clock = clock
        self._made = 0
        notes = _notes(world)
        self.contacts: dict[str, Raw] = {
            contact_id(one.number): _contact(world, one, notes.get(one.number)) for one in world.seen_by(CRM)
        }
        self.opportunities: dict[str, list[Raw]] = {}
        for deal in world.deals(CRM):
            self.opportunities.setdefault(contact_id(deal.contact), []).append(_opportunity(deal))
        self.fields: dict[str, Raw] = {field["id"]: field for field in map(_field, world.custom_fields)}
        self.tags: dict[str, Raw] = {}
        for name in sorted({name for one in self.contacts.values() for name in one["tags"]}, key=str.casefold):
            self.name_tag(name)
        self.values: dict[str, str] = {"booking_link": "https://meet.example/intro", "sender_name": "The demo team"}
        self.views: list[Raw] = _views()

    def now(self) -> datetime:
        return self._clock()

    def new_id(self, kind: str) -> str:
        """An id no record has yet, the same in every run."""
        self._made += 1
        return stable_id(kind, f"made-{self._made}")

    def touch(self, contact: Raw) -> None:
        """Say that a contact was changed just now."""
        contact["updated_at"] = _zulu(self.now())

    def tag_named(self, name: str) -> Raw | None:
        """The vocabulary's tag of this name, in any case."""
        return next((tag for tag in self.tags.values() if tag["name"].casefold() == name.casefold()), None)

    def name_tag(self, name: str, color: str | None = None) -> Raw:
        """The vocabulary's tag of this name, added when it is new."""
        known = self.tag_named(name)
        if known is not None:
            return known
        tag = {"id": stable_id("tag", name), "name": name, "color": color or _COLORS[len(self.tags) % len(_COLORS)]}
        self.tags[str(tag["id"])] = tag
        return tag

    def field_keyed(self, key: str) -> Raw | None:
        return next((field for field in self.fields.values() if field["key"] == key), None)


def stable_id(kind: str, key: object) -> str:
    """The uuid of a thing, the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"orgcrm/{kind}/{key}"))


def contact_id(number: int) -> str:
    """The id of the contact with this running number."""
    return stable_id("contact", number)


def member_id(staff: str) -> str:
    """The id of the member who is this member of staff."""
    return stable_id("member", staff)


def _contact(world: World, one: Sighting, notes: str | None) -> Raw:
    return {
        "id": contact_id(one.number),
        "name": one.name,
        "email": one.emails[0] if one.emails else None,
        "phone": one.phones[0] if one.phones else None,
        "company": world.firm(one.company).called_in(CRM) if one.company else None,
        "source": one.lead_source,
        "notes": notes,
        "tags": list(one.tags),
        "dnc": bool(one.dnc),
        "assigned_to": member_id(one.owner) if one.owner else None,
        "custom": {key: list(value) if isinstance(value, tuple) else value for key, value in one.custom.items()},
        "created_at": one.created.astimezone(UTC).isoformat(),
        "updated_at": _zulu(one.updated),
    }


def _notes(world: World) -> dict[int, str]:
    """The notes column by contact number: all of a contact's memos, one a paragraph."""
    notes: dict[int, list[str]] = {}
    for memo in world.memos(CRM):
        notes.setdefault(memo.contact, []).append(memo.body)
    return {number: "\n\n".join(bodies) for number, bodies in notes.items()}


def _opportunity(deal: Deal) -> Raw:
    return {
        "id": stable_id("opportunity", deal.number),
        "name": deal.name,
        "stage": deal.stage,
        "status": deal.status,
        "value": float(deal.amount),
        "created_at": deal.created.astimezone(UTC).replace(tzinfo=None).isoformat(),
    }


def _field(spec: CustomSpec) -> Raw:
    return {
        "id": stable_id("field", spec.key),
        "key": spec.key,
        "label": spec.label,
        "type": _FIELD_TYPES[spec.type],
        "options": list(spec.options),
        "folder_id": None,
    }


def _views() -> list[Raw]:
    return [
        _view("Reachable", {"field": "dnc", "op": "eq", "value": False}),
        _view("No e-mail", {"field": "email", "op": "is_empty"}),
    ]


def _view(name: str, condition: Raw) -> Raw:
    return {"id": stable_id("view", name), "name": name, "query": {"groups": [{"conditions": [condition]}]}}


def _zulu(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
