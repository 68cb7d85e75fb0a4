"""./dev: what it says, and how it makes the environment; the Python it finds here is a fake that installs nothing."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEV = ROOT / "dev"
SHELLS = [path for path in map(shutil.which, ("sh", "dash", "bash")) if path]
TOOLS = ("awk", "cat", "chmod", "cksum", "cp", "dirname", "env", "find", "mkdir", "readlink", "rm", "sh", "touch")

# Stands in for an interpreter, its venv, its pip and the uv that pip installs; each writes down what it was asked.
FAKE = """\
#!/bin/sh
printf '%s\\n' "$(basename "$0") $*" >>"$FAKE_LOG"
case "$*" in
    -ISc*) echo 'a version' ;;
    -c*'version_info[:2]'*) echo 3.12 ;;
    -c*) ;;
    '-m venv --without-pip'*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
    *' --version' | *ensurepip*) [ "$FAKE_BROKEN" != everything ] ;;
    *install*)
        case "$(basename "$0") $FAKE_BROKEN" in uv*uv* | python*pip*) exit 1 ;; esac
        if [ "$(basename "$0")" != uv ]; then cp "$0" "$FAKE_VENV/bin/uv"; fi
        ;;
    '-m crmgraph'* | '-m tests.chaos'* | '-m tests.faults'* | '-m bench'*) printf '%s|' "$PWD" "$@" ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A checkout in a folder with a space in its name, called through a link, and a PATH with one interpreter on it."""

    home: Path

    @property
    def venv(self) -> Path:
        return self.home / "check out" / ".venv"

    @property
    def log(self) -> str:
        return (self.home / "log").read_text()

    def run(self, *arguments: str, broken: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": str(self.home / "bin"),
            "FAKE_LOG": str(self.home / "log"),
            "FAKE_VENV": str(self.venv),
            "FAKE_BROKEN": broken,
            **more,
        }
        command = [str(self.home / "link"), *arguments]
        return subprocess.run(command, cwd=self.home, env=environment, capture_output=True, text=True)

    def asked(self, what: str) -> int:
        return sum(what in line for line in self.log.splitlines())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    checkout, tools = tmp_path / "check out", tmp_path / "bin"
    checkout.mkdir()
    tools.mkdir()
    shutil.copy(DEV, checkout)
    (checkout / "requirements.lock").write_text("other==1 --hash=x\nuv==1 \\\n    --hash=y\nzero==1 --hash=z\n")
    (tmp_path / "link").symlink_to("second link")
    (tmp_path / "second link").symlink_to(checkout / "dev")
    (tmp_path / "log").touch()
    for name in (*TOOLS, "basename"):
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    (tools / "python3.12").write_text(FAKE)
    (tools / "python3.12").chmod(0o755)
    return Machine(tmp_path)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_here_can_read_it(shell: str) -> None:
    assert subprocess.run([shell, "-n", DEV], capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("arguments", [[], ["help"], ["-h"], ["--help"]], ids=str)
def test_without_a_command_it_says_on_standard_output_what_it_can_do(shell: str, arguments: list[str]) -> None:
    done = subprocess.run([shell, DEV, *arguments], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ./dev COMMAND")
    commands = ("demo", "crmgraph", "test", "chaos", "faults", "bench", "lint", "lock")
    assert all(f"  {command} " in done.stdout for command in commands)


def test_an_unknown_command_is_refused_before_anything_is_made(machine: Machine) -> None:
    done = machine.run("tset")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "dev: There is no command 'tset'; './dev help' lists those there are.\n"
    assert not machine.venv.exists()


def test_it_is_executable() -> None:
    assert os.access(DEV, os.X_OK)


def test_it_hands_over_every_argument_as_it_was_and_stays_where_the_caller_is(machine: Machine) -> None:
    done = machine.run("demo", "--once", "a b", "*")
    assert done.stdout == f"{machine.home}|-m|crmgraph|demo|--once|a b|*|"
    assert machine.run("crmgraph", "check").stdout == f"{machine.home}|-m|crmgraph|check|"


def test_the_grid_of_faults_runs_in_the_projects_folder_with_its_arguments(machine: Machine) -> None:
    assert machine.run("faults", "--fault", "hang").stdout == f"{machine.venv.parent}|-m|tests.faults|--fault|hang|"


def test_chaos_runs_in_the_projects_folder_with_its_arguments(machine: Machine) -> None:
    assert machine.run("chaos", "--seed", "7").stdout == f"{machine.venv.parent}|-m|tests.chaos|--seed|7|"


def test_bench_runs_in_the_projects_folder_with_its_arguments(machine: Machine) -> None:
    assert machine.run("bench", "--quick").stdout == f"{machine.venv.parent}|-m|bench|--quick|"


def test_the_environment_is_made_once(machine: Machine) -> None:
    assert "Making .venv" in machine.run("demo").stderr
    assert machine.run("demo").stderr == ""
    assert machine.asked("-m venv") == 1


def test_the_environment_is_made_anew_when_the_lock_changes(machine: Machine) -> None:
    machine.run("demo")
    (machine.venv / "left over").touch()
    (machine.venv.parent / "requirements.lock").write_text("uv==2 --hash=x\n")
    assert machine.run("demo").returncode == 0
    assert machine.asked("-m venv") == 2
    assert not (machine.venv / "left over").exists()


def test_the_program_is_compiled_after_each_change_for_who_forbids_python_to_keep_bytecode(machine: Machine) -> None:
    program = machine.venv.parent / "src" / "program.py"
    program.parent.mkdir()
    program.touch()
    machine.run("demo")
    assert machine.asked("compileall") == 0
    for _ in range(2):
        assert machine.run("crmgraph", PYTHONDONTWRITEBYTECODE="1").returncode == 0
    assert machine.asked("compileall") == 1
    later = (machine.venv / "compiled").stat().st_mtime + 1
    os.utime(program, (later, later))
    machine.run("demo", PYTHONDONTWRITEBYTECODE="1")
    assert machine.asked("compileall") == 2


def test_everything_is_installed_with_hashes_and_the_installer_comes_first(machine: Machine) -> None:
    machine.run("demo")
    first, second, project = (line for line in machine.log.splitlines() if " install " in line)
    assert "--require-hashes" in first
    assert first.endswith("uv.lock")
    assert (machine.venv / "uv.lock").read_text() == "uv==1 \\\n    --hash=y\n"
    assert second.startswith("uv ")
    assert "--require-hashes" in second
    assert project.endswith(f"--no-build-isolation -e {machine.venv.parent}")


def test_pip_installs_everything_when_uv_cannot(machine: Machine) -> None:
    done = machine.run("demo", broken="uv")
    assert done.returncode == 0
    assert "pip tries now" in done.stderr
    assert (machine.venv / "made-from").exists()


def test_an_environment_that_could_not_be_finished_is_made_again(machine: Machine) -> None:
    done = machine.run("demo", broken="uv pip")
    assert done.returncode == 1
    assert "The environment could not be made" in done.stderr
    assert machine.run("demo").returncode == 0
    assert machine.asked("-m venv") == 2


def test_without_pip_and_ensurepip_it_names_the_package_that_brings_them(machine: Machine) -> None:
    done = machine.run("demo", broken="everything")
    assert done.returncode == 1
    assert done.stderr.endswith("on Debian: apt-get install python3.12-venv\n")


def test_without_an_interpreter_it_says_what_to_install(machine: Machine) -> None:
    (machine.home / "bin" / "python3.12").unlink()
    done = machine.run("demo")
    assert (done.returncode, done.stdout) == (1, "")
    assert "No Python of 3.11 or newer" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr
