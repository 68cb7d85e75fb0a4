"""The image and the composition: nothing runs as root, nothing is reachable from elsewhere, every file named exists."""

import inspect
import json
import re
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from crmgraph.config.loading import load
from crmgraph.connectors import catalog
from crmgraph.demo.bigcontacts import bigcontacts
from crmgraph.demo.concord import concord
from crmgraph.demo.leadconnector import leadconnector
from crmgraph.demo.orgcrm import orgcrm
from crmgraph.demo.simulator import Simulator

ROOT = Path(__file__).parents[2]
SIMULATORS: dict[str, Callable[..., Simulator]] = {
    "bigcontacts": bigcontacts,
    "concord": concord,
    "orgcrm": orgcrm,
    "leadconnector": leadconnector,
}


def read_yaml(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(ROOT / name)


COMPOSE = read_yaml("docker-compose.yml")
SERVICES = COMPOSE["services"]
SOURCES = read_yaml("deploy/crmgraph.yaml")["sources"]
TOKENS = {
    name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
    for name, value in SERVICES["gateway"]["environment"].items()
    if name.endswith(("_TOKEN", "_KEY"))
}

each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, each as its word and the rest."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    lines = (line.strip().partition(" ") for line in text.splitlines() if line.strip())
    return [(word.upper(), rest.strip()) for word, _, rest in lines]


def said(word: str) -> list[str]:
    return [rest for each, rest in instructions() if each == word]


def final_stage() -> dict[str, str]:
    """The last value of each instruction after the last FROM."""
    words = [word for word, _ in instructions()]
    start = len(words) - words[::-1].index("FROM")
    return dict(instructions()[start:])


def let_through(path: str) -> bool:
    """Whether .dockerignore sends a path to the builder: the last pattern that fits it decides."""
    answer = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#") and fnmatch(path, line.removeprefix("!")):
            answer = line.startswith("!")
    return answer


def test_each_base_image_is_named_with_its_version() -> None:
    bases = {line.partition(" ")[0] for line in said("FROM")}
    assert bases
    assert all(re.fullmatch(r"python:3\.\d+(\.\d+)?-slim-\w+", base) for base in bases)


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    user, group = final_stage()["USER"].split(":")
    assert int(user) > 0
    assert int(group) > 0


def test_the_image_starts_the_program_without_a_shell() -> None:
    assert json.loads(final_stage()["ENTRYPOINT"]) == ["crmgraph"]
    assert json.loads(final_stage()["CMD"])[0] == "serve"


def test_the_image_asks_itself_whether_it_is_alive() -> None:
    options, _, command = final_stage()["HEALTHCHECK"].partition(" CMD ")
    python, flag, program = json.loads(command)
    assert (python, flag) == ("python", "-c")
    assert "/livez" in program
    compile(program, "HEALTHCHECK", "exec")
    assert "--timeout=" in options


def test_everything_installed_is_checked_against_a_lock_or_was_built_here() -> None:
    installs = [step for line in said("RUN") for step in line.split("&&") if re.search(r"\bpip\b.* install ", step)]
    assert installs
    assert all("--require-hashes" in step or "--no-index" in step for step in installs)
    assert all("--no-deps" in step for step in installs)


def test_every_file_that_is_copied_exists_and_is_sent_to_the_builder() -> None:
    copied = [path for line in said("COPY") if not line.startswith("--from") for path in line.split()[:-1]]
    assert "src" in copied
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert [path for path in copied if not let_through(path)] == []


@pytest.mark.parametrize("path", [".git", ".venv", ".env", "crmgraph.yaml", "deploy/crmgraph.yaml", "tests"])
def test_nothing_else_is_sent_to_the_builder(path: str) -> None:
    assert not let_through(path)


def test_the_image_holds_no_secret() -> None:
    set_there = " ".join(said("ENV") + said("ARG"))
    assert not re.search(r"token|secret|password|key", set_there, re.IGNORECASE)


@each_service
def test_a_service_may_do_no_more_than_it_needs(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "user" not in service


@each_service
def test_a_service_is_reachable_from_this_machine_only(service: dict[str, Any]) -> None:
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert "network_mode" not in service


@each_service
def test_a_service_tells_whether_it_is_healthy(service: dict[str, Any]) -> None:
    word, python, flag, program = service["healthcheck"]["test"]
    assert (word, python, flag) == ("CMD", "python", "-c")
    compile(program, "healthcheck", "exec")


def test_the_gateway_starts_once_the_simulators_are_healthy() -> None:
    assert SERVICES["gateway"]["depends_on"] == {"simulators": {"condition": "service_healthy"}}
    assert set(SERVICES["simulators"]["networks"]) <= set(SERVICES["gateway"]["networks"])


def test_the_simulators_can_reach_nobody() -> None:
    assert "ports" not in SERVICES["simulators"]
    assert all(COMPOSE["networks"][name]["internal"] for name in SERVICES["simulators"]["networks"])


def test_every_mounted_file_exists_is_read_only_and_is_the_one_that_is_served() -> None:
    mount, store = SERVICES["gateway"]["volumes"]
    name, where = store.split(":")
    assert name in COMPOSE["volumes"]
    assert f"/{where.strip('/')}/" in SERVICES["gateway"]["environment"]["CRMGRAPH__STORE__URL"]
    here, there, mode = mount.split(":")
    assert (ROOT / here).is_file()
    assert mode == "ro"
    assert there in SERVICES["gateway"]["command"]


def test_the_sources_live_at_the_simulators_ports() -> None:
    first = int(SERVICES["simulators"]["command"][-1])
    hosts = [source["base_url"].split("/")[2] for source in SOURCES.values()]
    assert hosts == [f"simulators:{first + place}" for place in range(len(SIMULATORS))]
    assert list(SOURCES) == list(SIMULATORS)


def test_a_token_is_only_ever_a_variable_and_the_composition_sets_it() -> None:
    names = [re.fullmatch(r"\$\{(\w+)\}", source["token"]) for source in SOURCES.values()]
    (key,) = read_yaml("deploy/crmgraph.yaml")["auth"]["keys"].values()
    assert {name[1] for name in names if name} | {key["key"][2:-1]} == set(TOKENS)


def test_the_configuration_has_no_mistake() -> None:
    settings = load(ROOT / "deploy" / "crmgraph.yaml", TOKENS, catalog)
    assert [source.name for source in settings.sources] == list(SIMULATORS)
    assert settings.auth is not None, "It listens beyond its own container."


@pytest.mark.parametrize("name", SIMULATORS)
def test_what_a_source_says_of_itself_is_what_its_simulator_expects(name: str) -> None:
    given = SOURCES[name] | {"token": TOKENS[SOURCES[name]["token"][2:-1]]}
    expected = {key: each.default for key, each in inspect.signature(SIMULATORS[name]).parameters.items()}
    for key in {"token", "org_id", "location_id"} & set(expected):
        assert given[key] == expected[key]
