"""`bin/install` with a Python that only records what it is told to install: everything in a .venv is updated."""

import os
import shutil
import subprocess

import pytest

from tests.test_docs import ROOT

PYTHON = """#!/bin/sh
case "$*" in
    *" -r "*) echo "${*##* }" >> log ;;
    "-m venv "*) [ -z "${FAIL:-}" ] || exit 1; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
esac
"""
LOCKS = {"requirements.txt", "requirements-dev.txt", "requirements-s3.txt", "requirements-otel.txt"}


class Folder:
    def __init__(self, folder) -> None:
        self.here, self.python = folder / "site", folder / "python"
        (self.here / "bin").mkdir(parents=True)
        shutil.copy(ROOT / "bin/install", self.here / "bin/install")
        self.python.write_text(PYTHON)
        self.python.chmod(0o755)
        self.release("1")

    def release(self, version: str) -> None:
        for lock in LOCKS:
            (self.here / lock).write_text(f"it=={version}\n")

    def install(self, *what: str, status: int = 0, **environment: str) -> list[str]:
        """Return the lock files that were installed from."""
        (self.here / "log").write_text("")
        done = subprocess.run(
            [self.here / "bin/install", *what],
            env=os.environ | {"PYTHON": str(self.python), **environment},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return (self.here / "log").read_text().split()


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


def test_what_was_installed_once_is_brought_up_to_date_with_the_rest(folder):
    assert folder.install() == ["requirements.txt"]
    assert folder.install("s3") == ["requirements-s3.txt"]
    assert folder.install() == folder.install("s3") == []
    folder.release("2")
    assert folder.install() == ["requirements.txt", "requirements-s3.txt"]
    assert folder.install("otel") == ["requirements-otel.txt"]


def test_a_venv_that_is_made_anew_has_all_that_the_old_one_had(folder):
    folder.install("s3")
    (folder.here / ".venv/bin/python").unlink()
    assert folder.install(status=1, FAIL="1") == []
    assert folder.install() == ["requirements.txt", "requirements-s3.txt"]


@pytest.mark.parametrize(("package", "what"), [("storages", "s3"), ("opentelemetry/sdk", "otel")])
def test_packages_that_were_installed_by_hand_are_known_too(folder, package, what):
    folder.install()
    (folder.here / ".venv/lib/python3.11/site-packages" / package).mkdir(parents=True)
    assert folder.install() == [f"requirements-{what}.txt"]


def test_the_packages_of_tests_have_those_of_all_in_them(folder):
    assert folder.install("s3") == ["requirements.txt", "requirements-s3.txt"]
    assert folder.install("dev") == ["requirements-dev.txt"]
    (folder.here / ".venv/lib/python3.11/site-packages/opentelemetry/sdk").mkdir(parents=True)
    assert folder.install() == folder.install("s3") == []


def test_another_word_is_refused(folder):
    assert folder.install("s4", status=1) == []
