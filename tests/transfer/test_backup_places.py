"""Where backups are stored, who can see them, and what a killed backup leaves behind."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from botocore.config import Config
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from core.models import Worker
from core.utils.storage import BucketStorage
from dashboard.services import health
from tests.accounts.test_exports import prove
from tests.core.s3_server import KEY, serve_bucket
from tests.factories import make_comment, make_member
from tests.processes import Forked
from tests.transfer.killed import MOMENTS, restore_and_die
from tests.transfer.test_backup import files_of, kept, only_sqlite, other_site, rows_of  # noqa: F401 - a fixture
from transfer.backup import archive, schedule
from transfer.backup.errors import BackupError
from transfer.backup.services import make_backup
from transfer.backup.sqlite import SqliteFile
from transfer.models import Backup

LIST = "/admin/transfer/backup/"


@pytest.fixture
def bucket(settings):
    """The objects in the backup bucket, by name."""
    with serve_bucket() as (address, objects):
        config = Config(
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
            signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 0},
        )  # fmt: skip
        options = {
            "endpoint_url": address, "region_name": "x", "access_key": KEY, "secret_key": "y", "default_acl": None,
            "client_config": config, "bucket_name": "safe", "file_overwrite": False,
        }  # fmt: skip
        settings.STORAGES = settings.STORAGES | {
            "backups": {"BACKEND": "core.utils.storage.BucketStorage", "OPTIONS": options}
        }
        yield objects


@pytest.fixture
def pictures(bucket, settings):
    """A bucket for images, with one in it."""
    backups = settings.STORAGES["backups"]
    options = backups["OPTIONS"] | {"bucket_name": "pictures", "file_overwrite": True}
    settings.STORAGES = settings.STORAGES | {"default": backups | {"OPTIONS": options}}
    default_storage.save("comments/a.jpg", ContentFile(b"a picture"))
    return bucket


def names(bucket):
    return sorted(name.removeprefix("safe/") for name in bucket)


@only_sqlite
@pytest.mark.django_db(transaction=True)
class TestInABucket:
    def test_it_goes_there_is_tried_from_there_and_comes_back(self, kept, bucket, settings, capsys):  # noqa: F811
        settings.BACKUP_DIR = ""
        schedule.back_up_when_due()
        [made] = Backup.objects.all()
        assert (names(bucket), made.error, made.tried_at is not None) == ([made.name], "", True)
        assert list((settings.VAR_DIR / "backups").iterdir()) == []
        call_command("backup", "--list")
        assert capsys.readouterr().out == f"bucket:{made.name}\n"
        whole, said = bucket[f"safe/{made.name}"]
        bucket[f"safe/{made.name}"] = (whole[:-900], said)
        schedule.note_trial(made)
        assert "damaged" in made.error

    def test_what_was_written_to_a_folder_of_ones_own_stays_there(self, kept, bucket, settings, tmp_path):  # noqa: F811
        settings.BACKUP_DIR = ""
        call_command("backup", str(tmp_path / "stick"))
        [path] = (tmp_path / "stick").iterdir()
        schedule.back_up_when_due()
        made = Backup.objects.get()
        assert (made.path, made.sent_at is not None, names(bucket)) == (str(path), True, [path.name])
        assert path.is_file()

    def test_what_could_not_be_sent_is_sent_later_and_not_made_again(self, kept, bucket, settings):  # noqa: F811
        given = settings.STORAGES
        options = given["backups"]["OPTIONS"] | {"access_key": "forgotten"}
        settings.STORAGES = given | {"backups": given["backups"] | {"OPTIONS": options}}
        with pytest.raises(BackupError, match="bucket"):
            schedule.back_up_when_due()
        assert (Backup.objects.get().sent_at, names(bucket)) == (None, [])
        settings.STORAGES = given
        schedule.back_up_when_due()
        made = Backup.objects.get()
        assert (made.sent_at is not None, names(bucket), [path.name for path in kept.iterdir()]) == (
            True,
            [made.name],
            [made.name],
        )

    def test_what_is_there_already_is_not_sent_again(self, kept, bucket, monkeypatch):  # noqa: F811
        schedule.back_up_when_due()
        sent = []
        monkeypatch.setattr(BucketStorage, "_save", lambda _bucket, name, _file: sent.append(name) or name)
        Backup.objects.update(sent_at=None)  # the worker was killed before it could store that
        schedule.back_up_when_due()
        made = Backup.objects.get()
        assert (made.sent_at is not None, names(bucket), sent) == (True, [made.name], [])
        Backup.objects.update(sent_at=None)
        bucket[f"safe/{made.name}"] = (b"of another site", {})
        with pytest.raises(BackupError, match="already has a different"):
            schedule.back_up_when_due()
        assert (Backup.objects.get().sent_at, names(bucket), sent) == (None, [made.name], [])

    def test_a_copy_under_another_name_does_not_stay(self, kept, bucket, monkeypatch):  # noqa: F811
        schedule.back_up_when_due()
        made = Backup.objects.get()
        Backup.objects.update(sent_at=None)
        really, answers = BucketStorage.exists, iter([False])  # the object appears right after the check
        monkeypatch.setattr(
            BucketStorage, "exists", lambda bucket, name: next(answers, None) is None and really(bucket, name)
        )
        schedule.back_up_when_due()
        assert (Backup.objects.get().sent_at is not None, names(bucket)) == (True, [made.name])

    def test_old_ones_are_thinned_out_there_too_and_what_is_not_ours_stays(self, kept, bucket):  # noqa: F811
        for day in range(1, 29):
            bucket[f"safe/long-table-202601{day:02}-030000.zip"] = (b"", {})
        bucket["safe/holiday.zip"] = (b"", {})
        schedule.back_up_when_due()
        left = [name[11:19] for name in names(bucket) if name != "holiday.zip"]
        assert left[:-1] == [
            "20260118", "20260123", "20260124", "20260125", "20260126", "20260127", "20260128",
        ]  # fmt: skip
        assert "holiday.zip" in names(bucket)

    def test_a_name_that_is_no_backup_is_not_fetched(self, kept, bucket):  # noqa: F811
        bucket["safe/holiday.zip"] = (b"x", {})
        for name in ("holiday.zip", "../x", "newest", ""):
            with pytest.raises(CommandError, match="There is no backup"):
                call_command("restore", f"bucket:{name}", "--replace")

    def test_without_a_bucket_that_is_said(self, kept):  # noqa: F811
        with pytest.raises(CommandError, match="BACKUP_BUCKET"):
            call_command("restore", "bucket:newest")


@only_sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wanted", [True, False])
def test_pictures_of_a_bucket_are_in_it_and_go_back_there(kept, pictures, settings, tmp_path, wanted):  # noqa: F811
    settings.BACKUP_BUCKET_FILES = wanted
    made = make_backup(kept)
    [key] = [name for name in pictures if name.startswith("pictures/")]
    del pictures[key]
    archive.unpack(made, tmp_path / "there")
    assert archive.read_manifest(made).elsewhere == ([] if wanted else ["media"])
    archive.send_to_bucket(tmp_path / "there" / "media", default_storage)
    assert [pictures[name][0] for name in pictures] == ([b"a picture"] if wanted else [])


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_and_what_a_killed_one_left_is_swept(kept, settings):  # noqa: F811
    Worker.objects.create(key="the other")
    cache.set(schedule.BUSY, "the other")
    schedule.back_up_when_due()
    assert not Backup.objects.exists()
    Worker.objects.all().delete()
    for left in (kept / ".long-table-20260101-000000.zip.making", settings.VAR_DIR / ".trial-x"):
        left.mkdir(parents=True)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        schedule.back_up_when_due()
    assert [path.name for path in kept.iterdir()] == [Backup.objects.get().name]
    assert list(settings.VAR_DIR.iterdir()) == []


@pytest.mark.full
@only_sqlite
@pytest.mark.slow  # a site of its own, in a process
@pytest.mark.django_db(transaction=True)
def test_a_restore_that_is_killed_leaves_the_old_site_as_it_was(kept, tmp_path, empty_site):  # noqa: F811
    make_comment(author=make_member("alice"), body="Of the backup.")
    schedule.back_up_when_due()
    [file] = kept.iterdir()
    site = tmp_path / "site"
    (site / "media").mkdir(parents=True)
    empty_site.rename(site / "long-table.sqlite3")
    (site / "media" / "otter.webp").write_bytes(b"a picture")
    rows, files = rows_of(site / "long-table.sqlite3"), files_of(site / "media")
    for moment in MOMENTS:
        assert (moment, Forked(restore_and_die, site, file, moment).end()[0]) == (moment, -9)
        assert rows_of(site / "long-table.sqlite3") == rows
        assert files.items() <= files_of(site / "media").items()
    done = other_site(site, "restore", str(file), "--replace")
    assert done.returncode == 0, done.stderr
    assert "Of the backup." in str(rows_of(site / "long-table.sqlite3")["comments_comment"])


# --- in the admin ----------------------------------------------------------------


@pytest.fixture
def one(db, tmp_path, settings) -> Backup:
    settings.BACKUP_DIR = str(tmp_path)
    path = tmp_path / "long-table-20261129-030000.zip"
    path.write_bytes(b"everything")
    return Backup.objects.create(path=str(path), size=10, tried_at=timezone.now())


def test_a_superuser_downloads_it_after_a_recent_sign_in_and_that_is_logged(one, host, signed_in):
    browser, path = signed_in(host), f"{LIST}{one.pk}/download/"
    assertContains(browser.get(LIST), f'href="{path}"')
    assertRedirects(
        browser.get(path), f"/accounts/reauthenticate/?next={path}", fetch_redirect_response=False
    )
    prove(browser, path)
    answer = browser.get(path)
    assert b"".join(answer.streaming_content) == b"everything"
    assert answer["Content-Disposition"] == f'attachment; filename="{one.name}"'
    assert "no-store" in answer["Cache-Control"]
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr, entry.change_message) == (host, one.name, "Downloaded.")
    Path(one.path).unlink()
    assert browser.get(path).status_code == 404


def test_hosts_see_the_list_but_no_file(one, signed_in):
    browser = signed_in(make_member("hanna", is_staff=True))
    page = browser.get(LIST)
    assertContains(page, "it can be restored")
    assertNotContains(page, "download/")
    assert browser.get(f"{LIST}{one.pk}/download/").status_code == 403
    member = signed_in(make_member("mia"))
    for path in (LIST, f"{LIST}{one.pk}/download/", f"{LIST}now/"):
        assert member.post(path).status_code in {302, 403}


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_one_more_is_made_when_a_host_asks(kept, host, signed_in, settings):  # noqa: F811
    browser = signed_in(host)
    assert browser.get(f"{LIST}now/").status_code == 405
    page = browser.post(f"{LIST}now/", follow=True)
    assertContains(page, "A backup is being made.")
    assertContains(page, "it can be restored")
    [made] = kept.iterdir()
    assert Backup.objects.get().name == made.name
    settings.BACKUP_DIR = ""
    assertContains(browser.post(f"{LIST}now/", follow=True), "There’s no place for backups yet")


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_one_that_could_not_be_made_is_in_the_list_and_in_site_health(tmp_path, host, signed_in, settings):
    (tmp_path / "file").write_text("no folder")
    settings.BACKUP_DIR = str(tmp_path / "file")
    browser = signed_in(host)
    assertContains(browser.post(f"{LIST}now/", follow=True), "It couldn’t be made")
    assert (health.backup().state, "couldn’t be made" in health.backup().text) == ("bad", True)


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_what_the_database_itself_refuses_is_in_the_list_too(kept, monkeypatch):  # noqa: F811
    # A location that cannot be written to, like a full disk; and a file that is no backup.
    monkeypatch.setattr(SqliteFile, "file_name", "missing/database.sqlite3")
    schedule.back_up_now()
    assert [(one.path, one.error) for one in Backup.objects.all()] == [
        ("", "SQLite: unable to open database file.")
    ]
    (kept / "other").write_bytes(b"no database" * 100)
    with pytest.raises(BackupError, match="SQLite: file is not a database"):
        SqliteFile().load(kept / "other")
