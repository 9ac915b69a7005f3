"""Memorials: two people agree, the account is closed and left unchanged; an undo restores what was."""

import errno
import re
from datetime import timedelta
from functools import cache
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone, translation
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AccountDeletion, CalendarAddress, Follow, User
from accounts.models.querysets import can_be_notified
from accounts.services.deletion import carry_out
from accounts.signals import profile_changed
from api.models import Token
from birthdays.services.wishes import birthday_of
from comments.models import Comment
from core.services.site_settings import save_settings
from core.utils.files import SafeFileSystemStorage
from memorials.models import Custodian, FamilyChoice, Memorial, Step
from memorials.services import editing
from memorials.services.keeping import settle, undo
from memorials.tasks import settle_memorials, sweep_memorial_files
from notifications.models import Notification
from notifications.services.recipients import Draft, recipients_of
from party.models import PartyDay
from posts.models import Post
from tests.factories import (
    PASSWORD,
    make_comment,
    make_host,
    make_member,
    make_picture,
    make_post,
    put_comment,
    switch_on,
)
from tests.memorials.people import a_memorial, a_recording, make_proposal

pytestmark = pytest.mark.django_db

PAGE, KEEP = "/members/otter/memorial/", "/members/otter/memorial/keep/"
PROPOSAL = {
    "member": "otter",
    "keeper": "ruth",
    "dates": "1968 to 2025",
    "visibility": "public",
    "is_certain": "on",
}


@pytest.fixture(autouse=True)
def switched_on():
    switch_on("memorials", "birthdays")


def sign_in(client: Client, name: str) -> None:
    client.post(
        "/accounts/login/", {"login": name, "password": PASSWORD}, headers={"user-agent": "Walrus browser"}
    )


def kinds(memorial: Memorial) -> list[str]:
    return [*memorial.steps.values_list("kind", flat=True)]


# --- two people agree ------------------------------------------------------------------


def test_a_host_and_a_second_keeper_confirm_and_only_then_it_is_open(client, signed_in):
    otter, ruth = make_member("otter", display_name="Otter"), make_member("ruth")
    host = signed_in(make_host("nora"))
    mail.outbox.clear()
    assertRedirects(host.post("/memorials/new/", PROPOSAL), KEEP)
    assert [(one.to, one.subject) for one in mail.outbox] == [
        (["ruth@example.org"], "Will you keep the memorial of Otter with us?")
    ]
    otter.refresh_from_db()
    assert (otter.is_active, otter.memorial_since, client.get(PAGE).status_code) == (True, None, 404)
    assertContains(client.get("/members/otter/"), "Member since")

    keeper = signed_in(ruth)
    assertContains(keeper.get("/memorials/"), KEEP)
    assertContains(keeper.get(KEEP), "Will you keep the memorial of Otter?")
    keeper.post(KEEP, {"do": "confirm"})
    otter.refresh_from_db()
    memorial = Memorial.objects.get()
    assert (otter.is_active, memorial.state) == (False, "open")
    assert kinds(memorial) == ["proposed", "confirmed", "opened"]
    page = client.get(PAGE)
    assertContains(page, "In memory of Otter")
    assertContains(page, "1968 to 2025")
    assertContains(page, "Kept by nora and ruth.")
    profile = client.get("/members/otter/")
    assertContains(profile, PAGE)
    assertNotContains(profile, "Follow")
    assertContains(client.get("/memorials/"), "In memory of Otter")
    assertContains(host.get(KEEP), "confirmed as the second keeper")


def test_what_a_host_cannot_propose_is_said_at_the_field_and_kept(signed_in):
    for name in ("otter", "ruth"):
        make_member(name)
    host = signed_in(make_host("nora"))
    wrong = {
        "nobody": {"member": "nobody"},
        "no name behind the @": {"member": "@"},
        "themselves": {"member": "nora"},
        "the same person twice": {"keeper": "otter"},
        "the host as both keepers": {"keeper": "nora"},
        "not certain": {"is_certain": ""},
    }
    answers = {}
    for what, fields in wrong.items():
        page = host.post("/memorials/new/", PROPOSAL | fields)
        answers[what] = (page.status_code, [*page.context["form"].errors])
        assertContains(page, "1968 to 2025", status_code=422)
    assert answers == {
        "nobody": (422, ["member"]),
        "no name behind the @": (422, ["member"]),
        "themselves": (422, ["member"]),
        "the same person twice": (422, ["keeper"]),
        "the host as both keepers": (422, ["keeper"]),
        "not certain": (422, ["is_certain"]),
    }
    assert Memorial.objects.count() == 0


