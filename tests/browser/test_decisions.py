"""A poll and a proposal, from opening to outcome, for each role; partly without scripts."""

import pytest
from playwright.sync_api import expect

from decisions.models import Decision, Guest
from decisions.services.inviting import link_of
from tests.decisions.factories import make_poll, make_proposal
from tests.factories import make_host, make_member, make_moderator, make_post, switch_on

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]  # four users in four browsers


def test_a_poll_from_opening_to_outcome_without_scripts(visit, site):
    host, member = make_host("nora"), make_member("alice")
    switch_on("decisions")
    make_post(host, slug="open", title="Reading aloud")
    nora, alice = visit(javascript=False), visit(javascript=False, width=360)
    nora.sign_in(host.username)
    page = nora.open("/decisions/new/poll/?post=open")
    page.get_by_role("textbox", name="Title").fill("Which evening?")
    page.get_by_role("textbox", name="Options").fill("Monday\nTuesday")
    page.get_by_label("Show the results before").check()
    page.get_by_role("button", name="Open poll").click()
    alice.sign_in(member.username)
    page = alice.open("/posts/open/")
    page.get_by_role("link", name="Vote and see the results").click()
    page.get_by_label("Tuesday").first.check()
    page.get_by_role("button", name="Vote").click()
    expect(page.get_by_text("1 vote (100%)")).to_be_visible()
    page.get_by_label("Monday").first.check()
    page.get_by_role("button", name="Change vote").click()
    expect(page.get_by_text("Your vote was changed.")).to_be_visible()
    page = nora.open(Decision.objects.get().get_absolute_url())
    page.get_by_role("button", name="Close the poll now").click()
    expect(page.get_by_text("Close the poll now?")).to_be_visible()
    page.get_by_role("button", name="Close the poll now").click()
    page.get_by_role("textbox", name="Outcome").fill("Monday it is.")
    page.get_by_role("button", name="Publish outcome").click()
    expect(page.get_by_text("Monday it is.")).to_be_visible()
    visitor = visit(javascript=False).open(Decision.objects.get().get_absolute_url())
    expect(visitor.get_by_text("The most votes:")).to_be_visible()
    expect(visitor.get_by_text("Monday it is.")).to_be_visible()


def test_pages_of_decisions_shut_nobody_out(visit, site):
    host, member, moderator = make_host("nora"), make_member("alice"), make_moderator("carol")
    switch_on("decisions")
    post = make_post(host, slug="open", title="Reading aloud")
    ranked = make_poll(post=post, by=host, method="ranked", shows_early=True)
    proposal = make_proposal(post=post, by=host)
    found = {}
    for who, paths in {
        host: ["/decisions/new/poll/", "/decisions/"],
        member: [ranked.get_absolute_url(), proposal.get_absolute_url()],
        moderator: [proposal.get_absolute_url()],
    }.items():
        reader = visit()
        reader.sign_in(who.username)
        for path in paths:
            page = reader.open(path)
            if who == moderator:
                page.get_by_label("Disagree").first.check()
                page.get_by_label("Reason").fill("Twelve is few.")
                page.get_by_role("button", name="Post position").click()
                expect(page.get_by_text("Twelve is few.")).to_be_visible()
            found[f"{who} {path}"] = reader.faults() + reader.complaints
    assert {where: faults for where, faults in found.items() if faults} == {}


def test_a_guest_votes_by_the_link_without_scripts(visit, site):
    host = make_host("nora")
    switch_on("decisions")
    poll = make_poll(post=make_post(host), by=host, shows_early=True)
    nora = visit(javascript=False)
    nora.sign_in(host.username)
    page = nora.open(poll.get_absolute_url())
    page.get_by_label("Names and email addresses").fill("Ada Lovelace <ada@example.org>")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("Ada Lovelace, ada@example.org", exact=True)).to_be_visible()
    path = link_of(Guest.objects.get()).removeprefix(site)
    page = visit(javascript=False).open(path)
    page.get_by_label("Friday").first.check()
    page.get_by_role("button", name="Vote").click()
    expect(page.get_by_text("Ada Lovelace (guest)")).to_be_visible()
    ada = visit(width=320, scheme="dark")
    ada.open(path)
    assert ada.faults() + ada.complaints == []
