"""The load: wrk, which sends one question over so many connections for so many seconds."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NEEDED = "apt-get install wrk"
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True)
class Heard:
    """What the clients saw: requests that were answered, of these the failed ones, and latencies in milliseconds."""

    requests: int
    seconds: float
    failed: int
    p50: float
    p99: float


def missing() -> str | None:
    """What the load lacks on this machine, as a sentence."""
    return None if shutil.which("wrk") else f"The load needs wrk: {NEEDED}"


def load(url: str, question: str, connections: int, seconds: int) -> Heard:
    """Ask one question again and again."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(_SCRIPT), url]
    body = json.dumps({"query": question})
    done = subprocess.run(
        command, env={**os.environ, "BENCH_BODY": body}, capture_output=True, text=True, check=True, timeout=seconds + 30
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return Heard(
        told["requests"], told["micros"] / 1e6, told["failed"], told["p50"] / 1000, told["p99"] / 1000
    )
