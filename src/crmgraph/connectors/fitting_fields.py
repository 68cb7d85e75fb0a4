"""Whether a field's mapping can be compiled, and gives what its type takes."""

from collections.abc import Iterator

from crmgraph.connectors.lines import Step, parse_line, parse_steps
from crmgraph.connectors.mapping import block_of, lines_of
from crmgraph.connectors.shapes import Path, unknown
from crmgraph.connectors.spec import Block, DefinitionSpec, Paths
from crmgraph.connectors.values import PARTS
from crmgraph.domain.errors import DefinitionError
from crmgraph.domain.model import Field

_WAYS = ("read", "const", "each", "map", "rest", "format", "spread")
_BELONGS = {
    "where": ("each",),
    "key": ("each",),
    "table": ("each", "map", "rest"),
    "combine": ("read",),
    "otherwise": ("words",),
    "beside": ("read", "each", "object", "spread"),
}
"""Words that mean something only beside one of others."""


def field_findings(spec: DefinitionSpec, at: Path, field: Field, given: Paths | Block) -> Iterator[tuple[Path, str]]:
    """What is wrong with the mapping of one field."""
    block = block_of(given)
    yield from _shape(block, at)
    for word in ("spread", "beside") if at[-1] != "write" else ():
        if getattr(block, word) is not None:
            yield (*at, word), f"`{word}` says how a field is written, so it belongs into its `write`."
    for path, steps in (block.spread or {}).items():
        yield from (((*at, "spread", path), message) for message in step_findings(spec, steps))
    known = PARTS.get(field.type, ())
    yield from (((*at, "object", part), unknown(part, known)) for part in block.object or {} if part not in known)
    homes = [line for line in (block.each, block.map) if line is not None]
    homes += [block.where.path] if block.where is not None else []
    for line in [*lines_of(block), *homes]:
        yield from ((at, message) for message in line_findings(spec, line))
    yield from (((*at, "then"), message) for message in step_findings(spec, block.then))
    if isinstance(block.write, Block):
        yield from field_findings(spec, (*at, "write"), field, block.write)
    elif block.write not in (None, "none"):
        yield from (((*at, "write"), message) for message in line_findings(spec, block.write))
    if block.table is not None and block.table not in spec.tables:
        yield (*at, "table"), unknown(block.table, spec.tables)
    said = [*(block.words or {}).values(), *([block.otherwise] if block.otherwise is not None else [])]
    said += [str(block.const)] if block.const is not None else []
    for word in said if field.values is not None else ():
        if word not in (field.values or ()):
            yield at, unknown(word, field.values or ())
    inner = [parse for parse in (block.object or {}).values() if isinstance(parse, str)]
    if block.key is not None and block.object is not None and block.key not in inner:
        yield (
            (*at, "key"),
            f"`{block.key}` is what tells the elements apart, so one part of `object` must be read from it.",
        )


def _shape(block: Block, at: Path) -> Iterator[tuple[Path, str]]:
    said = [name for name in _WAYS if getattr(block, name) is not None]
    if len(said) > 1:
        yield at, f"`{said[0]}` and `{said[1]}` exclude each other; keep one."
    if said and block.object is not None and said != ["each"]:
        yield at, f"`object` goes alone or with `each`, not with `{said[0]}`."
    if not said and block.object is None:
        yield at, f"This field says nothing; write a path, or one of {', '.join(_WAYS)}, object."
    for word, others in _BELONGS.items():
        if getattr(block, word) is not None and all(getattr(block, other) is None for other in others):
            yield (*at, word), f"`{word}` means something only beside {' or '.join(f'`{one}`' for one in others)}."


def line_findings(spec: DefinitionSpec, line: str | None, at_hand: bool = True) -> Iterator[str]:
    """What is wrong with one mapping line; vocabularies are not `at_hand` where a record is not yet a record."""
    try:
        steps = parse_line(line or "").steps
    except DefinitionError as wrong:
        yield wrong.message
        return
    yield from _named(spec, steps, at_hand)


def step_findings(spec: DefinitionSpec, calls: str | None, at_hand: bool = True) -> Iterator[str]:
    """What is wrong with a chain of transforms."""
    try:
        steps = parse_steps(calls)
    except DefinitionError as wrong:
        yield wrong.message
        return
    yield from _named(spec, steps, at_hand)


def _named(spec: DefinitionSpec, steps: tuple[Step, ...], at_hand: bool) -> Iterator[str]:
    for step, argument in steps:
        if step.takes in ("table", "setting") and not at_hand:
            yield f"`{step.name}` cannot be used here, where no vocabulary and no setting is at hand."
        elif step.takes == "table" and argument not in spec.tables:
            yield unknown(argument, spec.tables)
        elif step.takes == "setting" and argument not in spec.settings:
            yield unknown(argument, spec.settings)
