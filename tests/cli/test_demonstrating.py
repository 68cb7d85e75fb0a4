"""demo and simulators: one merged person, readable anywhere, and nothing left behind."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.cli.running import Stage, crmgraph

from crmgraph.cli.portrait import WIDTH, Row
from crmgraph.domain.model import Kind
from crmgraph.service.ids import decode


def test_once_shows_one_person_with_each_values_source_and_the_calls(capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "demo", "--once")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert sum(line.startswith("  record ") for line in lines) == 4
    assert re.search(
        r"\n  jobTitle +Chief Technology Officer +concord  \(spelling changing\)\n +not VP Engineering +big", said.out
    )
    assert re.search(r"\n  tag +vip +leadconnector, concord, bigcontacts, orgcrm\n", said.out)
    assert "\x1b" not in said.out
    assert max(map(len, lines)) <= 100
    together = re.search(r"with their tasks took (\d+) calls: .*\n.* would have taken (\d+)\.", said.out)
    assert together
    assert int(together[1]) * 2 < int(together[2])


def test_a_row_is_plain_text() -> None:
    assert str(Row("tag", "vip", "concord", "union")) == f"  tag            {'vip':<{WIDTH}}  concord  (union)"
    assert str(Row("", "not x", "", lost=True)) == "                 not x"


def test_a_port_in_use_is_told_before_anything_else(capsys: pytest.CaptureFixture[str], crms: Stage) -> None:
    port = crms.urls["orgcrm"].rpartition(":")[2]
    said = crmgraph(capsys, "demo", "--port", port)
    assert (said.code, said.out) == (2, "")
    assert said.err == f"Cannot listen on port {port}: Address already in use; name another with --port.\n"


def test_simulators_tell_which_ports_are_taken(capsys: pytest.CaptureFixture[str], crms: Stage) -> None:
    first = int(crms.urls["orgcrm"].rpartition(":")[2])
    said = crmgraph(capsys, "simulators", "--ports-from", str(first))
    assert said.code == 2
    assert said.err == f"Cannot listen on 127.0.0.1, ports {first} to {first + 3}: Address already in use.\n"


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "crmgraph", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    ) as program:
        try:
            yield program
        finally:
            program.kill()


def test_the_console_stays_until_it_is_interrupted() -> None:
    with started("demo", "--port", "0") as program:
        assert program.stderr is not None
        said = [program.stderr.readline() for _ in range(2)][-1]
        address = re.match(r"The console is open at (http://127\.0\.0\.1:\d+)/ ", said)
        assert address, said
        with urllib.request.urlopen(f"{address[1]}/livez", timeout=20) as answer:
            assert answer.status == 200
        program.send_signal(signal.SIGINT)
        assert program.wait(20) == 0
        assert program.stderr.read() == ""
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", int(address[1].rpartition(":")[2])), 5):
        pass


def test_the_console_of_the_demo_keeps_what_a_server_keeps() -> None:
    """A person has the id that stays, which a store gives."""
    with started("demo", "--port", "0") as program:
        assert program.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", [program.stderr.readline() for _ in range(2)][-1])
        assert address
        question = "query={contact(by:{email:%22maria.fernandez@tamarind.example.org%22}){id}}"
        with urllib.request.urlopen(f"{address[0]}/graphql?{question}", timeout=20) as answer:
            ident = json.load(answer)["data"]["contact"]["id"]
        assert (decode(ident).kind, decode(ident).ref) == (Kind.CONTACT, None)
        program.send_signal(signal.SIGINT)
        assert (program.wait(20), program.stderr.read()) == (0, "")


def test_an_interruption_at_the_beginning_leaves_no_trace() -> None:
    with started("demo", "--once") as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        program.send_signal(signal.SIGINT)
        assert program.wait(20) in (0, 130)
        assert "Traceback" not in program.stderr.read()
