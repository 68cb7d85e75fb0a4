"""The load: wrk, which asks questions in turn over so many connections for so many seconds."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson

NEEDED = "apt-get install wrk"

PATIENCE = 60
"""Seconds for which the answers under way are waited for."""

_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True)
class Heard:
    """What the clients saw: answers, seconds until the last of them, how many failed, latencies in milliseconds."""

    requests: int
    seconds: float
    failed: int
    p50: float
    p99: float


def missing() -> str | None:
    """What the load lacks on this machine, as a sentence."""
    return None if shutil.which("wrk") else f"The load needs wrk: {NEEDED}"


def load(url: str, questions: Sequence[bytes], connections: int, seconds: float) -> Heard:
    """Ask the questions (bodies of JSON, each on one line) again and again, and wait for the last answers."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{int(seconds) + PATIENCE}s", f"--timeout={PATIENCE}s"]
    with NamedTemporaryFile() as bodies:
        bodies.write(b"\n".join(questions) + b"\n")
        bodies.flush()
        told = {"BENCH_QUESTIONS": bodies.name, "BENCH_SECONDS": str(seconds)}
        command += ["-s", str(_SCRIPT), url]
        done = subprocess.run(command, env={**os.environ, **told}, capture_output=True, text=True, check=True)
    return Heard(**orjson.loads(done.stdout.splitlines()[-1]))
