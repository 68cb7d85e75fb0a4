"""The peers that come from npm, each installed once into a folder that git does not see."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".bench"


@dataclass(frozen=True, slots=True)
class Package:
    """What npm installs for one peer.

    `overrides` are versions that are set instead of found; `proof` is the file, below `node_modules`, that is run.
    """

    name: str
    wanted: Mapping[str, str]
    proof: str
    overrides: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return CACHE / self.name

    @property
    def program(self) -> Path:
        return self.home / "node_modules" / self.proof

    @property
    def manifest(self) -> str:
        told = {"private": True, "dependencies": dict(self.wanted), "overrides": dict(self.overrides)}
        return json.dumps(told, indent=2)


def install(package: Package) -> str | None:
    """Install a peer where it is missing or another version; what stands in the way comes back as a sentence."""
    stamp = package.home / "made-from"
    if stamp.exists() and stamp.read_text() == package.manifest:
        return None
    if shutil.which("npm") is None:
        return f"{package.name} comes from npm, and npm is not on the PATH."
    shutil.rmtree(package.home, ignore_errors=True)
    package.home.mkdir(parents=True)
    (package.home / "package.json").write_text(package.manifest)
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=package.home, capture_output=True, text=True)
    if done.returncode or not package.program.exists():
        return f"npm could not install {package.name}: {done.stderr.strip()[-300:]}"
    stamp.write_text(package.manifest)
    return None
