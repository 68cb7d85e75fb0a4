"""The lock files: complete, hashed, and silent about where packages come from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = PROJECT["project"]["dependencies"]
TOOLS = PROJECT["dependency-groups"]["test"]
EXTRAS = [
    one
    for name, each in PROJECT["project"]["optional-dependencies"].items()
    for one in each
    if name != "scale"  # The engines for more people than one machine holds: nothing that a server needs.
]
LOCK = "requirements.lock"
IMAGE_LOCK = "deploy/requirements.lock"

both = pytest.mark.parametrize("name", [LOCK, IMAGE_LOCK])


def lines_of(name: str) -> list[str]:
    """The file's requirements, each with its hashes on one line; comments are left out."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def locked(name: str) -> dict[str, tuple[Requirement, frozenset[str]]]:
    """What the file pins: name → the requirement and its hashes."""
    pins: dict[str, tuple[Requirement, frozenset[str]]] = {}
    for line in lines_of(name):
        written, *hashes = re.split(r"\s+--hash=", line)
        requirement = Requirement(written)
        pins[canonicalize_name(requirement.name)] = (requirement, frozenset(hashes))
    return pins


@both
def test_every_requirement_is_pinned_to_one_version_with_its_hashes(name: str) -> None:
    for requirement, hashes in locked(name).values():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement


@both
def test_no_line_is_an_option_or_an_address(name: str) -> None:
    assert "://" not in (ROOT / name).read_text()
    assert [line for line in lines_of(name) if line.startswith("-")] == []


@pytest.mark.parametrize(("name", "asked"), [(LOCK, RUNTIME + TOOLS), (IMAGE_LOCK, RUNTIME)])
def test_every_dependency_is_locked_at_a_version_that_it_allows(name: str, asked: list[str]) -> None:
    pins = locked(name)
    for dependency in map(Requirement, asked):
        pinned, _ = pins[canonicalize_name(dependency.name)]
        (version,) = (one.version for one in pinned.specifier)
        assert dependency.specifier.contains(version, prereleases=True), dependency


def test_what_builds_the_project_is_among_the_tools() -> None:
    """The environment is made without a build of its own, so the build's requirements must be there."""
    built_with = {Requirement(each).name for each in PROJECT["build-system"]["requires"]}
    assert built_with <= {Requirement(each).name for each in TOOLS}


def test_the_image_gets_the_same_versions_and_none_of_the_tools() -> None:
    everything, image = locked(LOCK), locked(IMAGE_LOCK)
    assert {name: hashes for name, (_, hashes) in everything.items() if name in image} == {
        name: hashes for name, (_, hashes) in image.items()
    }
    tools = {canonicalize_name(Requirement(each).name) for each in TOOLS}
    extras = {canonicalize_name(Requirement(each).name) for each in EXTRAS}
    assert not (tools - extras) & set(image)
    assert extras <= set(image), "A composition may use PostgreSQL, Redis and a collector of traces."
