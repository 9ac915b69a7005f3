"""A test run leaves nothing behind and, if it was killed, nothing that stops the next one."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests import run_folders
from tests.conftest import may_differ, some_cases

START = "from tests.run_folders import folder_of_this_run as make; print(make(), flush=True); input()"


class Run:
    def __init__(self, machine: Path) -> None:
        """Start a run in a process, on a machine with the given folder for temporary files."""
        environment = {name: value for name, value in os.environ.items() if name != run_folders.VARIABLE}
        self.process = subprocess.Popen(
            [sys.executable, "-c", START],
            cwd=Path(__file__).resolve().parents[1],
            env=environment | {"TMPDIR": str(machine)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.folder = Path(self.process.stdout.readline().strip())

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def end(self) -> None:
        self.process.communicate("\n")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Run]]:
    started: list[Run] = []

    def start() -> Run:
        started.append(Run(tmp_path))
        return started[-1]

    yield start
    for run in started:
        run.kill()


def test_a_run_has_a_folder_that_is_gone_afterwards(start):
    run = start()
    assert run.folder.is_dir()
    run.end()
    assert not run.folder.exists()


def test_the_next_run_removes_what_a_killed_one_left_and_not_what_another_uses(start):
    killed, other = start(), start()
    killed.kill()
    assert killed.folder.is_dir()
    run = start()
    assert [one.folder.exists() for one in (killed, other, run)] == [False, True, True]
    assert run.folder != other.folder


def test_processes_of_a_run_share_its_folder(monkeypatch):
    monkeypatch.setenv(run_folders.VARIABLE, "/a/folder")
    assert run_folders.folder_of_this_run() == Path("/a/folder")


def test_a_quick_run_has_the_first_and_the_last_case():
    many = [Mock(nodeid=f"test_x.py::test_many[{number}]") for number in range(8)]
    two = [Mock(nodeid=f"test_x.py::test_two[{number}]") for number in range(2)]
    one = Mock(nodeid="test_x.py::test_one")
    assert some_cases([*many, *two, one]) == [many[0], many[7], *two, one]


@pytest.mark.django_db(transaction=True)
def test_what_commits_may_differ_between_databases(request):
    assert may_differ(request.node)


@pytest.mark.django_db
def test_a_page_does_not_differ_between_databases(request):
    assert not may_differ(request.node)