def test_only_the_person_who_was_named_confirms_and_either_may_decline(signed_in, moderator):
    memorial = make_proposal()
    asked = {
        "host": signed_in(memorial.host).post(KEEP, {"do": "confirm"}).status_code,
        "moderator": signed_in(moderator).post(KEEP, {"do": "confirm"}).status_code,
        "member": signed_in(memorial.member).post(KEEP, {"do": "confirm"}).status_code,
    }
    assert asked == {"host": 403, "moderator": 404, "member": 404}
    signed_in(memorial.keeper).post(KEEP, {"do": "decline"})
    signed_in(memorial.keeper).post(KEEP, {"do": "confirm"})
    memorial.refresh_from_db()
    assert (memorial.state, User.objects.get(username="otter").is_active) == ("declined", True)
    assert a_memorial().pk == memorial.pk  # they change their mind


@pytest.mark.sql
def test_the_database_knows_no_memorial_of_one_keeper_or_without_both(db):
    memorial = a_memorial()
    for wrong in ({"keeper": memorial.host}, {"keeper_confirmed_at": None}, {"opened_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Memorial.objects.filter(pk=memorial.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(username="otter").update(is_active=True)


# --- the account is left unchanged -------------------------------------------------------


def test_nobody_signs_in_and_sessions_and_tokens_end(client, signed_in):
    otter = make_member("otter", display_name="Otter")
    Token.objects.create(member=otter, name="mine", key_hash="h", begins_with="p")
    device = Client()
    sign_in(device, "otter")
    assert device.get("/members/me/edit/").status_code == 200
    memorial = a_memorial()
    assert device.get("/members/me/edit/").status_code == 302
    assert Token.objects.working().filter(member=otter).count() == 0
    wrong = client.post("/accounts/login/", {"login": "otter", "password": "not this"})
    assertNotContains(wrong, "This account is a memorial")
    right = client.post("/accounts/login/", {"login": "otter", "password": PASSWORD})
    assertContains(right, "This account is a memorial", status_code=403)
    assertContains(right, "/members/otter/", status_code=403)
    mail.outbox.clear()
    client.post("/accounts/login/code/", {"email": "otter@example.org"})
    assert [(one.to, one.subject) for one in mail.outbox] == [
        (["otter@example.org"], "An account at The Long Table that is a memorial")
    ]
    assert UserSession.objects.filter(user=otter).exists()  # for an undo
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert (settle_memorials(), settle(memorial), settle_memorials()) == (1, False, 0)
    assert not UserSession.objects.filter(user=otter).exists()


def test_no_list_count_mail_birthday_or_suggestion_has_them(client, signed_in, member):
    today = timezone.localdate()
    otter = make_member(
        "otter",
        display_name="Otter",
        birthday_day=today.day,
        birthday_month=today.month,
        birthday_seen_by="all",
    )
    post = make_post(author=otter)
    said = make_comment(post, author=otter)
    Follow.objects.create(follower=otter, followed=member)
    reader = signed_in(member)

    def seen() -> dict[str, bool]:
        draft = Draft(post=post, writer=member, parent=said)
        return {
            "directory": b"/members/otter/" in reader.get("/members/").content,
            "birthdays": b"/members/otter/" in reader.get("/birthdays/").content,
            "names while writing": b"otter" in reader.get(f"/members/names/?post={post.pk}&q=ott").content,
            "notified": any(one.member == otter for one in recipients_of(draft).notified),
            "can be notified": User.objects.filter(can_be_notified(), pk=otter.pk).exists(),
            "listed": User.objects.listed().filter(pk=otter.pk).exists(),
            "hat": otter.has_birthday_for(member),
        }

    assert seen() == dict.fromkeys(seen(), True)
    a_memorial()
    otter.refresh_from_db()
    assert seen() == dict.fromkeys(seen(), False)
    # Their comments stay, under their name, which links to the memorial.
    assertContains(client.get(post.get_absolute_url()), '<a href="/members/otter/">Otter</a>', html=True)


def test_pages_of_a_memorial_are_never_dressed_for_a_party(client, settings):
    switch_on("memorials", "party")
    a_memorial()
    PartyDay.objects.create(day=timezone.localdate(), dress="full")
    assertContains(client.get("/"), "party.css")
    for page in (PAGE, "/memorials/", "/members/otter/", f"{PAGE}tell/"):
        assertNotContains(client.get(page), "party")


def test_while_the_part_is_off_the_page_is_gone_and_the_account_stays_closed(client):
    memorial = a_memorial()
    opened = Post.objects.get(pk=memorial.pk).published_at
    switch_on()
    otter = User.objects.get(username="otter")
    assert (client.get(PAGE).status_code, client.get("/members/otter/").status_code, otter.is_active) == (
        404,
        200,
        False,
    )
    assertNotContains(client.get("/members/otter/"), PAGE)
    switch_on("memorials")
    assert (client.get(PAGE).status_code, Post.objects.get(pk=memorial.pk).published_at) == (200, opened)


# --- undo --------------------------------------------------------------------------------

# Versions that only increase, and records of the memorial itself.
GO_ON = {"memorials", "sessions", "django_tasks_db", "core"}


def everything() -> dict[str, str]:
    """Return every row of every table as text, except GO_ON and the versions that invalidate cached pages.

    Queried in SQL: for a hundred tables, the ORM takes many times as long to build the statements as to run
    them.
    """
    with connection.cursor() as cursor:
        return {label: "\n".join(rows_of(cursor, statement)) for label, statement in statements()}


@cache
def statements() -> list[tuple[str, str]]:
    quote, found = connection.ops.quote_name, []
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.app_label in GO_ON or meta.proxy or not meta.managed:
            continue
        columns = ", ".join(
            quote(field.column)
            for field in meta.concrete_fields
            # For a many-to-many relation: the related objects, not the row's id.
            if field.name != "thread_version" and not (meta.auto_created and field.primary_key)
        )
        which = "WHERE kind <> 'memorial'" if model is Post else ""
        found.append((meta.label, f"SELECT {columns} FROM {quote(meta.db_table)} {which}"))  # noqa: S608 - our own names
    return found


def rows_of(cursor: Any, statement: str) -> list[str]:
    cursor.execute(statement)
    return sorted(
        repr([bytes(one) if isinstance(one, memoryview) else one for one in row]) for row in cursor.fetchall()
    )


@pytest.mark.parametrize("born", [None, 29])
def test_an_undo_restores_every_row_byte_for_byte(born):
    fields = {"birthday_day": born, "birthday_month": born and 2, "birthday_seen_by": "all"} if born else {}
    otter = make_member("otter", display_name="Otter", bio="I keep *otters*.", **fields)
    for name in ("nora", "ruth"):
        make_host(name) if name == "nora" else make_member(name)
    friend = make_member("friend")
    sign_in(Client(), "otter")
    Token.objects.create(member=otter, name="mine", key_hash="h", begins_with="p")
    Follow.objects.create(follower=friend, followed=otter)
    CalendarAddress.objects.create(member=otter)
    if born:
        birthday_of(otter, 2026)
    said = make_comment(make_post(author=otter), author=otter, body="Good evening, @friend.")
    make_comment(parent=said, author=friend, body="Good evening, @otter.")
    before = everything()
    memorial = a_memorial()
    assert everything() != before
    put_comment(memorial.post, author=friend, body="We miss you.").delete()
    undo(memorial, by=memorial.keeper)
    after = everything()
    same = {"discussion": "comments.Discussion"}  # of the memorial's own post
    assert {
        label: rows for label, rows in after.items() if rows != before[label] and label not in same.values()
    } == {}
    assert kinds(memorial) == ["proposed", "confirmed", "opened", "undone"]


def test_anyone_can_report_a_mistake_and_both_keepers_are_notified(client, signed_in):
    memorial = a_memorial()
    mail.outbox.clear()
    assertContains(client.post(f"{PAGE}tell/", {"words": ""}), "Write something first.", status_code=422)
    assertContains(
        client.post(f"{PAGE}tell/", {"words": "I am alive. Otter"}), "We have sent it to the keepers."
    )
    assert sorted(one.to[0] for one in mail.outbox) == ["nora@example.org", "ruth@example.org"]
    assert all("I am alive. Otter" in one.body for one in mail.outbox)
    assertContains(signed_in(memorial.host).get(KEEP), "I am alive. Otter")
    mail.outbox.clear()
    signed_in(memorial.host).post(KEEP, {"do": "undo"})
    assert sorted((one.to[0], one.subject) for one in mail.outbox) == [
        ("nora@example.org", "The memorial of Otter was undone"),
        ("otter@example.org", "Your account is open again"),
        ("ruth@example.org", "The memorial of Otter was undone"),
    ]
    assert client.get(PAGE).status_code == 404
    assert client.post("/accounts/login/", {"login": "otter", "password": PASSWORD}).status_code == 302


def test_who_may_undo_and_until_when(signed_in, moderator, member):
    memorial = a_memorial()
    others = {
        who.username: signed_in(who).post(KEEP, {"do": "undo"}).status_code for who in (moderator, member)
    }
    assert others == {moderator.username: 404, member.username: 404}
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert signed_in(memorial.keeper).post(KEEP, {"do": "undo"}).status_code == 403
        # Found late: the owner of the site.
        signed_in(memorial.host).post(KEEP, {"do": "undo"})
    assert User.objects.get(username="otter").is_active
    undo(memorial, by=memorial.host)  # a second click
    assert kinds(memorial).count("undone") == 1


def test_the_host_does_not_open_a_memorial_by_the_way_in_the_admin(signed_in):
    memorial = a_memorial()
    page = f"/admin/accounts/user/{memorial.member.pk}/change/"
    host = signed_in(memorial.host)
    form = host.get(page).context["adminform"].form
    data = {
        name: form.initial.get(name) or "" for name in ("username", "display_name", "tagline", "bio", "seen")
    }
    formset = {"links-TOTAL_FORMS": "0", "links-INITIAL_FORMS": "0"}
    answer = host.post(page, data | formset | {"is_active": "on"})
    assertContains(answer, "Undo the memorial on its own page.")


# --- memories ------------------------------------------------------------------------------


def write(client: Client, memorial: Memorial, words: str, **more: str) -> Comment:
    client.post(f"/posts/{memorial.post.slug}/comments/", {"body": words} | more)
    return Comment.objects.order_by("pk").last()


def test_memories_are_comments_oldest_first_and_a_candle_takes_the_place_of_thanks(client, signed_in, member):
    memorial = a_memorial()
    member.thread_order = "newest"
    member.save()
    first, second = (
        put_comment(memorial.post, body="The first voice."),
        put_comment(memorial.post, body="The second."),
    )
    reader = signed_in(member)
    page = reader.get(PAGE).content.decode()
    assert page.index(f"comment-{first.pk}") < page.index(f"comment-{second.pk}")
    assert ("Light a candle" in page, "Thanks" in page, "Most thanked" in page, "2 memories" in page) == (
        True,
        False,
        False,
        True,
    )
    reader.post(f"/comments/{first.pk}/thanks/", {"thanks": "1"})
    assertContains(reader.get(PAGE), "Your candle is lit · 1")
    reader.post(f"/posts/{memorial.post.slug}/thanks/", {"thanks": "1"})
    assertContains(reader.get(PAGE), "1 candle is lit here")
    assertContains(client.get(PAGE), "1 candle is lit here")
    assert Notification.objects.exclude(kind="replies").count() == 0  # lighting a candle notifies no one


def test_newcomers_memories_wait_and_those_of_the_custodian_do_not(signed_in):
    custodian = make_member("ines", known_since=None, date_joined=timezone.now())
    Custodian.objects.create(member=make_member("otter", display_name="Otter"), custodian=custodian)
    memorial = a_memorial()
    states = {}
    for who in (
        make_member("new", known_since=None, date_joined=timezone.now()),
        custodian,
        make_member("known"),
        memorial.keeper,
    ):
        states[who.username] = write(signed_in(who), memorial, f"A memory by {who.username}.").status
    assert states == {"new": "held", "ines": "public", "known": "public", "ruth": "public"}
    assert Comment.objects.get(author__username="new").hold_reasons[0]["code"] == "memorial_newcomer"
    # Elsewhere nothing is held for that.
    assert (
        write(signed_in(User.objects.get(username="new")), Memorial(post=make_post()), "Hello all.").status
        == "public"
    )


def test_each_author_says_whether_the_family_may_have_their_memory_and_may_change_that(signed_in, member):
    memorial = a_memorial()
    writer = signed_in(member)
    assertContains(writer.get(PAGE), "The family may have this memory")
    assertNotContains(writer.get(make_post().get_absolute_url()), "The family may have this memory")
    yes, no = (
        write(writer, memorial, "He said good evening.", family="on"),
        write(writer, memorial, "A private one of mine."),
    )
    assert [*FamilyChoice.objects.values_list("comment", "is_allowed")] == [(yes.pk, True)]
    assertContains(writer.get(PAGE), f"{PAGE}words/")
    others = put_comment(memorial.post, body="Mine.")
    keys = [str(no.pk), str(others.pk), "x", "9" * 30]
    writer.post(f"{PAGE}words/", {"shown": [str(yes.pk), *keys], "family": keys})
    assert {*FamilyChoice.objects.values_list("comment", "is_allowed")} == {(yes.pk, False), (no.pk, True)}


def test_the_custodian_is_named_in_life_and_edits_the_letter(client, signed_in):
    otter, ines = make_member("otter", display_name="Otter"), make_member("ines")
    own = signed_in(otter)
    page = "/members/me/custodian/"
    refused = {name: own.post(page, {"custodian": name}).status_code for name in ("otter", "nobody")}
    assert (refused, own.post(page, {"custodian": "@Ines"}).status_code) == (
        {"otter": 422, "nobody": 422},
        302,
    )
    assertContains(own.get(page), 'value="ines"')
    memorial = make_proposal()
    edit = f"{PAGE}edit/"
    assert signed_in(ines).get(edit).status_code == 404  # it is not open
    a_memorial()
    letter = {
        "title": "In memory of Otter",
        "letter": "Leave a *chair*.<script>",
        "dates": "",
        "recording": "example.org/voice",
        "recording_label": "Good evening",
        "visibility": "public",
    }
    assertRedirects(signed_in(ines).post(edit, letter), PAGE)
    page = client.get(PAGE)
    assertContains(page, "Leave a <em>chair</em>.")
    assertContains(
        page, '<a href="https://example.org/voice" rel="ugc nofollow noopener">Good evening</a>', html=True
    )
    assert signed_in(make_member("else")).get(edit).status_code == 404
    assert kinds(memorial)[-1] == "edited"


def test_a_picture_has_a_description_and_no_place(client, signed_in):
    memorial = a_memorial()
    keeper = signed_in(memorial.keeper)
    photo = make_picture(exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00")
    page = f"{PAGE}pictures/"
    assertContains(keeper.post(page, {"file": photo, "alt": ""}), "Describe the picture", status_code=422)
    assert keeper.post(page, {"file": make_picture(name="x.txt"), "alt": "Otter"}).status_code == 302
    picture = memorial.pictures.get()
    assertContains(client.get(PAGE), 'alt="Otter"')
    with picture.file.open() as file:
        assert b"Exif" not in file.read()
    keeper.post(page, {"remove": str(picture.pk)})
    assert (memorial.pictures.count(), kinds(memorial)[-2:]) == (0, ["picture", "no_picture"])


def test_each_field_of_the_page_on_which_keepers_edit_has_a_label_of_its_own(signed_in):
    memorial = a_memorial()
    page = signed_in(memorial.keeper).get(f"{PAGE}edit/").content.decode()
    ids = re.findall(r' id="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    assert {"id_file", "id_alt", "id_recording-file"} <= labelled <= set(ids)


def test_a_recording_is_a_file_of_its_kind_and_one_at_a_time(
    client, signed_in, django_capture_on_commit_callbacks
):
    memorial = a_memorial()
    keeper, page = signed_in(memorial.keeper), f"{PAGE}recording/"
    for file, said in (
        (None, "Choose a recording."),
        (a_recording("voice.exe"), "Choose a recording as an MP3, M4A, Ogg, WAV or FLAC file."),
        (a_recording("voice.mp3", b"MZ"), "This file isn’t what its name says (.mp3)."),
        (a_recording("voice.mp3", b""), "The submitted file is empty."),
    ):
        answer = keeper.post(page, {"file": file} if file else {})
        assertContains(answer, said, status_code=422)
    assertNotContains(client.get(PAGE), "<audio")
    assert keeper.post(page, {"file": a_recording()}).status_code == 302
    memorial.refresh_from_db()
    first = memorial.recording_file.name
    assertContains(client.get(PAGE), f'<audio src="/media/{first}" controls preload="none"')
    with django_capture_on_commit_callbacks(execute=True):
        keeper.post(page, {"file": a_recording("second.ogg", b"OggS...")})
    memorial.refresh_from_db()
    second = memorial.recording_file.name
    assert (default_storage.exists(first), second.endswith(".ogg")) == (False, True)
    with django_capture_on_commit_callbacks(execute=True):
        keeper.post(page, {"remove": "1"})
    assert default_storage.exists(second) is False
    assertNotContains(client.get(PAGE), "<audio")
    assert kinds(memorial)[-3:] == ["recording", "recording", "no_record"]


def test_no_button_of_the_page_that_keepers_edit_loses_what_is_typed(signed_in):
    """Without scripts, a button sends only its own form, so all are in one."""
    memorial = a_memorial()
    keeper = signed_in(memorial.keeper)
    form = keeper.get(f"{PAGE}edit/")
    main = form.content.decode().partition("<main")[2].partition("</main>")[0]
    assert main.count("<form") == 1
    fields = form.context["form"]
    shown = {name: fields[name].value() or "" for name in fields.fields} | {"alt": "Otter"}
    typed = shown | {"letter": "A long\r\nletter."}
    words = "A long\r\nletter.</textarea>"
    for page, more, status in (
        ("pictures", {"alt": "Otter"}, 422),
        ("pictures", {"file": make_picture()}, 200),
        ("pictures", {"remove": "0"}, 200),
        ("recording", {}, 422),
        ("recording", {"recording-file": a_recording()}, 200),
        ("recording", {"remove": "1"}, 200),
    ):
        said = keeper.post(f"{PAGE}{page}/", typed | more)
        assert (page, [*more], said.status_code, words in said.content.decode()) == (
            page,
            [*more],
            status,
            True,
        )
    # It can be saved as if nothing had happened; if nothing was typed, it redirects to the page.
    assert keeper.post(f"{PAGE}edit/", typed).status_code == 302
    memorial.refresh_from_db()
    assert (memorial.letter, memorial.pictures.count()) == ("A long\nletter.", 1)
    now = keeper.get(f"{PAGE}edit/").context["form"]
    same = {name: now[name].value() or "" for name in now.fields}
    assertRedirects(
        keeper.post(f"{PAGE}pictures/", same | {"file": make_picture(), "alt": "Another"}), f"{PAGE}edit/"
    )


def test_files_that_no_row_knows_are_swept_and_all_others_stay(signed_in):
    memorial = a_memorial()
    keeper = signed_in(memorial.keeper)
    keeper.post(f"{PAGE}recording/", {"file": a_recording()})
    keeper.post(f"{PAGE}pictures/", {"file": make_picture(), "alt": "Otter"})
    memorial.refresh_from_db()
    kept = {memorial.recording_file.name, memorial.pictures.get().file.name}
    left = default_storage.save("memorials/ffff.mp3", ContentFile(b"left by a killed process"))
    assert sweep_memorial_files() == 0  # it may be that of a request that is about to store it
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        sweep_memorial_files()
    assert (default_storage.exists(left), {name for name in kept if default_storage.exists(name)}) == (
        False,
        kept,
    )


def test_after_another_username_the_old_addresses_lead_to_the_pages(client, signed_in):
    memorial = a_memorial()
    otter = User.objects.get(pk=memorial.member.pk)
    otter.username = "otto"
    otter.save()
    profile_changed.send(sender=User, member=otter)
    assert client.get("/members/otto/memorial/").status_code == 200
    assertRedirects(client.get(PAGE), "/members/otto/memorial/")
    keeper = signed_in(memorial.keeper)
    for below, reader in (
        ("keep", keeper),
        ("edit", keeper),
        ("book", keeper),
        ("words", keeper),
        ("tell", client),
    ):
        assertRedirects(reader.get(f"{PAGE}{below}/"), f"/members/otto/memorial/{below}/")
    assert signed_in(make_member("kit")).get(KEEP).status_code == 404
    # Someone else with that name has a memorial later.
    make_member("otter", email="another@example.org")
    a_memorial("otter")
    assertContains(client.get(PAGE), 'href="/members/otter/memorial/tell/"')


def test_erased_while_a_keeper_writes_it_says_so_and_keeps_the_text(signed_in, monkeypatch):
    memorial = a_memorial()
    keeper = signed_in(memorial.keeper)
    check, stored = editing.check_may_write, Post.objects.filter(pk=memorial.pk)
    forms = {
        "edit": {"title": "In memory", "letter": "A long letter.", "visibility": "public"},
        "pictures": {"alt": "Otter", "file": make_picture()},
        "recording": {"file": a_recording()},
    }
    for below, form in forms.items():
        with monkeypatch.context() as patch, transaction.atomic():
            patch.setattr(editing, "check_may_write", lambda by: (check(by), stored.delete()))
            answer = keeper.post(f"{PAGE}{below}/", form)
            assertContains(answer, "This memorial was deleted in the meantime.", status_code=422)
            assert below != "edit" or "A long letter.</textarea>" in answer.content.decode()
            transaction.set_rollback(True)


def test_a_recording_that_finds_no_room_is_called_a_recording(signed_in, monkeypatch):
    memorial = a_memorial()
    monkeypatch.setattr(SafeFileSystemStorage, "_save", Mock(side_effect=OSError(errno.ENOSPC, "full")))
    answer = signed_in(memorial.keeper).post(f"{PAGE}recording/", {"file": a_recording()})
    assertContains(answer, "We can’t store recordings right now", status_code=422)
    assertNotContains(answer, "pictures right now", status_code=422)


def test_the_title_is_in_the_language_of_the_site(db):
    save_settings({"languages": ["de"]}, by=None)
    with translation.override("de"):
        memorial = make_proposal()
    assert memorial.post.title == "In memory of Otter"


# --- requests by the family ------------------------------------------------------------------


def test_the_account_and_the_memorial_are_erased_when_the_family_asks(client, signed_in):
    memorial = a_memorial()
    said = put_comment(make_post(), author=memorial.member, body="Good evening.")
    put_comment(memorial.post, body="We miss you.")
    host = signed_in(memorial.host)
    assert host.post(KEEP, {"do": "erase", "words": "keep"}).status_code == 422
    assert (
        signed_in(memorial.keeper)
        .post(KEEP, {"do": "erase", "words": "keep", "is_certain": "on"})
        .status_code
        == 403
    )
    host.post(KEEP, {"do": "erase", "words": "keep", "is_certain": "on"})
    assertContains(host.get(KEEP), "will be erased on")
    assert client.get(PAGE).status_code == 200
    deletion = AccountDeletion.objects.get()
    while not carry_out(deletion):
        pass
    assert (client.get(PAGE).status_code, client.get("/members/otter/").status_code) == (404, 404)
    assert (Memorial.objects.count(), Post.objects.filter(kind="memorial").count(), Step.objects.count()) == (
        0,
        0,
        0,
    )
    said.refresh_from_db()
    assert (said.body, said.author.get_display_name() == "Otter") == ("Good evening.", False)


def test_an_undo_cancels_the_erasure(signed_in):
    memorial = a_memorial()
    signed_in(memorial.host).post(KEEP, {"do": "erase", "words": "erase", "is_certain": "on"})
    signed_in(memorial.keeper).post(KEEP, {"do": "undo"})
    assert (AccountDeletion.objects.count(), User.objects.get(username="otter").is_active) == (0, True)


def test_a_memorial_for_members_shows_visitors_nothing(client, signed_in, member):
    a_memorial(visibility="members")
    assert (client.get(PAGE).status_code, signed_in(member).get(PAGE).status_code) == (302, 200)
    assertNotContains(client.get("/memorials/"), "Otter")
    assertNotContains(client.get("/members/otter/"), f'"{PAGE}"')
