"""Documents: what YAML text means, and how every mistake in it is told."""

from enum import StrEnum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from crmgraph.connectors.documents import MOST, DefinitionMistakes, Mistake, Mistakes, json_schema, parse, validate
from crmgraph.domain.errors import ConfigError, DefinitionError


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Color(StrEnum):
    RED = "red"
    GREEN = "green"


class ByName(Strict):
    name: str
    size: int = 1


class ByRange(Strict):
    start: int = Field(description="The first number.")
    stop: int


class Paint(Strict):
    color: Color | None = None
    finish: Literal["matt", "gloss"] = "matt"
    coats: int = Field(1, ge=1)
    tags: list[str] = []
    source: str | list[str] | ByName | ByRange | None = None
    parts: dict[Literal["roof", "wall"], ByName] = {}
    held_in: list[Any] = Field([], alias="in")
    drying: float = 1.0
    washable: bool = True
    note: str = ""

    @field_validator("note")
    @classmethod
    def _known(cls, note: str, info: ValidationInfo) -> str:
        if note and note not in (info.context or ()):
            raise ValueError(f"There is no note `{note}`; write one of {', '.join(info.context or ())}.")
        return note


class ConfigLike(Mistakes, ConfigError):
    """An error class that the caller chooses."""


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("# only a comment", None),
        ("on: no", {"on": "no"}),
        ("{yes: off, no: NO, y: n}", {"yes": "off", "no": "NO", "y": "n"}),
        ("[true, False, null, ~, '', 'true', \"1\"]", [True, False, None, None, "", "true", "1"]),
        ("[1, -2, +3, 0x1F, 0o17, 007, 1_000, 12:30]", [1, -2, 3, 31, 15, 7, "1_000", "12:30"]),
        ("[1.5, .5, 1e3, -1.25E-2, 1., 1e999, .inf, .nan]", [1.5, 0.5, 1000.0, -0.0125, 1.0, "1e999", ".inf", ".nan"]),
        ("at: 2026-01-02", {"at": "2026-01-02"}),
        ("{1: a, true: b, null: c}", {"1": "a", "true": "b", "null": "c"}),
        ("a: !!str 5", {"a": "5"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: |\n  one\n  two\nb: >\n  three\n  four\n", {"a": "one\ntwo\n", "b": "three four\n"}),
        ("n: " + "9" * 400, {"n": "9" * 400}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
    ],
)
def test_text_is_read_by_the_core_schema_of_yaml_1_2(text: str, data: Any) -> None:
    assert parse(text, "f.yaml").data == data


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1: `a` is written twice in one mapping, first on line 1; keep one."),
        ("a: [1", "f.yaml:1:6: This is not YAML: expected ',' or ']', but got '<stream end>'."),
        (
            "a: {b: ${C}}",
            "f.yaml:1:9: This is not YAML: expected ',' or '}', but got '{'; "
            'within braces write "${NAME}" in quotes.',
        ),
        ("a: b: c", "f.yaml:1:5: This is not YAML: mapping values are not allowed here."),
        ("a: !secret b", "f.yaml:1:4: Tags such as `!name` mean nothing here; write the plain value."),
        ("? [1]\n: 2", "f.yaml:1:3: A list or mapping cannot be a key; write a text."),
        ("a\n---\nb", "f.yaml:2:1: A second document starts here; write one document a file."),
        ("a: *b", "f.yaml:1:4: `*b` stands for nothing: no `&b` is complete before it."),
        ("&a [*a]", "f.yaml:1:5: `*a` stands for nothing: no `&a` is complete before it."),
        ("[" * 60, "f.yaml:1:51: This nests deeper than 50 levels."),
        ('"\\ud800"', "f.yaml:1:1: This text holds half a character (a lone surrogate); write the whole character."),
        ('"\\UFFFFFFFF"', "f.yaml:1:1: This is not YAML: Python int too large to convert to C int."),
        ("a\0b", "f.yaml:1:1: This is not YAML: unacceptable character #x0000: special characters are not allowed."),
        ("x" * (MOST + 1), "f.yaml:1:1: This text is longer than 1048576 bytes, the most that is read."),
    ],
)
def test_text_that_cannot_be_read_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(DefinitionMistakes) as caught:
        parse(text, "f.yaml")
    assert str(caught.value) == told


def test_anchors_that_multiply_the_text_are_stopped() -> None:
    """Nine levels of nine aliases each would be 387 million texts."""
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    with pytest.raises(DefinitionMistakes, match="With its anchors written out this text is longer than 2097152"):
        parse("\n".join(lines), "f.yaml")


def test_everything_written_can_be_found_again() -> None:
    document = parse("one:\n  two:\n    - a\n    - {b: c}\n", "f.yaml")
    assert (document.place(("one", "two", 1, "b")).line, document.place(("one", "two", 1, "b")).column) == (4, 11)
    assert document.key_place(("one", "two")).column == 3
    assert document.place(("one", "nothing", "deeper")) == document.place(("one",))
    assert document.node(("one", 0)) is None


def test_a_mistake_under_an_anchor_is_told_where_it_is_written_and_once() -> None:
    text = "parts:\n  roof: &one {nam: x}\n  wall: *one\n"
    with pytest.raises(DefinitionMistakes) as caught:
        validate(Paint, parse(text, "f.yaml"))
    assert [str(each) for each in caught.value.mistakes] == [
        "f.yaml:2:15: `nam` is not known here; did you mean `name`? Known: name, size."
    ]


