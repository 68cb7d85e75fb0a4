"""What the HTTP face asks of the graph, and what it is told: the only words the two faces share."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from crmgraph.service.callers import ANYBODY, Caller
from crmgraph.service.errands import Urgency


@dataclass(frozen=True, slots=True)
class Question:
    """The parameters of a GraphQL request, their shapes checked and nothing more.

    Without a `query` there is a `document_id`, or a hash among the extensions.
    """

    query: str | None
    variables: Mapping[str, Any] | None = None
    operation_name: str | None = None
    extensions: Mapping[str, Any] | None = None
    document_id: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """How it was asked: the HTTP method, the headers the graph may care for, the seconds the caller will wait, and who
    the caller is.

    `headers` has lower-case names. A GET may only read: the graph answers a mutation with `needs_post`. Who may not
    introspect is not told the schema. `urgency` is what the caller said; that a mutation goes first the graph sees.
    """

    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    deadline: float | None = None
    may_introspect: bool = True
    caller: Caller = ANYBODY
    urgency: Urgency = Urgency.INTERACTIVE

    @property
    def reads_only(self) -> bool:
        """Whether executing anything but a query is forbidden."""
        return self.method != "POST"


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL response: `errors` are formatted already.

    `executed` is False when the document did not parse, validate or coerce; then there is no `data` at all.
    `needs_post` is True when the operation was refused because it is not a query and `Asked.reads_only` held.
    """

    data: Any | None = None
    errors: tuple[dict[str, Any], ...] = ()
    extensions: dict[str, Any] | None = None
    executed: bool = True
    needs_post: bool = False
    kept: MutableMapping[Any, bytes] = field(default_factory=dict, compare=False, repr=False)
    """The answer in bytes, by how it is packed: several callers may be given one."""


class Graph(Protocol):
    """What executes GraphQL.

    A caller who hangs up cancels `execute`; a graph that is writing shields the write itself.
    """

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        extensions: Mapping[str, Any] | None,
        request: Asked,
    ) -> Answer:
        """Answers one request; raises Overloaded when there is no room for it.

        Any other exception becomes a 500 that tells nothing of itself.
        """
        ...
