"""Which rules fit which field: to unite takes a list, and only consent has a most restrictive value."""

from collections.abc import Iterator

from crmgraph.connectors.trees import Keys, Mistake, Node, Scalar
from crmgraph.domain.model import FIELDS, FieldType, Kind

LISTS = frozenset(
    {
        FieldType.EMAILS,
        FieldType.PHONES,
        FieldType.ADDRESSES,
        FieldType.TAGS,
        FieldType.CUSTOM,
        FieldType.LINKS,
        FieldType.OPTIONS,
    }
)


def misfits(section: Node | None) -> Iterator[Mistake]:
    """The mistakes of rules that are well written but cannot choose a value of their field."""
    for name, node in section.nodes.items() if isinstance(section, Keys) else ():
        field = FIELDS[Kind.CONTACT].get(name)
        rule = node.nodes.get("rule") if isinstance(node, Keys) else node
        if field is None or not isinstance(rule, Scalar):
            continue
        if rule.data == "union" and field.type not in LISTS:
            yield rule.place.mistake(
                f"`union` joins lists, but `{name}` holds one value; write most_trusted or most_recent."
            )
        if rule.data == "most_restrictive" and field.type is not FieldType.CONSENT:
            yield rule.place.mistake(
                f"`most_restrictive` is for consent, not for `{name}`; write most_trusted or most_recent."
            )
