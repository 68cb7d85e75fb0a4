"""Compression: who is given it, who is not, and who is told that nothing suits."""

import gzip
import json
import subprocess
import sys
from typing import Any

import httpx
import pytest
from tests.web.tiny import Fixed, client

from crmgraph.web.coding import PAYS, Coding, coding
from crmgraph.web.graph import Answer

EITHER, GZIP, PLAIN = Coding.EITHER, Coding.GZIP, Coding.PLAIN

WANTED: list[tuple[str, Coding | None]] = [
    ("", PLAIN),
    ("gzip", EITHER),
    ("GZIP", EITHER),
    ("x-gzip", EITHER),
    ("gzip, deflate, br, zstd", EITHER),
    ("br;q=1.0, gzip;q=0.8, *;q=0.1", EITHER),
    ("*", EITHER),
    ("br, *;q=0.001", EITHER),
    ("gzip;q=0.001", EITHER),
    ("gzip, identity", EITHER),
    ("identity;q=0.5, gzip;q=0.5", EITHER),
    ("gzip , ;q=1,", EITHER),
    ("br", PLAIN),
    ("deflate, zstd", PLAIN),
    ("identity", PLAIN),
    ("identity, gzip;q=0.5", PLAIN),
    ("gzip;q=0", PLAIN),
    ("gzip;q=0.000, *", PLAIN),
    ("*;q=0, identity", PLAIN),
    ("identity;q=0.001, *;q=0", PLAIN),
    ("gzip;q=2", PLAIN),
    ("gzip;q=-1", PLAIN),
    ("gzip;q=much", PLAIN),
    ("gzip;q=", PLAIN),
    ("gzip;q=nan", PLAIN),
    ("gzipped", PLAIN),
    ("g zip", PLAIN),
    (";;,,", PLAIN),
    ("\xff\xfe", PLAIN),
    ("gzip, identity;q=0", GZIP),
    ("gzip;q=0.1, *;q=0", GZIP),
    ("*, identity;q=0", GZIP),
    ("identity;q=0", None),
    ("*;q=0", None),
    ("br, *;q=0", None),
    ("gzip;q=0, identity;q=0", None),
    ("gzip;q=0, *;q=0", None),
]


@pytest.mark.parametrize(("header", "wanted"), WANTED)
def test_what_a_caller_takes_is_read_off_its_header(header: str, wanted: Coding | None) -> None:
    assert coding(header.encode("latin-1")) is wanted


LARGE = Answer({"text": "Tamarind " * 1000})
SMALL = Answer({"text": "Tamarind"})


async def asked(answer: Answer, accepted: str | None) -> tuple[httpx.Response, bytes]:
    """The response, and the bytes of its body as they came."""
    headers = {} if accepted is None else {"accept-encoding": accepted}
    async with client(Fixed(answer)) as http:
        del http.headers["accept-encoding"]
        async with http.stream("POST", "/graphql", json={"query": "{ hello }"}, headers=headers) as response:
            return response, b"".join([chunk async for chunk in response.aiter_raw()])


@pytest.mark.parametrize("answer", [LARGE, SMALL], ids=["large", "small"])
@pytest.mark.parametrize(
    "accepted", [None, *sorted({header for header, wanted in WANTED if header.isascii() and wanted})]
)
async def test_an_answer_comes_as_it_was_asked_for_and_says_so(answer: Answer, accepted: str | None) -> None:
    response, body = await asked(answer, accepted)
    wanted = coding((accepted or "").encode())
    is_packed = wanted is GZIP or (wanted is EITHER and answer is LARGE)
    assert response.status_code == 200
    assert response.headers["vary"] == "Accept, Accept-Encoding"
    assert response.headers.get("content-encoding") == ("gzip" if is_packed else None)
    assert int(response.headers["content-length"]) == len(body)
    assert json.loads(gzip.decompress(body) if is_packed else body) == {"data": answer.data}
    assert len(body) < PAYS or not is_packed


async def test_an_answer_that_fits_a_packet_is_not_packed() -> None:
    for size, is_packed in ((PAYS - 1, False), (PAYS, True)):
        padding = "x" * (size - len('{"data":""}'))
        response, _ = await asked(Answer(padding), "gzip")
        assert ("content-encoding" in response.headers) is is_packed


@pytest.mark.parametrize("accepted", [header for header, wanted in WANTED if wanted is None])
async def test_who_takes_nothing_we_have_is_told_before_anything_is_done(accepted: str) -> None:
    graph: Any = Fixed(RuntimeError("it was asked"))
    async with client(graph) as http:
        response = await http.post("/graphql", json={"query": "{ hello }"}, headers={"accept-encoding": accepted})
    assert response.status_code == 406
    [error] = response.json()["errors"]
    assert error["message"] == "We answer in gzip or unpacked; let Accept-Encoding allow one of them."


async def test_two_headers_are_one_list() -> None:
    async with client(Fixed(LARGE)) as http:
        del http.headers["accept-encoding"]
        headers = [("accept-encoding", "br"), ("accept-encoding", "gzip")]
        response = await http.post("/graphql", json={"query": "{ hello }"}, headers=headers)
    assert response.headers["content-encoding"] == "gzip"


async def test_errors_are_packed_like_data_and_keep_their_status() -> None:
    answer = Answer(errors=tuple({"message": "It does not parse."} for _ in range(100)), executed=False)
    async with client(Fixed(answer)) as http:
        headers = {"accept": "application/graphql-response+json", "accept-encoding": "gzip"}
        response = await http.post("/graphql", json={"query": "{"}, headers=headers)
    assert (response.status_code, response.headers["content-encoding"]) == (400, "gzip")
    assert len(response.json()["errors"]) == 100


async def test_the_consoles_files_obey_the_same_header() -> None:
    async with client() as http:
        for accepted, packing in (("gzip;q=0", None), ("br", None), ("gzip", "gzip"), ("identity;q=0", None)):
            response = await http.get("/console/graphiql.min.css", headers={"accept-encoding": accepted})
            assert (response.status_code, response.headers.get("content-encoding")) == (200, packing)


def test_without_the_quick_library_the_standard_one_packs() -> None:
    program = (
        "import gzip, sys; sys.modules['isal'] = None; from crmgraph.web.coding import packed; "
        "assert 'zlib' in sys.modules; print(gzip.decompress(packed(b'Tamarind')).decode())"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "Tamarind\n"
