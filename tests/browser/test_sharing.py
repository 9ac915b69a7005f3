"""Board, giving, regular contacts and decisions for visitor, guest, member, moderator and host."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import User
from board.models import Board
from comments.models import Comment
from comments.services.images import add_picture, picture_markdown
from comments.services.writing import publish_comment
from tests.browser.test_parts import faults_by_role, without_scripts
from tests.closer.test_people import exchange
from tests.decisions.factories import make_proposal
from tests.factories import make_host, make_member, make_moderator, make_picture, make_post, switch_on

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]  # four users in four browsers


@pytest.fixture
def nora(site):
    make_moderator("carol")
    make_member("alice")
    return make_host("nora")


def decide(visit, comment: Comment, action: str) -> None:
    """Decide about a comment as the moderator."""
    page = without_scripts(visit, "carol").open(f"/moderation/comments/{comment.pk}/?decide={action}")
    page.get_by_role("button", name=re.compile(f"^{action.title()}")).first.click()
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()


def test_a_card_waits_for_a_moderator_and_the_host_chooses_it_for_the_week_without_scripts(visit, nora):
    switch_on("board")
    board = Board.open(nora).post
    picture = add_picture(make_picture(size=(900, 600)), by=nora, alt="A cat in a tuba")
    publish_comment(post=board, author=nora, body=f"Rehearsal.\n\n{picture_markdown(picture)}")
    page = without_scripts(visit, "alice").open("/board/")
    page.get_by_role("link", name="Add to the board").click()
    page.locator("#reply [name=body]").fill("Otters, all day: https://www.otters.example/pool")
    page.locator("#reply").get_by_role("button", name="Post comment").click()
    expect(
        page.get_by_text("No one will be notified until a moderator approves your comment.")
    ).to_be_visible()
    card = Comment.objects.latest("pk")
    wall = without_scripts(visit).open("/board/")
    expect(wall.get_by_role("link", name="picture: A cat in a tuba")).to_be_visible()
    expect(wall.get_by_text("Otters, all day")).to_have_count(0)
    decide(visit, card, "approve")
    page = without_scripts(visit, "nora").open(card.get_absolute_url())
    page.locator(f"#comment-{card.pk} .tools summary").click()
    page.locator(f"#comment-{card.pk}").get_by_role("button", name="Mark as the host’s choice").click()
    expect(page.get_by_text("Host’s choice", exact=True)).to_be_visible()
    wall.reload()
    week = wall.get_by_role("region", name="Highlight of the week")
    expect(week.get_by_text("Otters, all day")).to_be_visible()
    where = ["/board/", board.get_absolute_url()]
    assert faults_by_role(visit, {"": where, "alice": where, "carol": where[1:], "nora": where[1:]}) == {}


def test_the_host_says_what_the_site_costs_and_a_member_pledges_without_scripts(visit, nora):
    switch_on("giving")
    page = without_scripts(visit, "nora").open("/giving/")
    page.get_by_role("link", name="Edit text and costs").click()
    page.get_by_label("Text").fill("The server, and stamps.")
    page.get_by_label("Monthly costs").fill("40")
    page.get_by_role("button", name="Save", exact=True).click()
    page = without_scripts(visit, "alice").open("/giving/")
    page.get_by_label("Monthly amount, in EUR").fill("-1")
    page.get_by_role("button", name="Pledge").click()
    expect(page.get_by_text("Enter an amount above 0.").first).to_be_visible()
    page.get_by_label("Monthly amount, in EUR").fill("5")
    page.locator("[name=is_thanked]").check()
    page.get_by_role("button", name="Pledge").click()
    expect(page.get_by_text("Your pledge is saved")).to_be_visible()
    visitor = without_scripts(visit).open("/giving/")
    for said in ("The server, and stamps.", "40 EUR", "5 EUR", "Members can pledge"):
        expect(visitor.get_by_text(said)).to_be_visible()
    expect(visitor.get_by_role("complementary").get_by_role("link", name="alice")).to_be_visible()
    moderator = without_scripts(visit, "carol").open("/giving/")
    expect(moderator.get_by_role("link", name="Edit text and costs")).to_have_count(0)
    where = ["/giving/"]
    assert faults_by_role(visit, dict.fromkeys(["", "alice", "carol", "nora"], where)) == {}


def test_regular_contacts_are_seen_by_the_two_alone_and_the_email_is_chosen_without_scripts(visit, nora):
    switch_on("closer")
    where = "/members/me/in-touch/"
    exchange(User.objects.get(username="alice"), make_member("otto", display_name="Otto"), 3)
    page = without_scripts(visit, "alice").open(where)
    expect(page.locator(".person").get_by_role("link", name="Otto")).to_be_visible()
    page.get_by_label("Email me once a week").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Email me once a week")).to_be_checked()
    for name in ("carol", "nora"):
        expect(without_scripts(visit, name).open(where).get_by_text("No one yet.")).to_be_visible()
    assert "/login/" in without_scripts(visit).open(where).url
    assert faults_by_role(visit, {"alice": [where], "carol": [where]}) == {}


def test_a_guest_takes_a_position_by_the_link_without_scripts_and_a_moderator_removes_it(visit, nora):
    switch_on("decisions")
    proposal = make_proposal(post=make_post(nora), by=nora)
    where = proposal.get_absolute_url()
    page = without_scripts(visit, "nora").open(where)
    page.get_by_label("Names and email addresses").fill("Ada Lovelace <ada@example.org>")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("1 person is invited.")).to_be_visible()
    message = next(one for one in mail.outbox if one.to == ["ada@example.org"])
    link = re.search(r"/decisions/by-link/[^/\s]+/", message.body).group()
    guest = without_scripts(visit).open(link)
    guest.get_by_role("radio", name="Disagree").check()
    guest.get_by_role("button", name="Post position").click()
    expect(guest.get_by_text("Write something first.").first).to_be_visible()
    guest.get_by_label("Reason").fill("My aunt sits beside me.")
    guest.get_by_role("button", name="Post position").click()
    expect(guest.get_by_text("Your position was counted.")).to_be_visible()
    expect(guest.get_by_text("Ada Lovelace (guest)")).to_be_visible()
    member = without_scripts(visit, "alice").open(where)
    expect(member.get_by_text("My aunt sits beside me.")).to_be_visible()
    pages = {"": [link, f"{link}no-more/", where], "alice": [where], "carol": [where], "nora": [where]}
    assert faults_by_role(visit, pages) == {}
    decide(visit, Comment.objects.latest("pk"), "remove")
    expect(guest.get_by_text("It doesn’t count any more")).to_have_count(0)
    guest.reload()
    expect(
        guest.get_by_text("It doesn’t count any more, because its reason is no longer shown.")
    ).to_be_visible()
    expect(guest.get_by_text("My aunt sits beside me.")).to_have_count(0)
