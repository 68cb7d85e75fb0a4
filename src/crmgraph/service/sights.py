"""What of the sources a caller may see: which of them, and which fields not.

What is out of sight is not there: a source that may not be seen is never asked, and a field that is hidden is as one
that the CRM does not have. So nothing of it can show through joining, choosing, sorting, filtering, counting or an
error.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from crmgraph.connectors.definition import Definition
from crmgraph.connectors.hiding import without
from crmgraph.domain.errors import Forbidden
from crmgraph.domain.filtering import CUSTOM_PREFIX, Filter, conditions
from crmgraph.domain.model import Kind
from crmgraph.domain.naming import NAMES
from crmgraph.service.custom import CustomFields
from crmgraph.service.ports import Source


@dataclass(frozen=True, slots=True)
class Sight:
    """`sources` are names, None for all; `hidden` are fields of kinds in the graph's words, or `customFields.KEY`."""

    sources: frozenset[str] | None = None
    hidden: frozenset[tuple[Kind, str]] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is out of sight."""
        return self.sources is None and not self.hidden

    def shows(self, source: str) -> bool:
        """Whether a source may be seen."""
        return self.sources is None or source in self.sources

    def hides(self, kind: Kind, field: str) -> bool:
        """Whether a field, or a custom field as `customFields.KEY`, is hidden."""
        if not self.hidden:
            return False
        return bool({field, field.partition(".")[0]} & _hidden_of(self, kind))

    def hides_some_of(self, kind: Kind) -> bool:
        """Whether anything of a kind is hidden."""
        return bool(self.hidden) and bool(_hidden_of(self, kind))

    def refuse_hidden(self, kind: Kind, fields: Collection[str], what: str) -> None:
        """Raise Forbidden where one of the fields is hidden; `what` begins the sentence."""
        for name in fields:
            if self.hides(kind, name):
                raise Forbidden(f"{what} `{name}`, which is hidden from you.")

    def refuse_question(self, kind: Kind, filter: Filter | None, order: str | None, text: str | None) -> None:
        """Raise Forbidden for a list that would tell of what is hidden by who is in it, or where."""
        if not self.hides_some_of(kind):
            return
        if text is not None:
            raise Forbidden(
                f"You may not search {kind} records by free text: CRMs look into fields that are hidden from you."
            )
        if filter is not None:
            self.refuse_hidden(kind, [one.field for one in conditions(filter)], "The filter looks at")
        self.refuse_hidden(kind, () if order is None else [order], "The order is by")


EVERYTHING = Sight()
"""The sight of those from whom nothing is hidden."""


@lru_cache(maxsize=4096)
def _hidden_of(sight: Sight, kind: Kind) -> frozenset[str]:
    """The hidden fields of a kind, with those that would tell them."""
    named = frozenset(name for one, name in sight.hidden if one is kind)
    if "fullName" in named:
        return named | NAMES
    return named | {"fullName"} if named & NAMES else named


def hidden_fields(sight: Sight) -> Mapping[Kind, frozenset[str]]:
    """Kind → all its hidden fields."""
    return {kind: _hidden_of(sight, kind) for kind in {kind for kind, _ in sight.hidden}}


def seen(source: Source, sight: Sight, custom: CustomFields) -> Source:
    """A source as it is seen: with its hidden fields gone from its definition."""
    hidden = hidden_fields(sight)
    if not hidden:
        return source
    definition: Definition = without(source.reader.definition, hidden, _keys_hidden(source.name, custom))
    return source.seen_as(definition)


def _keys_hidden(source: str, custom: CustomFields) -> Callable[[Collection[str], str], bool]:
    """Whether a source's own key of a custom field is one of some hidden `customFields.KEY`."""

    def is_hidden(hidden: Collection[str], theirs: str) -> bool:
        return f"{CUSTOM_PREFIX}{custom.key_of(source, theirs)}" in hidden

    return is_hidden
