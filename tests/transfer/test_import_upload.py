"""Imports by upload in the admin: checked first, then imported, by the worker."""

import json
import os
import re
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
from transfer.imports.report import Report
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
    assert "Will be imported" in page
    assert "1 post and 1 comment by 1 guest would be imported." in page
    assert "Recognised as: Plain JSON" in page
    assert not Post.objects.exists()

    host_client.post(answer["Location"])

    page = host_client.get(answer["Location"]).content.decode()
    assert ">\n    Imported" in page
    assert "1 post and 1 comment by 1 guest imported." in page
    assert (Post.objects.get().title, Comment.objects.get().body) == ("On bread", "I bake.")
    run.refresh_from_db()
    assert (run.state, run.file, run.label, run.started_by.username) == ("done", "", "Plain JSON", "ida")


@pytest.mark.parametrize(
    ("content", "fields", "words"),
    [
        (
            b"Dear Ida,",
            {},
            "We can’t read this file. You can import from: Blogger, Commento or Comentario, Disqus, Ghost, Isso, Markdown files (Hugo, Jekyll), Medium, Plain JSON,",
        ),
        (None, {"system": "ghost"}, "This doesn’t look like an export of Ghost."),
        (b"", {}, "This file is empty."),
        (b"PK\x03\x04 and no more", {}, "We can’t read this file."),
    ],
)
def test_a_refusal_is_said_at_the_field(host_client, content, fields, words):
    answer = upload(host_client, content, **fields)
    assert answer.status_code == 422
    assert words in answer.context["form"].errors["file"][0]
    assert 'aria-describedby="' in answer.content.decode()
    assert not ImportRun.objects.exists()


DISQUS = b'<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n<thread dsq:id="1"><title>On'


def test_a_file_that_was_cut_off_says_so_and_offers_another_upload_instead_of_the_same_again(host_client):
    answer = upload(host_client, DISQUS, "disqus.xml")
    run = ImportRun.objects.get()
    assert (run.get_state_display(), run.file, run.error) == (
        "failed",
        "",
        "The file is incomplete. Export it again. (Line 2, column 29: it ends in the middle.)",
    )
    page = host_client.get(answer["Location"]).content.decode()
    assert (f'href="{ADD}">Upload another file' in page, "Try again" in page) == (True, False)
    host_client.post(answer["Location"])
    assert "This import is already running, or its file has been deleted." in (
        host_client.get(answer["Location"]).content.decode()
    )


def posts_of_the_report(client) -> list[tuple[str, str]]:
    """Return the links to imported posts: URL and text."""
    page = client.get(f"/admin/transfer/importrun/{ImportRun.objects.get().pk}/change/").content.decode()
    return re.findall(r'<li>\s*<a href="(/admin/posts/[^"]*)">([^<]*)</a>', page)


def test_the_report_leads_to_what_was_imported(host_client):
    page = {"id": "p", "kind": "page", "title": "About", "published_at": "2012-04-25T12:00:00Z"}
    blog = plain(
        {"id": "d", "title": "A draft"}, page, *({"id": f"{n}", "title": f"Post {n}"} for n in range(20))
    )
    upload(host_client, json.dumps(blog).encode())
    assert posts_of_the_report(host_client) == []  # only checked

    host_client.post(f"/admin/transfer/importrun/{ImportRun.objects.get().pk}/change/")

    links = posts_of_the_report(host_client)
    assert links[:2] == [
        (f"/admin/posts/post/{Post.objects.get(title='A draft').pk}/change/", "A draft"),
        (f"/admin/posts/page/{Post.objects.get(title='About').pk}/change/", "About"),
    ]
    assert (len(links), links[-1]) == (21, ("/admin/posts/post/", "and 2 more"))
    assert {host_client.get(link).status_code for link, _words in links[:2]} == {200}


def test_comments_for_a_post_that_is_here_lead_to_it_and_a_deleted_post_is_no_longer_named(host_client):
    upload(host_client)
    run = ImportRun.objects.get()
    host_client.post(f"/admin/transfer/importrun/{run.pk}/change/")
    run.delete()
    more = {"id": "2", "name": "Eva", "body": "Rye.", "written_at": "2012-04-27T12:00:00Z"}
    post = BLOG["posts"][0]
    upload(host_client, json.dumps(plain({**post, "comments": [*post["comments"], more]})).encode())
    host_client.post(f"/admin/transfer/importrun/{ImportRun.objects.get().pk}/change/")
    assert [title for _link, title in posts_of_the_report(host_client)] == ["On bread"]

    Post.objects.update(trashed_at=timezone.now(), published_at=None)
    assert posts_of_the_report(host_client) == []


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "Nothing was imported."),
        ({"known_posts": 1}, "Nothing new: 1 post was already here."),
        ({"known_posts": 1, "known_comments": 2}, "Nothing new: 1 post and 2 comments were already here."),
        ({"posts": 1}, "1 post imported."),
        ({"posts": 1, "drafts": 1}, "1 post imported, as a draft."),
        ({"pages": 1, "drafts": 1, "pictures": 2}, "1 page and 2 pictures imported, the page as a draft."),
        ({"posts": 3, "drafts": 1}, "3 posts imported, 1 of them as a draft."),
        ({"posts": 3, "subscribers": 1, "drafts": 2}, "3 posts and 1 subscriber imported, 2 of the posts as drafts."),
        (
            {"posts": 2, "pages": 1, "drafts": 1},
            "2 posts and 1 page imported, 1 of the posts and pages as a draft.",
        ),
        (
            {"comments": 1500, "held": 2, "guests": {"a"}, "known_posts": 1},
            "1,500 comments by 1 guest (2 awaiting review) imported; 1 post was already here.",
        ),
    ],
)  # fmt: skip
def test_the_sentence_names_what_there_is_and_no_zeros(counts, sentence):
    assert Report(**counts).summary(is_dry_run=False) == sentence
    would = sentence.replace(" imported", " would be imported").replace("was would", "would")
    assert Report(**counts).summary(is_dry_run=True) == would


def test_a_cover_that_is_left_out_says_why_and_what_would_bring_it(host_client):
    front = b"---\ntitle: Bread\ndate: 2012-04-25\nimage: https://old.example.org/a.jpg\n---\nFlour."
    answer = upload(host_client, front, "bread.md")
    words = "A cover picture is left out, as it’s not in the file (“Fetch pictures from the old site” would import it): “Bread”."
    assert words in host_client.get(answer["Location"]).content.decode()


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
    ImportRun.objects.update(state="importing", file=file)  # as if it had not completed

    work_on(run.pk)

    run.refresh_from_db()
    assert run.report["summary"].startswith("Nothing new")
    assert (Post.objects.count(), Comment.objects.count()) == (1, 1)


@pytest.mark.parametrize(("state", "says"), [("checking", "being checked"), ("importing", "being imported")])
def test_the_page_of_a_running_import_looks_again_by_itself_and_that_of_another_does_not(
    host_client, state, says
):
    upload(host_client)
    run = ImportRun.objects.get()
    page = f"/admin/transfer/importrun/{run.pk}/change/"
    looks_again = ("js/admin-progress.js", f'href="{page}">Refresh</a>')
    still = host_client.get(page).content.decode()
    ImportRun.objects.update(state=state, done=30, total=120)

    running = host_client.get(page).content.decode()

    assert [part in still for part in looks_again] == [False, False]
    assert [part in running for part in looks_again] == [True, True]
    assert (says in running, "25% done." in running, 'value="25"' in running) == (True, True, True)


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


# --- after a killed worker ------------------------------------------------------


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
        "The person who started it no longer has an account here. Upload the file again.",
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
