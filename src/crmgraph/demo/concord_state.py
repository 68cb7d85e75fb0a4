"""What Concord holds: flat rows by resource and id, and which of them are associated.

The rows may be changed by hand; `concord_shapes` turns them into what is answered.
"""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

Wire = dict[str, Any]
Key = tuple[str, int]


@dataclass(slots=True)
class ConcordState:
    """Rows by resource and id, the rows in the trash, associations both ways, and the options of custom fields."""

    tables: dict[str, dict[int, Wire]] = field(default_factory=dict)
    trash: dict[str, dict[int, Wire]] = field(default_factory=dict)
    links: dict[Key, dict[str, list[int]]] = field(default_factory=dict)
    options: dict[str, dict[int, str]] = field(default_factory=dict)
    tag_ids: dict[str, int] = field(default_factory=dict)
    ids: "count[int]" = field(default_factory=lambda: count(9001))

    def add(self, resource: str, **columns: Any) -> Wire:
        """Put a row in as it is given, under a new id unless it brings one; the row."""
        row = {"id": columns["id"] if "id" in columns else next(self.ids), **columns}
        self.tables.setdefault(resource, {})[row["id"]] = row
        return row

    def add_contact(self, **columns: Any) -> Wire:
        """Put a contact in as it is given, with what it lacks left empty; the row."""
        blank = dict.fromkeys(("first_name", "last_name", "email", "job_title", "street", "city", "state"))
        blank |= dict.fromkeys(("postal_code", "country_id", "source_id", "user_id", "created_at", "updated_at"))
        return self.add("contacts", **{**blank, "phones": [], "tags": [], **columns})

    def linked(self, one: Key, resource: str) -> list[int]:
        """The ids of this resource that are associated with one row."""
        return self.links.get(one, {}).get(resource, [])

    def link(self, one: Key, other: Key) -> None:
        """Associate two rows, both ways, once."""
        for (resource, number), mate in ((one, other), (other, one)):
            mates = self.links.setdefault(mate, {}).setdefault(resource, [])
            if number not in mates:
                mates.append(number)

    def unlink(self, one: Key, other: Key) -> None:
        """Undo an association, both ways."""
        for (resource, number), mate in ((one, other), (other, one)):
            mates = self.links.get(mate, {}).get(resource, [])
            if number in mates:
                mates.remove(number)

    def tag(self, name: str) -> Wire:
        """The tag of this name as a record carries it."""
        return {
            "id": self.tag_ids.setdefault(name, 151 + len(self.tag_ids)),
            "name": name,
            "swatch_color": "#a3bffa",
        }

    def id_of(self, resource: str, name: str | None) -> int | None:
        """The id a lookup has for a name, or None."""
        return next((row["id"] for row in self.tables[resource].values() if row["name"] == name), None)


def stamp(instant: datetime) -> str:
    """A time as Concord writes it: UTC with microseconds."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
