"""Keepers and the custodian: what requires two of them, what one alone may do, and who is notified."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccountDeletion, User
from accounts.services.merging import merge_accounts
from memorials.models import Custodian, FamilyChoice, Memorial
from memorials.services.editing import add_picture
from memorials.services.keeping import Proposal, propose, undo
from tests.factories import make_host, make_member, make_picture, put_comment, switch_on
from tests.memorials.people import a_memorial, make_proposal

pytestmark = pytest.mark.django_db

PAGE, KEEP = "/members/otter/memorial/", "/members/otter/memorial/keep/"
ERASE = {"do": "erase", "words": "erase", "is_certain": "on"}


@pytest.fixture(autouse=True)
def switched_on():
    switch_on("memorials")


def is_open(memorial: Memorial) -> bool:
    memorial.refresh_from_db()
    return memorial.is_open


def an_otter_with_a_custodian() -> User:
    ines = make_member("ines")
    Custodian.objects.create(member=make_member("otter", display_name="Otter"), custodian=ines)
    return ines


# --- one keeper --------------------------------------------------------------------------


def test_one_host_alone_erases_nobody_before_the_second_keeper_agrees_or_after_an_undo(signed_in):
    memorial = make_proposal()
    host = signed_in(memorial.host)
    answers = [host.post(KEEP, ERASE).status_code]
    a_memorial()
    undo(memorial, by=memorial.keeper)
    answers.append(host.post(KEEP, ERASE).status_code)
    assert (answers, AccountDeletion.objects.count()) == ([403, 403], 0)


@pytest.mark.parametrize(
    "gone", [{"is_active": False}, {"is_staff": False, "is_superuser": False}], ids=["closed", "no host"]
)
def test_a_keeper_does_not_confirm_alone_when_the_host_is_one_no_longer(signed_in, gone):
    memorial = make_proposal()
    User.objects.filter(pk=memorial.host.pk).update(**gone)
    keeper = signed_in(memorial.keeper)
    assertContains(
        keeper.post(KEEP, {"do": "confirm"}, follow=True), "Please ask another host to begin it again."
    )
    assert (is_open(memorial), User.objects.get(username="otter").is_active) == (False, True)


def test_nobody_undoes_a_memorial_whose_account_is_being_erased(signed_in):
    memorial = a_memorial()
    signed_in(memorial.host).post(KEEP, ERASE)
    AccountDeletion.objects.update(begun_at=timezone.now())  # the worker has reached it
    assert signed_in(memorial.keeper).post(KEEP, {"do": "undo"}).status_code == 403
    assert (is_open(memorial), User.objects.get(username="otter").is_active) == (True, False)


def test_a_suspended_keeper_is_told_why_nothing_changes_and_can_still_undo_a_mistake(signed_in):
    memorial = a_memorial()
    picture = add_picture(memorial, make_picture(), "Otter", by=memorial.host)
    User.objects.filter(pk=memorial.keeper.pk).update(silent_until=timezone.now() + timedelta(days=1))
    keeper = signed_in(memorial.keeper)
    page = {"title": "In memory of Otter", "letter": "Mine.", "visibility": "public"}
    why = "says why, and how to appeal"
    assertContains(keeper.post(f"{PAGE}edit/", page), why, status_code=422)
    assertContains(keeper.post(f"{PAGE}pictures/", {"remove": str(picture.pk)}, follow=True), why)
    more = {"file": make_picture(), "alt": "Another"}
    assertContains(keeper.post(f"{PAGE}pictures/", more), why, status_code=422)
    memorial.refresh_from_db()
    assert (memorial.letter, memorial.pictures.count()) == ("", 1)
    keeper.post(KEEP, {"do": "undo"})
    assert not is_open(memorial)


def test_another_host_finds_what_is_waiting_already(signed_in):
    memorial = make_proposal()
    second = make_host("vera")
    fields = {"member": "otter", "keeper": "ruth", "visibility": "public", "is_certain": "on"}
    assertContains(signed_in(second).post("/memorials/new/", fields, follow=True), "Kept by nora and ruth.")
    assert Memorial.objects.get().host == memorial.host


def test_there_is_no_book_of_the_living(signed_in):
    memorial = a_memorial()
    keeper = signed_in(memorial.keeper)
    keeper.post(f"{PAGE}book/")
    undo(memorial, by=memorial.keeper)
    codes = [keeper.get(f"{PAGE}book/{where}").status_code for where in ("", "file/", "print/")] + [
        keeper.post(f"{PAGE}book/").status_code
    ]
    assert codes == [404, 404, 404, 404]


def test_a_keeper_no_longer_asked_reads_why_the_link_is_invalid(signed_in, member):
    """Everyone else reads the same, whether there is a memorial or not, so it reveals nothing."""
    memorial = make_proposal()
    first = memorial.keeper
    propose(Proposal(memorial.member, make_member("ines")), by=memorial.host)
    for who, page in ((first, KEEP), (member, KEEP), (member, "/members/alice/memorial/keep/")):
        assertContains(signed_in(who).get(page), "someone else has been asked since", status_code=404)
    assert signed_in(first).post(KEEP, {"do": "confirm"}).status_code == 404
    assert not is_open(memorial)


def test_while_nobody_is_asked_the_page_names_nobody(signed_in):
    memorial = make_proposal()
    memorial.keeper.delete()
    page = signed_in(memorial.host).get(KEEP)
    assertNotContains(page, "We have asked")
    assertContains(page, "This memorial was not confirmed. The account is as it was.")


# --- two keepers at once -----------------------------------------------------------------


def test_no_text_of_one_keeper_is_lost_when_the_other_saves(signed_in):
    memorial = a_memorial()
    fields = {"title": "In memory of Otter", "visibility": "public"}
    host, keeper = signed_in(memorial.host), signed_in(memorial.keeper)
    seen = [who.get(f"{PAGE}edit/").context["form"]["seen"].value() for who in (host, keeper)]
    host.post(f"{PAGE}edit/", fields | {"letter": "By nora.", "seen": seen[0]})
    refused = keeper.post(f"{PAGE}edit/", fields | {"letter": "By ruth.", "seen": seen[1]})
    assertContains(refused, "Someone else saved this page", status_code=422)
    assertContains(refused, "By ruth.", status_code=422)
    memorial.refresh_from_db()
    assert memorial.letter == "By nora."
    # Now she knows, and confirms it.
    again = refused.context["form"]["seen"].value()
    keeper.post(f"{PAGE}edit/", fields | {"letter": "By both.", "seen": again})
    memorial.refresh_from_db()
    assert memorial.letter == "By both."


def test_what_was_written_in_another_window_keeps_its_answer(signed_in, member):
    memorial = a_memorial()
    old, new = (put_comment(memorial.post, author=member) for _ in range(2))
    FamilyChoice.objects.create(comment=new, is_allowed=True)
    signed_in(member).post(f"{PAGE}words/", {"shown": str(old.pk), "family": str(old.pk)})
    assert dict(FamilyChoice.objects.values_list("comment", "is_allowed")) == {old.pk: True, new.pk: True}


def test_a_memorial_stays_when_both_keepers_turn_out_to_be_one_person(client):
    memorial = a_memorial()
    merge_accounts(memorial.host, memorial.keeper, by=memorial.host)
    memorial.refresh_from_db()
    assert (memorial.is_open, memorial.host.username, memorial.keeper) == (True, "nora", None)
    assertContains(client.get(PAGE), "Kept by nora.")


# --- notifications -------------------------------------------------------------------------


def test_the_custodian_is_told_when_it_opens_and_named_on_the_page(client, signed_in):
    an_otter_with_a_custodian()
    mail.outbox.clear()
    make_proposal()
    assert [one.to for one in mail.outbox] == [["ruth@example.org"]]  # not before it is certain
    mail.outbox.clear()
    a_memorial()
    assert sorted(one.to[0] for one in mail.outbox) == [
        "ines@example.org",
        "nora@example.org",
        "ruth@example.org",
    ]
    (told,) = (one for one in mail.outbox if one.to == ["ines@example.org"])
    assert told.subject == "The memorial of Otter is open"
    assert ("Otter once chose you to speak for them here" in told.body, KEEP in told.body) == (True, True)
    assertContains(client.get(PAGE), "Kept by nora and ruth. ines speaks for them, as they wished.")


def test_a_custodian_who_keeps_it_anyway_is_named_once(client):
    Custodian.objects.create(member=make_member("otter", display_name="Otter"), custodian=make_member("ruth"))
    mail.outbox.clear()
    a_memorial()
    assert [one.to[0] for one in mail.outbox].count("ruth@example.org") == 2  # asked, then opened
    assertNotContains(client.get(PAGE), "speaks for them")


def test_a_keeper_whose_account_is_closed_gets_no_mail(client):
    memorial = a_memorial()
    User.objects.filter(pk=memorial.keeper.pk).update(is_active=False)
    mail.outbox.clear()
    client.post(f"{PAGE}tell/", {"words": "I am alive."})
    assert [one.to for one in mail.outbox] == [["nora@example.org"]]


def test_if_both_keepers_closed_their_accounts_the_site_owner_is_notified(client):
    memorial = a_memorial()
    make_host("owner")
    User.objects.filter(pk__in=[memorial.host.pk, memorial.keeper.pk]).update(is_active=False)
    mail.outbox.clear()
    client.post(f"{PAGE}tell/", {"words": "I am alive."})
    assert [one.to for one in mail.outbox] == [["owner@example.org"]]


def test_the_log_knows_members_who_have_left_from_people_who_were_not_signed_in(client, signed_in):
    memorial = a_memorial()
    client.post(f"{PAGE}tell/", {"words": "It hurts."})
    memorial.host.delete()
    text = re.sub(r"<[^>]*>", "", signed_in(memorial.keeper).get(KEEP).content.decode())
    page = " ".join(text.split())
    assert "A former member proposed the memorial and confirmed it" in page
    assert (
        page.count("Someone who wasn’t signed in wrote to the keepers") == page.count("wasn’t signed in") == 1
    )


def test_keepers_learn_once_that_a_memory_was_reported_and_not_by_whom(signed_in, member, other_member):
    memorial = a_memorial()
    memory = put_comment(memorial.post, author=make_member("rude"), body="Good riddance.")
    mail.outbox.clear()
    for who in (member, other_member):
        signed_in(who).post(f"/comments/{memory.pk}/report/", {"reason": "unkind", "note": "It hurts."})
    there = [one for one in mail.outbox if one.subject == "About the memorial of Otter"]
    assert sorted(one.to[0] for one in there) == ["nora@example.org", "ruth@example.org"]
    for one in there:
        said = (memory.get_absolute_url() in one.body, "alice" in one.body, "It hurts." in one.body)
        assert said == (True, False, False)


def test_a_living_person_reaches_the_keepers_of_a_page_for_members(client):
    memorial = a_memorial(visibility="members")
    memorial.post.title = "Otter, who loved the pond"
    memorial.post.save()
    assertContains(client.get("/members/otter/"), f"{PAGE}tell/")
    form = client.get(f"{PAGE}tell/")
    assertContains(form, 'href="/members/otter/"')
    assertNotContains(form, "pond")
    mail.outbox.clear()
    assertNotContains(client.post(f"{PAGE}tell/", {"words": "I am alive."}), "pond")
    assert sorted(one.to[0] for one in mail.outbox) == ["nora@example.org", "ruth@example.org"]


def test_while_the_part_is_off_the_living_reach_the_keepers_and_these_undo_but_nothing_begins(
    client, signed_in
):
    memorial = a_memorial("heron")
    waiting = make_proposal()
    switch_on()
    mail.outbox.clear()
    answer = client.post("/members/heron/memorial/tell/", {"words": "I am alive."})
    assert (answer.status_code, len(mail.outbox)) == (200, 2)
    keeper = signed_in(waiting.keeper)
    assert keeper.post(KEEP, {"do": "confirm"}).status_code == 404
    assertContains(signed_in(memorial.keeper).get("/members/heron/memorial/keep/"), "Undo the memorial")
    signed_in(memorial.keeper).post("/members/heron/memorial/keep/", {"do": "undo"})
    memorial.refresh_from_db()
    waiting.refresh_from_db()
    assert (memorial.state, waiting.state) == (Memorial.State.UNDONE, Memorial.State.PROPOSED)
