"""`bin/update` with a real git and a site that only records calls: it updates, or rolls back."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.test_docs import ROOT

PYTHON = """#!/bin/sh
echo "$*" | tr '\\n' ' ' | cut -c1-60 >> "$LOG"
[ "$1" != -c ] || [ $# -lt 3 ] || echo "answers $3 $4" >> "$LOG"
case "$*" in
    *print*) echo "${KEPT:-/kept}" ;;
    *"manage.py backup"*)
        [ -z "${SITE:-}" ] || { cd "$SITE" && exec "$REAL_PYTHON" "$@"; }
        [ -z "${FAIL_BACKUP:-}" ] || exit 1
        echo "/kept/long-table-20261129-030000.zip (1.2 MB)" ;;
    *"manage.py prepare"*) [ "$(cat version)" != new ] || [ -z "${FAIL_PREPARE:-}" ] || exit 1 ;;
    *"manage.py check"*) [ -z "${FAIL_CHECK:-}" ] || exit 1 ;;
esac
"""


class Site:
    def __init__(self, folder) -> None:
        self.origin, self.here, self.log = folder / "origin", folder / "site", folder / "log"
        self.origin.mkdir()
        self.git("init", "--quiet", "--initial-branch=main", at=self.origin)
        (self.origin / "bin").mkdir()
        shutil.copy(ROOT / "bin/update", self.origin / "bin/update")
        (self.origin / "bin/install").write_text('#!/bin/sh\necho install >> "$LOG"\n')
        (self.origin / "bin/install").chmod(0o755)
        (self.origin / ".gitignore").write_text(".venv\n")
        self.release("old")
        self.git("clone", "--quiet", str(self.origin), str(self.here), at=folder)
        python = self.here / ".venv/bin/python"
        python.parent.mkdir(parents=True)
        python.write_text(PYTHON)
        python.chmod(0o755)

    def git(self, *command: str, at) -> str:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
        return subprocess.run(
            ["git", *who, *command],  # noqa: S607 - the system's own
            cwd=at,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def release(self, version: str) -> None:
        (self.origin / "version").write_text(version)
        self.git("add", "--all", at=self.origin)
        self.git("commit", "--quiet", "--message", version, at=self.origin)

    def update(self, *arguments: str, **environment: str) -> tuple[int, str, list[str], str]:
        """Return the exit status, the output, the recorded calls, and the resulting version."""
        self.log.write_text("")
        environ = os.environ | {"LOG": str(self.log), "RESTART": f"echo restart >> {self.log}", **environment}
        done = subprocess.run(
            [self.here / "bin/update", *arguments], env=environ, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr, self.log.read_text().splitlines(), self.version

    @property
    def version(self) -> str:
        return (self.here / "version").read_text()


@pytest.fixture
def site(tmp_path) -> Site:
    if not shutil.which("git"):
        pytest.skip("there is no git")
    return Site(tmp_path)


def steps(log: list[str]) -> list[str]:
    return [line.strip().removeprefix("manage.py ") for line in log if not line.startswith("-c")]


def test_a_new_version_is_backed_up_prepared_checked_and_started(site):
    assert site.update()[:2] == (0, "This is already the newest version.\n")
    site.release("new")
    status, said, done, version = site.update()
    assert (status, version) == (0, "new"), said
    assert steps(done) == ["backup /kept", "install", "check", "prepare", "restart"]
    assert said.endswith("Updated.\n")


@pytest.mark.parametrize(
    ("what", "tried"),
    [
        ("FAIL_PREPARE", ["install", "check", "prepare"]),
        ("FAIL_CHECK", ["install", "check"]),
    ],
)
def test_when_it_fails_the_old_version_runs_again_and_the_backup_is_named(site, what, tried):
    site.release("new")
    status, said, done, version = site.update(**{what: "1"})
    assert (status, version) == (1, "old")
    assert steps(done) == ["backup /kept", *tried, "install", "prepare", "restart"]
    assert "manage.py restore /kept/long-table-20261129-030000.zip --replace" in said


def test_a_version_that_does_not_start_is_left_again(site):
    site.release("new")
    restart = f'[ "$(cat {site.here}/version)" = old ]'
    status, said, _done, version = site.update(RESTART=restart)
    assert (status, version, "does not start" in said) == (1, "old", True)


def test_the_backup_that_is_named_is_there(site, tmp_path, empty_site):
    site.release("new")
    real = {"SITE": str(ROOT), "REAL_PYTHON": sys.executable, "DJANGO_SETTINGS_MODULE": "community.settings"}
    where = {
        "VAR_DIR": str(tmp_path / "var"),
        "DATABASE_URL": f"sqlite:///{empty_site}",
        "KEPT": str(tmp_path / "kept"),
    }
    status, said, _done, version = site.update(FAIL_CHECK="1", **real, **where)
    [backup] = (tmp_path / "kept").iterdir()
    assert (status, version) == (1, "old")
    assert re.search(r"^Verified: [1-9][0-9]* rows in ", said, re.MULTILINE)
    assert f"manage.py restore {backup} --replace" in said


def path_with(folder, **programs: str) -> str:
    """Return a PATH on which these programs come first."""
    folder.mkdir()
    for name, does in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_root_asks_git_as_the_owner_of_the_folder_alone(site, tmp_path):
    site.release("new")
    path = path_with(
        tmp_path / "system",
        id="echo 0",
        stat="echo longtable",
        runuser='shift 3; AS_OWNER=1 exec "$@"',
        git=f'[ -n "${{AS_OWNER:-}}" ] || exit 128; exec {shutil.which("git")} "$@"',
    )
    status, said, _done, version = site.update(FAIL_CHECK="1", PATH=path)
    assert (status, version) == (1, "old")
    assert f"The code is again {site.git('rev-parse', '--short', 'HEAD', at=site.here).strip()}." in said


def test_every_unit_is_restarted_and_asked_where_it_listens(site, tmp_path):
    site.release("new")
    path = path_with(
        tmp_path / "system",
        id="echo 0",
        stat="echo root",
        systemctl="""case "$1" in
            list-units) printf '%s loaded\\n' long-table-web@8000.service long-table-web@8001.service ;;
            show) case "$4" in *8001*) echo PYTHONUNBUFFERED=1 LISTEN=127.0.0.1 LISTEN=10.0.0.2 ;; esac ;;
            *) echo "$*" >> "$LOG" ;;
        esac""",
    )
    status, said, done, version = site.update(RESTART="", PATH=path)
    assert (status, version) == (0, "new"), said
    assert steps(done)[4:] == [
        "restart long-table-worker*",
        "restart long-table-web@8000.service",
        "answers 8000 127.0.0.1",
        "restart long-table-web@8001.service",
        "answers 8001 10.0.0.2",
        "restart long-table-cached-pages*",
    ]


def test_without_a_backup_nothing_is_changed(site):
    site.release("new")
    status, said, done, version = site.update(FAIL_BACKUP="1")
    assert (status, version, "nothing was changed" in said) == (1, "old", True)
    assert steps(done) == ["backup /kept"]


def test_changed_files_and_unknown_versions_are_refused_with_a_message(site):
    site.release("new")
    assert "There is no version v9" in site.update("v9")[1]
    (site.here / "version").write_text("mine")
    status, said, done, version = site.update()
    assert (status, done, version, "were changed here" in said) == (1, [], "mine", True)
