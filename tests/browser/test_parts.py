"""Birthdays, events, rooms, memorials and party mode for visitor, member, moderator and host."""

import re

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from birthdays.services.wishes import send_wish
from comments.models import Comment
from events.models import Answer, Event
from party.models import PartyDay
from party.services import forget
from rooms.models import Room
from tests.browser.test_stable import TWO_FRAMES, WATCH
from tests.factories import make_host, make_member, make_moderator, make_post, switch_on
from tests.memorials.people import a_memorial

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]  # four users in four browsers


@pytest.fixture
def people(site):
    make_host("nora")
    make_moderator("carol")
    make_member("alice")


def without_scripts(visit, name: str = ""):
    reader = visit(javascript=False, width=360)
    if name:
        reader.sign_in(name)
    return reader


def faults_by_role(visit, paths: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the faults of these pages by role, without roles that have none."""
    found = {}
    for name, theirs in paths.items():
        reader = visit(width=360, scheme="dark") if name == "alice" else visit()
        if name:
            reader.sign_in(name)
        for path in theirs:
            reader.open(path)
            found[f"{name} {path}"] = reader.faults() + reader.complaints
    return {where: faults for where, faults in found.items() if faults}


def test_a_birthday_is_wished_for_without_scripts_and_a_moderator_removes_what_is_no_wish(visit, people):
    switch_on("birthdays")
    today = timezone.localdate()
    ada = make_member(
        "ada", birthday_day=today.day, birthday_month=today.month, birthday_seen_by="all", display_name="Ada"
    )
    page = without_scripts(visit, "alice").open("/birthdays/")
    page.get_by_label("Your wish for Ada").fill("A long bright year to you.")
    page.get_by_role("button", name="Send wish").click()
    expect(page.get_by_text("A long bright year to you.")).to_be_visible()
    send_wish(ada, by=make_member("bob"), words="Not much of a year.")
    wish = Comment.objects.latest("pk")
    page = without_scripts(visit, "carol").open(f"/moderation/comments/{wish.pk}/?decide=remove")
    page.get_by_role("button", name=re.compile("^Remove")).first.click()
    page = without_scripts(visit).open(wish.post.get_absolute_url())
    expect(page.get_by_text("A long bright year to you.")).to_be_visible()
    expect(page.get_by_text("Not much of a year.")).to_have_count(0)
    where = ["/birthdays/", wish.post.get_absolute_url()]
    assert faults_by_role(visit, {"": where, "alice": where, "carol": where[1:], "nora": where[:1]}) == {}


def test_an_event_is_proposed_approved_and_answered_by_a_guest_without_scripts(visit, people):
    switch_on("events")
    alice = without_scripts(visit, "alice")
    page = alice.open("/events/new/")
    page.get_by_label("Title").fill("Raid night")
    page.get_by_label("Place", exact=True).fill("The harbour")
    page.get_by_label("Starts").fill("2099-07-09T20:00")
    page.get_by_label("Ends").fill("2099-07-09T19:00")
    page.get_by_role("button", name="Propose event").click()
    expect(page.get_by_text("It ends before it starts. Choose a later time.").first).to_be_visible()
    page.get_by_label("Ends").fill("2099-07-09T22:00")
    page.get_by_role("button", name="Propose event").click()
    expect(page.get_by_text("Only its author and the hosts can see it.")).to_be_visible()
    where = Event.objects.get().post.get_absolute_url()
    expect(
        without_scripts(visit, "carol").open(where).get_by_role("heading", name="Raid night")
    ).to_have_count(0)
    page = without_scripts(visit, "nora").open(where)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("The event is published.")).to_be_visible()
    alice.open(where).get_by_role("button", name="Maybe").click()
    page = without_scripts(visit).open(where)
    page.get_by_role("link", name="Respond without an account").click()
    page.get_by_label("Name").fill("Gus")
    page.get_by_label("Email").fill("gus@example.org")
    page.get_by_role("button", name="Email me a code").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    message = next(one for one in mail.outbox if one.to == ["gus@example.org"])
    page.get_by_label("Code").fill(re.search(r"\b\d{6}\b", message.body).group())
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("You’re coming. We’ll remind you a day before.")).to_be_visible()
    assert sorted(Answer.objects.values_list("guest_name", "says")) == [("", "maybe"), ("Gus", "yes")]
    each = {"": [where, "/events/", f"{where}guest/"], "alice": ["/events/new/", where]}
    assert faults_by_role(visit, each | {"carol": [where], "nora": [where, f"{where}edit/"]}) == {}


def test_rooms_show_who_is_there_and_those_for_members_only_to_them(visit, people):
    switch_on("rooms")
    for name, for_members in (("The kitchen", False), ("The back room", True)):
        Room.objects.create(
            name=name, kind="jitsi", address="https://meet.example/room", for_members=for_members
        )
    page = without_scripts(visit, "alice").open("/rooms/")
    back_room = f"#room-{Room.objects.get(name='The back room').pk}"
    page.locator(back_room).get_by_role("button", name="I’m there").click()
    expect(page.get_by_text("For the next hour, others can see that you’re there.")).to_be_visible()
    visitor = without_scripts(visit).open("/rooms/")
    expect(visitor.get_by_role("heading", name="The back room")).to_have_count(0)
    expect(visitor.get_by_text("There are rooms for members.")).to_be_visible()
    moderator = without_scripts(visit, "carol").open("/rooms/")
    expect(moderator.locator(back_room).get_by_role("link", name="alice")).to_be_visible()
    expect(moderator.get_by_role("link", name="Add a room")).to_have_count(0)
    where = ["/rooms/"]
    assert faults_by_role(visit, {"": where, "alice": where, "nora": where}) == {}


def test_a_memorial_is_agreed_by_two_and_a_moderator_reads_a_newcomers_memory_first(visit, people):
    switch_on("memorials")
    make_member("otter", display_name="Otter")
    make_member("newt", known_since=None)
    page = without_scripts(visit, "nora").open("/memorials/new/")
    page.get_by_label("Who has died").fill("otter")
    page.get_by_label("Who keeps the memorial with you").fill("alice")
    page.get_by_label("I know from the family").check()
    page.get_by_role("button", name="Confirm, and ask the second keeper").click()
    page = without_scripts(visit, "alice").open("/members/otter/memorial/keep/")
    page.get_by_role("button", name="I know this, and I will keep the memorial").click()
    page = without_scripts(visit, "newt").open("/members/otter/memorial/")
    page.get_by_role("textbox", name="What you remember").fill("He taught me to wait.")
    page.get_by_role("button", name="Leave this memory").click()
    memory = Comment.objects.get()
    expect(without_scripts(visit).open("/members/otter/memorial/").get_by_text("He taught")).to_have_count(0)
    page = without_scripts(visit, "carol").open(f"/moderation/comments/{memory.pk}/?decide=approve")
    page.get_by_role("button", name=re.compile("^Approve")).first.click()
    visitor = without_scripts(visit).open("/members/otter/memorial/")
    expect(visitor.get_by_text("He taught me to wait.")).to_be_visible()
    assert faults_by_role(visit, {"carol": ["/members/otter/memorial/"], "nora": ["/memorials/new/"]}) == {}


@pytest.mark.parametrize("dress", ["quiet", "full"])
def test_a_dressed_page_stays_where_it_is_can_be_read_and_is_still_for_who_wants_that(visit, people, dress):
    switch_on("party", "memorials")
    PartyDay.objects.create(day=timezone.localdate(), dress=dress)
    memorial, post = a_memorial(), make_post()
    forget()
    reader = visit()
    reader.context.add_init_script(WATCH)
    bursts = []
    for path in ("/", post.get_absolute_url()):
        page = reader.open(path)
        bursts.append(confetti_on(page))
        page.evaluate(TWO_FRAMES)
        assert (path, page.evaluate("allMoved()")) == (path, [])
        assert bunting(page) != "none"
        page.emulate_media(media="print")
        assert (path, bunting(page), page.locator(".party-foot").is_visible()) == (path, "none", False)
        page.emulate_media(media="screen")
        assert (path, reader.faults(), reader.complaints) == (path, [], [])
    assert bursts == ([1, 0] if dress == "full" else [0, 0])  # one in each visit
    still = visit(width=360, scheme="dark")
    still.page.emulate_media(reduced_motion="reduce")
    assert (confetti_on(still.open("/")), bunting(still.page) != "none") == (0, True)
    for path in (memorial.post.get_absolute_url(), "/members/otter/", "/memorials/"):
        page = visit().open(path)
        assert (path, confetti_on(page), bunting(page)) == (path, 0, "none")


def confetti_on(page) -> int:
    """Return the number of bursts once the reader has moved the mouse, and the page is idle."""
    assert page.locator(".confetti").count() == 0
    page.mouse.move(9, 9)
    page.evaluate("new Promise((done) => requestIdleCallback(done))")
    return page.locator(".confetti").count()


def bunting(page) -> str:
    return page.evaluate("getComputedStyle(document.querySelector('.top'), '::after').content")
