"""Packages that only this benchmark needs, each fetched once into a folder that git does not see."""

import subprocess
import sys
from pathlib import Path

from bench.installing import CACHE

HOME = CACHE / "identity"


def fetched(proof: Path, *packages: str) -> str | None:
    """Fetch packages where `proof`, which lies in one of them, is missing; what stands in the way comes back as a
    sentence.
    """
    if proof.exists():
        return None
    uv = [str(Path(sys.executable).with_name("uv")), "--system-certs", "pip", "install", "--quiet", "--no-deps"]
    done = subprocess.run([*uv, "--target", str(HOME), "--python", sys.executable, *packages], capture_output=True)
    if done.returncode:
        return f"{packages[0]} could not be fetched: {done.stderr.decode().strip()[-300:]}"
    return None
