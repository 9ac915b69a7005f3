"""Imports by upload in the admin: checked first, then imported, by the worker."""

import json
import os
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from comments.models import Comment
from posts.models import Post
from tests.factories import make_host, make_member
from tests.transfer.blogs import plain
from transfer.imports.runs import (
    delete_old_scratch_folders,
    forget_old_files,
    private_storage,
    stop_abandoned_runs,
    work_on,
)
from transfer.models import ImportRun

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "/admin/transfer/importrun/add/"
BLOG = plain(
    {
        "id": "7",
        "title": "On bread",
        "published_at": "2012-04-25T12:00:00Z",
        "comments": [{"id": "1", "name": "Per", "body": "I bake.", "written_at": "2012-04-26T12:00:00Z"}],
    }
)


@pytest.fixture
def host_client(client):
    client.force_login(make_host("ida"))
    return client


def upload(client, content: bytes | None = None, name: str = "blog.json", **fields):
    file = SimpleUploadedFile(name, json.dumps(BLOG).encode() if content is None else content)
    return client.post(ADD, {"file": file, **fields})


def test_an_upload_is_checked_before_anything_is_imported(host_client):
    answer = upload(host_client)

    run = ImportRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/transfer/importrun/{run.pk}/change/")
    page = host_client.get(answer["Location"]).content.decode()
    assert "What would come" in page
    assert "1 post, 1 comment by 1 guest would be imported." in page
    assert not Post.objects.exists()

    host_client.post(answer["Location"])

    page = host_client.get(answer["Location"]).content.decode()
    assert "What came" in page
    assert "1 post, 1 comment by 1 guest imported." in page
    assert (Post.objects.get().title, Comment.objects.get().body) == ("On bread", "I bake.")
    run.refresh_from_db()
    assert (run.state, run.file, run.label, run.started_by.username) == ("done", "", "plain JSON", "ida")


@pytest.mark.parametrize(
    ("content", "fields", "words"),
    [
        (b"Dear Ida,", {}, "Nothing in it looks like an export that can be read here."),
        (None, {"system": "ghost"}, "This doesn’t look like an export of Ghost."),
        (b"", {}, "This file is empty."),
        (b"PK\x03\x04 and no more", {}, "Nothing in it looks like an export"),
    ],
)
def test_a_refusal_is_said_at_the_field(host_client, content, fields, words):
    answer = upload(host_client, content, **fields)
    assert answer.status_code == 422
    assert words in answer.context["form"].errors["file"][0]
    assert 'aria-describedby="' in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_file_that_is_too_large_is_refused_with_the_way_out(host_client, settings):
    settings.IMPORT_FILE_MAX_BYTES = 100
    assert "manage.py import_blog FILE" in upload(host_client).context["form"].errors["file"][0]


def test_what_shows_only_in_the_worker_is_said_in_the_report(host_client):
    answer = upload(host_client, json.dumps({**BLOG, "version": 9}).encode())
    page = host_client.get(answer["Location"]).content.decode()
    assert "“version” must be 1" in page
    assert not Post.objects.exists()


def test_a_second_worker_does_nothing_with_an_import_that_is_done(host_client):
    upload(host_client)
    run = ImportRun.objects.get()
    host_client.post(f"/admin/transfer/importrun/{run.pk}/change/")
    work_on(run.pk)
    host_client.post(f"/admin/transfer/importrun/{run.pk}/change/")
    assert Post.objects.count() == 1


def test_a_worker_that_was_killed_goes_on_where_it_was(host_client):
    upload(host_client)
    run = ImportRun.objects.get()
    file = run.file
    with private_storage().open(file) as stored:
        content = stored.read()
    host_client.post(f"/admin/transfer/importrun/{run.pk}/change/")
    with private_storage().open(file, "wb") as again:
        again.write(content)
    ImportRun.objects.update(state="importing", file=file)  # as if it had not come to its end

    work_on(run.pk)

    run.refresh_from_db()
    assert run.report["summary"].startswith("Nothing new")
    assert (Post.objects.count(), Comment.objects.count()) == (1, 1)


def test_files_of_abandoned_imports_are_deleted_and_reports_stay(host_client):
    upload(host_client)
    run = ImportRun.objects.get()
    ImportRun.objects.update(created_at=timezone.now() - timedelta(days=15))
    forget_old_files()
    assert not private_storage().exists(run.file)
    assert ImportRun.objects.get().file == ""


def test_deleting_an_import_deletes_its_file(host_client):
    upload(host_client)
    run = ImportRun.objects.get()
    host_client.post(f"/admin/transfer/importrun/{run.pk}/delete/", {"post": "yes"})
    assert not ImportRun.objects.exists()
    assert not private_storage().exists(run.file)


@pytest.mark.parametrize(
    ("groups", "is_staff", "status"), [(["hosts"], True, 200), (["editors"], False, 403), ([], True, 403)]
)
def test_hosts_import_and_editors_do_not(client, groups, is_staff, status):
    member = make_member("hanna", is_staff=is_staff)
    member.groups.add(*Group.objects.filter(name__in=groups))
    client.force_login(member)
    assert client.get(ADD).status_code == status
    assert client.get("/admin/transfer/importrun/").status_code == status


def test_the_way_there_is_in_the_navigation(host_client):
    assert "/admin/transfer/importrun/" in host_client.get("/admin/core/sitesettings/").content.decode()


# --- what a killed worker leaves ------------------------------------------------


@pytest.fixture
def tasks_wait(settings):
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
    }


def test_an_import_that_no_task_works_on_is_said_to_have_stopped(host_client, tasks_wait):
    page = upload(host_client)["Location"]
    run = ImportRun.objects.get()
    stop_abandoned_runs()
    run.refresh_from_db()
    assert run.state == "checking"

    for status in ("RUNNING", "FAILED"):
        DBTaskResult.objects.update(status=status)
        stop_abandoned_runs()
        run.refresh_from_db()
        assert run.state == ("checking" if status == "RUNNING" else "failed")
    assert "Its worker was stopped again and again. Try again" in host_client.get(page).content.decode()

    host_client.post(page)
    stop_abandoned_runs()
    run.refresh_from_db()
    assert run.state == "checking"
    DBTaskResult.objects.all().delete()
    ImportRun.objects.update(created_at=timezone.now() - timedelta(days=15))
    stop_abandoned_runs()
    forget_old_files()
    assert not private_storage().exists(run.file)


def test_an_import_of_somebody_who_is_gone_says_so(host_client, tasks_wait):
    upload(host_client)
    ImportRun.objects.update(started_by=None)
    run = ImportRun.objects.get()
    work_on(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == (
        "failed",
        "Whoever started it has no account here any more. Upload the file again.",
    )


def test_scratch_folders_that_were_left_are_deleted_after_a_day(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    left, in_use, other = (tmp_path / name for name in (".import-left", ".import-used", "imports"))
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for folder in (left, in_use, other):
        folder.mkdir()
        (folder / "spool.sqlite3").write_text("per@example.org")
        for path in (folder / "spool.sqlite3", folder) if folder != in_use else (folder,):
            os.utime(path, (long_ago, long_ago))
    delete_old_scratch_folders()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".import-used", "imports"]
