"""The rules between CRMs: what they name is looked up in the definitions of both sources before anything runs."""

from collections.abc import Iterator, Mapping

from crmgraph.config.sections import CrossRuleSection, CustomFieldSection
from crmgraph.connectors.definition import Definition, Resource
from crmgraph.connectors.shapes import unknown
from crmgraph.connectors.trees import Keys, Mistake, Node, Place, Scalar, Sequence
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.domain.naming import NAMES
from crmgraph.service.cross_rules import COPIED, CUSTOM, PUSHED, CrossRule, top_of, turns, type_of
from crmgraph.service.writing.suiting import has_room

WHOLE = "customFields"
"""Stands for each custom field that the configuration names for both sources."""

Definitions = Mapping[str, Definition | None]

_KNOWN = tuple(name for name, one in FIELDS[Kind.CONTACT].items() if one.type in COPIED)


def cross_rule(name: str, section: CrossRuleSection, custom: Mapping[str, CustomFieldSection]) -> CrossRule:
    """A rule without mistakes as the service runs it."""
    given = section.fields if isinstance(section.fields, dict) else {one: one for one in section.fields}
    pairs = [(said, to) for said, told in given.items() for to in ([told] if isinstance(told, str) else told)]
    both = [key for key, one in custom.items() if {section.source, section.target} <= one.sources.keys()]
    spread = [
        pair
        for said, to in pairs
        for pair in ([(CUSTOM + key, CUSTOM + key) for key in both] if WHOLE in (said, to) else [(said, to)])
    ]
    constants = {to: tuple(one) if isinstance(one, list) else (one,) for to, one in section.constants.items()}
    push = tuple(PUSHED[one] for one in dict.fromkeys(section.push))
    return CrossRule(
        name, section.source, section.target, tuple(spread), constants, section.create, push, section.assignee
    )


def mismatched(section: Node | None, definitions: Definitions) -> list[Mistake]:
    """The mistakes of rules that are well written but name what there is not, or what cannot be told there."""
    rules = section.nodes.values() if isinstance(section, Keys) else ()
    return [mistake for rule in rules if isinstance(rule, Keys) for mistake in _of(rule, definitions)]


def _of(rule: Keys, definitions: Definitions) -> Iterator[Mistake]:
    source, target = (_text(rule.nodes.get(key)) for key in ("from", "to"))
    if source is not None and source == target:
        yield rule.nodes["to"].place.mistake(f"A rule leads to another source; `{target}` is where it comes from.")
    known, there = (_contacts(definitions.get(name or "")) for name in (source, target))
    fields = rule.nodes.get("fields")
    if isinstance(fields, Keys | Sequence) and not fields.nodes:
        yield fields.place.mistake("`fields` is empty; name at least one, for example `emails`.")
    for place, said, told_at, told in _pairs(fields):
        yield from _pair(place, said, told_at, told, source, known, target, there)
    constants = rule.nodes.get("constants")
    for name in constants.nodes if isinstance(constants, Keys) else ():
        assert isinstance(constants, Keys)
        yield from _target(constants.places[name], name, target, there)
    yield from _pushed(rule.nodes.get("push"), (source, target), definitions)


def _pairs(fields: Node | None) -> Iterator[tuple[Place, str, Place, str]]:
    """Each field of the source and each of the target that it goes to, with their places."""
    if isinstance(fields, Sequence):
        names = [one for one in fields.nodes if isinstance(one, Scalar)]
        yield from ((one.place, one.text, one.place, one.text) for one in names)
    for said, node in fields.nodes.items() if isinstance(fields, Keys) else ():
        assert isinstance(fields, Keys)
        for one in node.nodes if isinstance(node, Sequence) else (node,):
            if isinstance(one, Scalar):
                yield fields.places[said], said, one.place, one.text


def _pair(
    place: Place,
    said: str,
    told_at: Place,
    told: str,
    source: str | None,
    known: Resource | None,
    target: str | None,
    there: Resource | None,
) -> Iterator[Mistake]:
    wrong = [*_named(place, said), *(_named(told_at, told) if place != told_at else ())]
    yield from wrong
    if wrong:
        return
    if known is not None and not _fills(known, top_of(said)):
        yield place.mistake(f"{source} has no `{said}` of a contact, so there is nothing to be told.")
    yield from _room(told_at, told, target, there)
    types = type_of(Kind.CONTACT, said), type_of(Kind.CONTACT, told)
    if (WHOLE in (said, told) and said != told) or (None not in types and not turns(*types)):  # type: ignore[arg-type]
        yield told_at.mistake(f"`{told}` cannot say what `{said}` says; they are of different types.")


def _target(place: Place, name: str, target: str | None, there: Resource | None) -> Iterator[Mistake]:
    wrong = list(_named(place, name))
    yield from wrong
    if wrong:
        return
    type = type_of(Kind.CONTACT, name)
    if name == WHOLE or type is None or not turns(type_of(Kind.CONTACT, "jobTitle"), type):  # type: ignore[arg-type]
        yield place.mistake(f"`{name}` cannot be a constant; texts, tags and customFields.KEY can.")
    yield from _room(place, name, target, there)


def _named(place: Place, name: str) -> Iterator[Mistake]:
    """Whether it is a field that means the same everywhere."""
    if name == CUSTOM:
        yield place.mistake(f"`{CUSTOM}` lacks its key; write {CUSTOM}KEY with a key of `custom_fields`.")
    elif type_of(Kind.CONTACT, name) is None:
        yield place.mistake(unknown(name, (*_KNOWN, f"{CUSTOM}KEY")))
    elif type_of(Kind.CONTACT, name) not in COPIED:
        yield place.mistake(f"`{name}` belongs to its own source and means nothing in another; leave it out.")


def _room(place: Place, name: str, target: str | None, there: Resource | None) -> Iterator[Mistake]:
    if there is not None and not has_room(there, top_of(name)):
        yield place.mistake(f"{target} has no room for `{name}` of a contact, or cannot be told it.")


def _pushed(push: Node | None, sources: tuple[str | None, str | None], definitions: Definitions) -> Iterator[Mistake]:
    for one in push.nodes if isinstance(push, Sequence) else ():
        kind = PUSHED.get(_text(one) or "")
        for name, needs in zip(sources, (_hangs, _is_made), strict=True):
            definition = definitions.get(name or "")
            if kind is not None and definition is not None and not any(map(needs, definition.of_kind(kind))):
                yield one.place.mistake(f"{name} has no {kind}s of a person that a rule could use.")


def _hangs(resource: Resource) -> bool:
    return Kind.CONTACT in resource.spec.of


def _is_made(resource: Resource) -> bool:
    return resource.spec.create is not None or resource.spec.append is not None


def _contacts(definition: Definition | None) -> Resource | None:
    return next(iter(definition.of_kind(Kind.CONTACT)), None) if definition is not None else None


def _fills(resource: Resource, name: str) -> bool:
    return name in resource.lenses or (name in NAMES and not NAMES.isdisjoint(resource.lenses))


def _text(node: Node | None) -> str | None:
    return node.data if isinstance(node, Scalar) and isinstance(node.data, str) else None