def test_what_fits_becomes_the_model() -> None:
    text = "color: red\nsource: {start: 1, stop: 2}\nparts: {roof: {name: a}}\nin: [1, x]\ndrying: 2\nnote: hi"
    paint = validate(Paint, parse(text, "f.yaml"), context=("hi",))
    assert paint == Paint.model_validate(
        {
            "color": Color.RED,
            "source": ByRange(start=1, stop=2),
            "parts": {"roof": ByName(name="a")},
            "in": [1, "x"],
            "drying": 2.0,
            "note": "hi",
        },
        context=("hi",),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1:1: This document should be a mapping of keys to values, but nothing is written here."),
        ("[1]", "1:1: This document should be a mapping of keys to values, but a list is written here."),
        (
            "colour: red",
            "1:1: `colour` is not known here; did you mean `color`? "
            "Known: coats, color, drying, finish, in, note, parts, source, tags, washable.",
        ),
        ("color: gren", "1:8: `gren` is not known here; did you mean `green`? Known: green, red."),
        ("color: [red]", "1:8: `color` should be one of red, green, but a list is written here."),
        ("finish: glos", "1:9: `glos` is not known here; did you mean `gloss`? Known: gloss, matt."),
        ("finish: 1", "1:9: `finish` should be one of matt, gloss, but the number `1` is written here."),
        ("coats: two", "1:8: `coats` should be a whole number, but the text `two` is written here."),
        ("coats: '2'", "1:8: `coats` should be a whole number, but the text `2` is written here."),
        ("coats: 2.5", "1:8: `coats` should be a whole number, but the number `2.5` is written here."),
        ("coats: 0", "1:8: `coats` should be greater than or equal to 1, but the number `0` is written here."),
        ("drying: {}", "1:9: `drying` should be a number, but a mapping is written here."),
        ("washable: yes", "1:11: `washable` should be true or false, but the text `yes` is written here."),
        ("tags: x", "1:7: `tags` should be a list, but the text `x` is written here."),
        ("tags: [x, 1]", "1:11: Item 2 of `tags` should be a text, but the number `1` is written here."),
        (
            "source: 5",
            "1:9: `source` should be a text or a list or a mapping of keys to values, "
            "but the number `5` is written here.",
        ),
        ("source: [5]", "1:10: Item 1 of `source` should be a text, but the number `5` is written here."),
        ("source: {name: x, sise: 3}", "1:19: `sise` is not known here; did you mean `size`? Known: name, size."),
        ("source: {stop: 3}", "1:1: `start` is missing here: The first number."),
        ("source: {strat: 1, stop: 3}", "1:10: `strat` is not known here; did you mean `start`? Known: start, stop."),
        ("parts: {rof: {name: x}}", "1:9: `rof` is not known here; did you mean `roof`? Known: roof, wall."),
        ("parts: {roof: {}}", "1:9: `name` is missing here."),
        ("note: x", "1:7: There is no note `x`; write one of hi, ho."),
        ("tags: " + "x" * 60, f"1:7: `tags` should be a list, but the text `{'x' * 39}…` is written here."),
    ],
)
def test_a_value_that_does_not_fit_is_told_in_one_sentence(text: str, told: str) -> None:
    with pytest.raises(DefinitionMistakes) as caught:
        validate(Paint, parse(text, "f.yaml"), context=("hi", "ho"))
    assert str(caught.value) == f"f.yaml:{told}"


def test_all_mistakes_are_told_at_once_in_the_order_of_the_text() -> None:
    with pytest.raises(ConfigLike) as caught:
        validate(Paint, parse("wahsable: true\ncoats: x\nparts: {roof: 1}\n", "f.yaml"), ConfigLike)
    assert [each.line for each in caught.value.mistakes] == [1, 2, 3]
    assert caught.value.code == "BAD_CONFIG"


def test_the_caller_chooses_whose_turn_it_is() -> None:
    with pytest.raises(ConfigLike):
        parse("a: [", "f.yaml", ConfigLike)
    with pytest.raises(DefinitionError):
        parse("a: [", "f.yaml")


def test_a_mistake_without_a_line_is_about_the_whole() -> None:
    assert str(Mistake("f.yaml", 0, 0, "It is gone.")) == "f.yaml: It is gone."


def test_the_schema_for_editors_is_draft_2020_12_and_speaks_of_written_names() -> None:
    schema = json_schema(Paint)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "in" in schema["properties"]
    assert schema["additionalProperties"] is False


SNIPPETS = [
    *("a", "color", "source", "parts", "name", ": ", "\n", "  ", "- ", "[", "]", "{", "}", ",", "? ", "\t", "#"),
    *("&x ", "*x", "!t ", "|", ">", "'", '"', "\\", "%YAML 1.2\n", "---\n", "...\n", "1e5", "0x", "${A}"),
    *("\ufeff", "\x85", "é", "\0"),
]


@given(st.text() | st.lists(st.sampled_from(SNIPPETS), max_size=25).map("".join))
def test_no_text_makes_reading_fail_in_any_other_way(text: str) -> None:
    try:
        validate(Paint, parse(text, "f.yaml"))
        mistakes: tuple[Mistake, ...] = ()
    except Mistakes as wrong:
        mistakes = wrong.mistakes
    assert all(each.line >= 1 and each.column >= 1 and each.message.endswith((".", "?")) for each in mistakes)
