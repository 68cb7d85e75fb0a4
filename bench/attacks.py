"""Bad input, made from a seed: broken bodies, questions that a schema allows and nobody asks, dear documents."""

import json
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

Mutation = Callable[[Random, bytes], bytes]

VALID = (
    {"query": '{contact(by: {email: "maria.fernandez@tamarind.example.org"}) {displayName jobTitle}}'},
    {"query": "query ($n: Int!) {contacts(first: $n) {nodes {id emails {value}}}}", "variables": {"n": 5}},
    {"query": "query a {tags {name}} query b {users {name}}", "operationName": "b"},
    {"query": "{...f} fragment f on Query {sources {name quota {window}}}", "extensions": {"x": [1, None, True]}},
    {
        "query": "query ($f: ContactFilter) {contacts(first: 3, filter: $f) {nodes {displayName}}}",
        "variables": {"f": {"or": [{"jobTitle": {"contains": "a"}}, {"not": {"tags": {"eq": "vip"}}}]}},
    },
    {"query": 'mutation {createTag(input: {name: "new", dryRun: true}) {results {outcome} userErrors {message}}}'},
)
"""Requests that are right, which others are made of."""

ODD = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"{" * 300,
    b"[" * 2000,
    b'"',
    b"NaN",
    b"1e999",
    b"9" * 400,
    b"$",
    b"\\u0000",
)


def _random(random: Random, body: bytes) -> bytes:
    return random.randbytes(random.randrange(1, 300))


def _cut(random: Random, body: bytes) -> bytes:
    return body[: random.randrange(len(body))]


def _flipped(random: Random, body: bytes) -> bytes:
    held = bytearray(body)
    for _ in range(random.randrange(1, 6)):
        held[random.randrange(len(held))] = random.randrange(256)
    return bytes(held)


def _odd(random: Random, body: bytes) -> bytes:
    at = random.randrange(len(body))
    return body[:at] + random.choice(ODD) + body[at + random.randrange(3) :]


def _twice(random: Random, body: bytes) -> bytes:
    at, length = random.randrange(len(body)), random.randrange(1, 80)
    return body[:at] + body[at : at + length] * random.randrange(2, 60) + body[at:]


def _crossed(random: Random, body: bytes) -> bytes:
    other = _encoded(random.choice(VALID))
    return body[: random.randrange(len(body))] + other[random.randrange(len(other)) :]


def _retyped(random: Random, body: bytes) -> bytes:
    """Right JSON in which one part is of another type."""
    request: dict[str, Any] = dict(random.choice(VALID))
    values = (
        None,
        True,
        7,
        -1.5,
        "",
        "x",
        [],
        {},
        [dict(request)],
        {"a": {"b": []}},
        "\u0000",
        "\U0001f600",
        2**63,
        10**30,
    )
    request[random.choice(("query", "variables", "operationName", "extensions"))] = random.choice(values)
    return _encoded(request)


def _worded(random: Random, body: bytes) -> bytes:
    """Right JSON around a document whose words were shuffled."""
    request: dict[str, Any] = dict(random.choice(VALID))
    words = request["query"].replace("{", " { ").replace("}", " } ").split()
    for _ in range(random.randrange(1, 4)):
        words.insert(random.randrange(len(words)), words.pop(random.randrange(len(words))))
    request["query"] = " ".join(words)
    return _encoded(request)


MUTATIONS: tuple[Mutation, ...] = (_random, _cut, _flipped, _odd, _twice, _crossed, _retyped, _worded)
"""The ways in which a body goes wrong, each as often as the others."""


def bodies(seed: int, count: int) -> Iterator[bytes]:
    """So many bodies, the same ones for the same seed."""
    random = Random(seed)
    for number in range(count):
        yield MUTATIONS[number % len(MUTATIONS)](random, _encoded(random.choice(VALID)))


