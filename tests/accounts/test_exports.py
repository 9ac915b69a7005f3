"""Data exports: complete, only for their owner, available for some days."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AccountDeletion, DataExport, User
from accounts.services.deletion import pointing_here
from accounts.services.export import (
    FOLDER,
    all_parts,
    make_export,
    private_storage,
    request_export,
    sweep_exports,
)
from accounts.tasks import make_data_export
from tests.accounts.busy_member import TRACES, lived
from tests.factories import PASSWORD, make_comment

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

DATA = "/members/me/data/"
ASK = "/members/me/data/export/"

# Foreign keys to a member whose rows are not in the file, and why.
NOT_IN_IT = {
    "accounts.Follow.followed": "members are promised that nobody is told who follows them",
    "accounts.Mute.muted": "members are promised that nobody is told who muted them",
    "accounts.ChosenPicture.user": "on its way into the profile, and gone after a day",
    "accounts.AccountDeletion.member": "who is leaving cannot come in to ask",
    "memorials.Custodian.custodian": "members are promised that nobody is told whom they named",
    "moderation.ProfileReport.member": "members are promised that nobody is told who reported them",
    **dict.fromkeys(
        [
            f"moderation.{key}"
            for key in (
                "Restriction.set_by",
                "Restriction.lifted_by",
                "TrustOverride.set_by",
                "MemberNote.written_by",
                "Appeal.answered_by",
                "ProfileReport.closed_by",
                "ProfileReview.decided_by",
                "DiscussionAction.moderator",
            )
        ],
        "a moderator's signature under what is about somebody else; that they acted stands in their own log",
    ),
    "dashboard.Invitation.created_by": "who made a link for others; the host reads it in the admin",
    "dashboard.NoAnswerNeeded.said_by": "a host's note about somebody else's comment",
    "core.SiteSettingsChange.changed_by": "who set what about the site; it is not about them, and they read it in the admin",
    "decisions.Decision.closed_by": "who closed a poll or proposal; what they said of it is among their comments",
    "decisions.Guest.invited_by": "who invited others to vote; the names and addresses are theirs",
    "posts.Post.trashed_by": "who put a post into the trash: it is empty again once the post is back or gone",
    "admin.LogEntry.user": "the admin's log is about the posts and members of the site, and the host reads it in the admin",
}


def file_of(member: User) -> ZipFile:
    export = request_export(member)  # the tests run tasks at once
    export.refresh_from_db()
    with private_storage().open(export.file) as file:
        return ZipFile(BytesIO(file.read()))


def rows(archive: ZipFile, key: str) -> list[dict[str, Any]]:
    return json.loads(archive.read(f"{key}.json"))


def prove(client: Client, path: str) -> Any:
    return client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": path})


class Page(HTMLParser):
    """Everything that a page would load or link to, and its headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"img", "link", "script"}:
            self.loads.append(given.get("src") or given.get("href") or "?")
        if tag not in {"meta", "link", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


# --- content --------------------------------------------------------------------------


def test_every_table_that_points_at_a_member_is_in_it_or_has_a_reason():
    """A new table needs a Part in its app's export.py, or a reason above why it is not in the file."""
    there = {f"{relation.related_model._meta.label}.{relation.field.name}" for relation in pointing_here()}
    covered = {key for part in all_parts() for key in part.covers}
    assert there - covered - set(NOT_IN_IT) == set()
    assert (covered | set(NOT_IN_IT)) - there == set()
    assert covered & set(NOT_IN_IT) == set()
    assert len({part.key for part in all_parts()}) == len(all_parts())


class TestOfOneWhoUsedEverything:
    """With a row in every table that can have one of a member (tests/accounts/busy_member.py), created once."""

    @pytest.fixture(scope="class")
    @classmethod
    def life(cls, request):
        yield from lived(request)

    @pytest.fixture
    def wanda(self, db, life) -> User:
        return life()

    def test_every_row_of_hers_is_in_it(self, wanda):
        """For each foreign key a part has at least as many rows as the table, or there is a reason."""
        archive = file_of(wanda)
        for part in all_parts():
            tables = [key.split(".") for key in part.covers]
            counts = [
                relation.related_model._base_manager.filter(**{relation.field.name: wanda}).count()
                for relation in pointing_here()
                if [*relation.related_model._meta.label.split("."), relation.field.name] in tables
            ]
            if part.key not in {"profile", "comments"}:  # groups contain the edit history
                assert len(rows(archive, part.key)) >= sum(counts), part.key

    def test_it_says_what_she_wrote_chose_and_did(self, wanda):
        archive = file_of(wanda)
        [profile] = rows(archive, "profile")
        assert (profile["username"], profile["name"], profile["birthday"]) == (
            "wanda",
            "Wanda Wawrzyniak",
            "1980-04-03",
        )
        [link] = rows(archive, "links")
        assert (link["address"], [each["times"] for each in link["followed"]]) == (
            "https://walrus.example/me",
            [1],
        )
        words = {row["words"]: row for row in rows(archive, "comments")}
        two = next(row for said, row in words.items() if said.startswith("We have two purple otters."))
        assert [each["words"][:22] for each in two["earlier_words"]] == ["We have purple otters."]
        assert "purple otters, and regrets" in words
        assert words["purple otters, long ago"]["as_guest"] == {
            "name": "Wanda W.",
            "address": "wanda@walrus.example",
            "link": "https://walrus.example/",
        }
        assert {(row["what"], row["username"]) for row in rows(archive, "people")} == {
            ("followed", "friend"),
            ("muted", "mod"),
        }
        assert [(row["what"], row["member"]) for row in rows(archive, "introductions")] == [
            ("Requests you sent", "friend"),
            ("Requests you received", "friend"),
        ]
        assert {row["is"] for row in rows(archive, "sign_in")} == {
            "wanda@walrus.example",
            "second@walrus.example",
            "TOTP Authenticator",
            "github",
            "Walrus browser",
        }
        assert [row["words"] for row in rows(archive, "reports")] == [
            "Nothing about purple otters.",
            "No purple otters here.",
        ]
        assert [(row["what"], row["words"]) for row in rows(archive, "standing")][:4] == [
            ("suspension", "No purple otters for a day."),
            ("profile hidden", "the spam filter"),
            ("trust level set by hand", "Knows purple otters."),
            ("note between moderators", "Asks everybody about purple otters."),
        ]
        assert [row["words"] for row in rows(archive, "appeals")] == ["But they are purple otters."]
        assert {(row["by"], row["outcome"]) for row in rows(archive, "assessments")} >= {
            ("a moderator", "removed"),
            ("the spam filter", "published"),
        }
        assert [row["for"] for row in rows(archive, "thanks")] == ["friend"]
        assert [row["by"] for row in rows(archive, "calls")] == ["friend"]
        chosen = {(row["what"], row["chosen"]) for row in rows(archive, "alert_choices")}
        assert {
            ("Comments on posts I follow", "By email, weekly"),
            ("second@walrus.example", "no email: bounced"),
        } <= chosen

    def test_it_keeps_what_others_were_promised(self, wanda):
        """It omits who follows or muted her, who reported or decided, secrets, and declined introductions."""
        archive = file_of(wanda)
        everything = " ".join(
            archive.read(name).decode() for name in archive.namelist() if name.endswith((".json", ".html"))
        )
        assert "She sells purple otters." not in everything  # the text of a user who reported her
        assert "Nobody sells purple otters here." not in everything
        assert "sealed" not in everything  # the secret of two-factor authentication
        assert not re.search(r"pbkdf2|md5\$|argon", everything)
        assert {row["username"] for row in rows(archive, "people") if row["what"] == "muted"} == {"mod"}
        asked = wanda.introductions_asked.get()
        asked.state, asked.answered_at = "declined", timezone.now()
        asked.save()
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            archive = file_of(wanda)
        assert [row["state"] for row in rows(archive, "introductions")] == ["waiting", "waiting"]

    def test_her_pictures_are_in_it_and_are_pictures(self, wanda):
        archive = file_of(wanda)
        names = [name for name in archive.namelist() if name.startswith("pictures/")]
        assert {PurePosixPath(name).parts[1] for name in names} == {"avatars", "covers", "comments"}
        for name in names:
            Image.open(BytesIO(archive.read(name))).verify()
        assert archive.testzip() is None
        assert len(names) == len(set(names)) == 8

    def test_the_page_opens_by_itself(self, wanda):
        archive = file_of(wanda)
        page = Page(archive.read("index.html").decode())
        assert page.open == []
        assert len(page.loads) > 3
        assert set(page.loads) <= set(archive.namelist())
        text = archive.read("index.html").decode()
        assert all(trace in text for trace in TRACES if trace != "walrus")
        assert all(f'id="{part.key}"' in text for part in all_parts())

    def test_a_picture_deleted_in_the_meantime_is_left_out(self, wanda):
        for export_part in ("avatars", "covers"):
            storage = wanda.avatar.storage
            for name in storage.listdir(export_part)[1]:
                storage.delete(f"{export_part}/{name}")
        assert {
            PurePosixPath(name).parts[1] for name in file_of(wanda).namelist() if name.startswith("pictures/")
        } == {"comments"}


def test_what_she_typed_is_text_on_the_page(member):
    make_comment(author=member, body="<script>alert(1)</script> & \u202e <img src=x onerror=alert(1)>")
    archive = file_of(member)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in archive.read("index.html").decode()
    assert "<script" not in archive.read("index.html").decode()
    assert rows(archive, "comments")[0]["words"].startswith("<script>alert(1)</script>")


def test_one_who_has_done_nothing_gets_a_whole_file_too(member):
    archive = file_of(member)
    assert rows(archive, "comments") == rows(archive, "thanks") == []
    assert Page(archive.read("index.html").decode()).open == []
    assert "Nothing." in archive.read("index.html").decode()


def test_a_file_takes_no_more_queries_for_more_comments(member, other_member, post):
    counts = []
    for writer, comments in ((member, 2), (other_member, 30)):
        for number in range(comments):
            make_comment(
                post,
                author=writer,
                body=f"Words {number}.",
                created_at=timezone.now() - timedelta(days=number),
            )
        with CaptureQueriesContext(connection) as queries:
            archive = file_of(writer)
        assert len(rows(archive, "comments")) == comments
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- requests and downloads --------------------------------------------------------------


def test_it_is_asked_for_mailed_about_and_fetched(member, signed_in):
    client = signed_in(member)
    assertContains(client.get(DATA), "Request my data")
    assertRedirects(client.post(ASK), DATA)
    [message] = mail.outbox
    assert (message.to, message.subject) == (["alice@example.org"], "Your data is ready")
    assert "http://testserver/members/me/data/\n" in message.body
    export = DataExport.objects.get()
    path = f"{ASK}{export.pk}/"
    page = client.get(DATA)
    assertContains(page, f'href="{path}"')
    assertContains(page, "until")
    assertRedirects(client.get(path), f"/accounts/reauthenticate/?next={path}", fetch_redirect_response=False)
    assertRedirects(prove(client, path), path, fetch_redirect_response=False)
    response = client.get(path)
    content = b"".join(response.streaming_content)
    assert len(content) == export.size
    assert json.loads(ZipFile(BytesIO(content)).read("profile.json"))[0]["username"] == "alice"
    assert response["Content-Type"] == "application/zip"
    assert (
        response["Content-Disposition"]
        == f'attachment; filename="the-long-table-alice-{export.asked_at:%Y-%m-%d}.zip"'
    )
    assert (response["Cache-Control"], response["X-Content-Type-Options"]) == ("private, no-store", "nosniff")


@pytest.mark.parametrize("who", ["visitor", "other", "moderator", "host"])
def test_nobody_else_gets_it(who, member, other_member, moderator, host, client, signed_in):
    request_export(member)
    path = f"{ASK}{DataExport.objects.get().pk}/"
    if who == "visitor":
        assertRedirects(client.get(path), f"/accounts/login/?next={path}", fetch_redirect_response=False)
        return
    reader = {"other": other_member, "moderator": moderator, "host": host}[who]
    there = signed_in(reader)
    prove(there, path)
    assert there.get(path).status_code == 404
    assertNotContains(there.get(DATA), path)


def test_it_lies_where_no_page_of_ours_shows_it(member, client):
    export = request_export(member)
    export.refresh_from_db()
    for path in (f"/media/{export.file}", f"/media/../private/{export.file}", f"/static/{export.file}"):
        assert client.get(path).status_code == 404


def test_asking_twice_makes_one(member, signed_in, monkeypatch):
    monkeypatch.setattr(make_data_export.__class__, "enqueue", lambda *args: None)
    client = signed_in(member)
    client.post(ASK)
    client.post(ASK)
    assert DataExport.objects.count() == 1
    assertContains(client.get(DATA), "In progress")
    assert client.get(f"{ASK}{DataExport.objects.get().pk}/").status_code in {302, 404}
    with pytest.raises(IntegrityError), transaction.atomic():
        DataExport.objects.create(member=member)


def test_it_can_be_had_three_times_a_day(member, signed_in):
    client = signed_in(member)
    for _time in range(3):
        client.post(ASK)
    assertContains(
        client.post(ASK, follow=True), "You’ve asked several times recently. Try again in 24 hours."
    )
    assert DataExport.objects.count() == 3


def test_a_task_that_runs_twice_makes_one_file_and_one_mail(member):
    export = request_export(member)
    assert not make_export(export.pk)
    assert not make_export(export.pk + 1000)
    assert len(mail.outbox) == len(private_storage().listdir(FOLDER)[1]) == 1


def test_of_two_workers_one_leaves_its_file(member, monkeypatch):
    """The other worker finished while this one was writing."""
    from accounts.services import export as exports  # noqa: PLC0415

    export = DataExport.objects.create(member=member)
    write = exports.write_zip

    def overtaken(member, file):
        monkeypatch.setattr(exports, "write_zip", write)
        assert make_export(export.pk)
        write(member, file)

    monkeypatch.setattr(exports, "write_zip", overtaken)
    assert not make_export(export.pk)
    assert len(mail.outbox) == len(private_storage().listdir(FOLDER)[1]) == 1


def test_after_a_week_it_is_swept(member, signed_in):
    export = request_export(member)
    assert sweep_exports() == 0
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert sweep_exports() == 1
        assert private_storage().listdir(FOLDER)[1] == []
        assert not DataExport.objects.filter(pk=export.pk).exists()


def test_what_a_killed_worker_left_is_swept(member):
    private_storage().save(f"{FOLDER}/orphan.zip", BytesIO(b"half a file"))
    DataExport.objects.create(member=member)
    assert sweep_exports() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=7)):
        assert sweep_exports() == 1
    assert not DataExport.objects.exists()
    request_export(member)
    assert DataExport.objects.get().ready_at is not None


def test_a_file_goes_with_its_owner(member):
    from accounts.services.deletion import carry_out, request_deletion  # noqa: PLC0415

    request_export(member)
    while not carry_out(
        request_deletion(member, "erase")
        if not AccountDeletion.objects.exists()
        else AccountDeletion.objects.get()
    ):
        pass
    assert private_storage().listdir(FOLDER)[1] == []
