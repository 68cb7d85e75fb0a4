"""The peers that come from npm, installed once into a folder that git does not see."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".bench"


@dataclass(frozen=True, slots=True)
class Package:
    """What npm installs for one peer: packages, and versions of what they need that are set instead of found."""

    folder: str
    wanted: Mapping[str, str]
    overrides: Mapping[str, str]
    proof: Sequence[str]

    @property
    def home(self) -> Path:
        return CACHE / self.folder

    @property
    def program(self) -> Path:
        """The file that is run, which is there when the installation was finished."""
        return self.home.joinpath("node_modules", *self.proof)


TAILCALL = Package(
    "tailcall",
    {"@tailcallhq/core-linux-x64-gnu": "1.0.0"},
    {},
    ("@tailcallhq", "core-linux-x64-gnu", "bin", "tailcall"),
)


def install(package: Package) -> str | None:
    """Install a peer where it is missing; what stands in the way comes back as a sentence."""
    if package.program.exists():
        return None
    if shutil.which("npm") is None:
        return f"{package.folder} comes from npm, and npm is not on the PATH."
    package.home.mkdir(parents=True, exist_ok=True)
    told = {"private": True, "dependencies": dict(package.wanted), "overrides": dict(package.overrides)}
    (package.home / "package.json").write_text(json.dumps(told, indent=2))
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=package.home, capture_output=True, text=True)
    if done.returncode or not package.program.exists():
        return f"npm could not install {package.folder}: {done.stderr.strip()[-300:]}"
    return None