def cases(schema: str, seed: int, count: int) -> list[bytes]:
    """So many requests that a schema allows, as schemathesis makes them up; `schema` is printed."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st

    nodes = schemathesis.graphql.nodes
    any_text = st.text(max_size=20).map(nodes.String)
    schemathesis.graphql.scalar("Decimal", st.one_of(st.floats().map(lambda one: nodes.String(str(one))), any_text))
    schemathesis.graphql.scalar("JSON", st.one_of(st.integers().map(nodes.Int), any_text))
    strategy = schemathesis.graphql.from_file(schema).as_strategy()
    made: list[bytes] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def collect(case: Any) -> None:
        made.append(_encoded({"query": case.body}))

    collect()
    return made


def _encoded(request: Mapping[str, Any]) -> bytes:
    return json.dumps(request).encode()


PAGES = "a page in pages of pages"
BOMB = "a bomb of fragments"
"""The two that are known best: a few letters that ask for a million things."""


def dear(repeat: int) -> Mapping[str, str]:
    """Documents that take long to be parsed, validated, compiled or answered, by what is much in them."""
    n = range(repeat)
    few = range(min(repeat, 60))
    chained = [f"fragment f{i} on Query {{...f{i + 1} ...f{i + 1}}}" for i in range(min(repeat, 25))]
    end = f"fragment f{len(chained)} on Query {{sources {{name}}}}"
    return {
        "a page in a page": "{contacts(first:100){nodes{tasks(first:50){nodes{title}}}}}",
        PAGES: "{contacts(first:100){nodes{company{contacts(first:100){nodes{tasks(first:100){nodes{id}}}}}}}}",
        BOMB: "{...f0}" + " ".join(chained) + end,
        "a circle of fragments": "{...f0}" + " ".join(f"fragment f{i} on Query {{...f{(i + 1) % repeat}}}" for i in n),
        "fragments in all others": "{...f0}"
        + " ".join(f"fragment f{i} on Query {{{' '.join(f'...f{k}' for k in few[i + 1 :])} __typename}}" for i in few),
        "fields": "{" + " ".join(f"a{i}" for i in n) + "}",
        "aliases": "{" + " ".join(f"a{i}:__typename" for i in n) + "}",
        "one field again and again": "{" + "sources{name}" * repeat + "}",
        "one name for fields that differ": "{" + "".join(f"a:contacts(first:{i}){{nodes{{id}}}}" for i in n) + "}",
        "fragments of one field": "{contacts{nodes{"
        + "".join(f"...f{i} " for i in n)
        + "}}}"
        + "".join(f"fragment f{i} on Contact{{id}}" for i in n),
        "unknown types": "{" + "".join(f"...on ContactImportRowProblemXyz{i}{{id}}" for i in n) + "}",
        "unknown arguments": "{contacts(" + " ".join(f"frst{i}:1" for i in n) + "){nodes{id}}}",
        "unknown input fields": "{contacts(filter:{" + " ".join(f"emal{i}:1" for i in n) + "}){nodes{id}}}",
        "unknown words": "{contacts(orderBy:[" + "".join(f"{{field:X{i}}}" for i in n) + "]){nodes{id}}}",
        "variables": "query(" + " ".join(f"$v{i}:Int" for i in n) + "){sources{name}}",
        "directives": "{sources " + "@include(if:true)" * repeat + "{name}}",
        "operations": " ".join(f"query q{i}{{sources{{name}}}}" for i in n),
        "texts": "{contacts(sources:[" + '"x" ' * repeat + "]){nodes{id}}}",
        "conditions": "{contacts(filter:{or:[" + '{email:{eq:"x"}}' * repeat + "]}){nodes{id}}}",
        "a long name": "{" + "a" * 40 * repeat + "}",
        "a long text": '{contacts(search:"' + "x" * 40 * repeat + '"){nodes{id}}}',
        "nesting": "{contacts{nodes" + "{company{contacts{nodes" * repeat + "{id}" + "}}}" * repeat + "}}",
        "nested lists": "{contacts(sources:" + "[" * repeat + "]" * repeat + "){nodes{id}}}",
        "the schema, wide": "{" + "".join(f"a{i}:__schema{{types{{fields{{name}}}}}}" for i in n) + "}",
        "the schema, beside": "{sources{name}__schema{types{fields{name type{name}}}}}",
        "all of a page": "{contacts(first:100){nodes{" + "".join(f"a{i}:displayName " for i in range(290)) + "}}}",
    }
