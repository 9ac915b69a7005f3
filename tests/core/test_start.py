"""`manage.py prepare`: the site is up to date before the first page; fast if there is nothing to do."""

from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor

from core.management.commands import prepare
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings, tmp_path, monkeypatch) -> list[str]:
    """A site with its own folder. The list collects the commands that `prepare` called."""
    settings.STATIC_ROOT = str(tmp_path / "static")
    Path(settings.STATIC_ROOT).mkdir()
    source = tmp_path / "sources"
    source.mkdir()
    (source / "a.css").write_text("p { color: red }")
    settings.STATICFILES_DIRS = [str(source)]
    called: list[str] = []
    # tests/dashboard/test_first_start.py tests what a start prints on a site without a host.
    monkeypatch.setattr(
        prepare, "call_command", lambda name, **_options: name == "setup_link" or called.append(name)
    )
    monkeypatch.setattr(prepare, "get_finders", lambda: [FileSystemFinder()])
    return called


def test_static_files_are_collected_when_a_source_changed_and_not_else(site, tmp_path):
    call_command("prepare")
    call_command("prepare")
    assert site == ["collectstatic"]
    (tmp_path / "sources" / "a.css").write_text("p { color: blue; }")
    call_command("prepare")
    assert site == ["collectstatic"] * 2
    (tmp_path / "sources" / "b.css").write_text("")
    call_command("prepare")
    assert site == ["collectstatic"] * 3


def test_in_development_static_files_stay_where_they_are(site, settings):
    settings.DEBUG = True
    call_command("prepare")
    assert site == []


def test_an_older_database_is_migrated(site, settings, monkeypatch, capsys):
    settings.DEBUG = True
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_args: [("a", False), ("b", False)])
    call_command("prepare")
    assert site == ["migrate"]
    assert capsys.readouterr().out == "Bringing the database up to date (2 steps) …\n"


def test_an_empty_database_gets_the_demo_content_if_asked(site, settings):
    settings.DEBUG = True
    call_command("prepare")
    assert site == []
    call_command("prepare", demo=True)
    assert site == ["demo"]


def test_a_database_with_members_gets_none(site, settings):
    settings.DEBUG = True
    make_member()
    call_command("prepare", demo=True)
    assert site == []


def test_a_database_that_is_away_is_one_line(monkeypatch):
    def away(*_args: object) -> None:
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(prepare, "MigrationExecutor", away)
    with pytest.raises(CommandError, match=r"^The database does not answer: connection refused$"):
        call_command("prepare")
