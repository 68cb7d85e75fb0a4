"""Saved views: each source's are written as a whole, so a change tells which to save and which to remove of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Kind
from crmgraph.service.ids import decode
from crmgraph.service.writing.changes import Action, Change
from crmgraph.service.writing.checking import Checking, resource_name
from crmgraph.service.writing.mistakes import MistakeCode


@dataclass(frozen=True, slots=True)
class _Wish:
    """One view to save (`values`) or to remove (None), by its id at a source, or by its name at whichever has it."""

    field: str
    key: str
    source: str | None
    values: Mapping[str, Any] | None

    def is_for(self, source: str) -> bool:
        return self.source in (None, source)

    @property
    def saved(self) -> dict[str, Any]:
        """What is saved, with the id that the view has there."""
        return {**(self.values or {}), **({"id": self.key} if self.source is not None else {})}


class Views:
    """Decides on changes of saved views; every mistake goes to `checking`."""

    def __init__(self, checking: Checking) -> None:
        self._checking = checking

    def saved(
        self, save: Sequence[Mapping[str, Any]], remove: Sequence[str], sources: Sequence[str] | None
    ) -> list[Change]:
        """What has a global id goes to its own source, what has a name to each that is chosen, or that can."""
        if not save and not remove:
            self._checking.wrong("", "Say what to save or to remove.", MistakeCode.REQUIRED)
        wishes = [one for at, values in enumerate(save) if (one := self._save(f"save.{at}", values)) is not None]
        wishes += [self._remove(f"remove.{at}", given) for at, given in enumerate(remove)]
        chosen = self._checking.that_can(Kind.SAVED_VIEW, Action.REPLACE, sources)
        self._check_chosen(wishes, [source.name for source, _ in chosen])
        named = [(source.name, resource_name(Kind.SAVED_VIEW, resource)) for source, resource in chosen]
        return [
            _change(source, name, own) for source, name in named if (own := [w for w in wishes if w.is_for(source)])
        ]

    def _save(self, field: str, values: Mapping[str, Any]) -> _Wish | None:
        own = {name: value for name, value in values.items() if name != "id"}
        if values.get("id") is not None:
            found = self._checking.ident(f"{field}.id", str(values["id"]), Kind.SAVED_VIEW)
            return None if found is None or found.ref is None else _Wish(field, found.ref.id, found.ref.source, own)
        if not str(own.get("name") or "").strip():
            self._checking.wrong(
                f"{field}.name", "A new view has a name; one that is there an id.", MistakeCode.REQUIRED
            )
        return _Wish(field, str(own.get("name")), None, own)

    def _remove(self, field: str, given: str) -> _Wish:
        """A global id of a view, or else a name."""
        try:
            found = decode(given)
        except InputError:
            return _Wish(field, given, None, None)
        if found.ref is None or found.kind is not Kind.SAVED_VIEW:
            self._checking.ident(field, given, Kind.SAVED_VIEW)
            return _Wish(field, given, None, None)
        return _Wish(field, found.ref.id, found.ref.source, None)

    def _check_chosen(self, wishes: Sequence[_Wish], chosen: Sequence[str]) -> None:
        for one in wishes:
            if one.source is not None and one.source not in chosen:
                self._checking.wrong(one.field, f"This view is one of {one.source}, which is not in `sources`.")


def _change(source: str, resource: str, wishes: Sequence[_Wish]) -> Change:
    save = tuple(one.saved for one in wishes if one.values is not None)
    remove = tuple(one.key for one in wishes if one.values is None)
    return Change(source, resource, Action.REPLACE, save=save, remove=remove)
