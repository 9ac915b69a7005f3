"""The app `closer`: experts, regular contacts, a closing line, reopened discussions, lost pages."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import ProfileLink
from accounts.services.profile import store_topics
from closer.models import Choice
from comments.models import LinkedPage
from comments.services.reactions import thank
from search.receivers import index_profile
from tests.closer.test_people import exchange
from tests.factories import make_host, make_member, make_moderator, make_post, put_comment, switch_on

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]  # four pages, two windows

GONE = "https://bread.example/oven"


@pytest.fixture
def post():
    """A discussion without comments for five months, with the card of a page that no longer exists."""
    switch_on("closer")
    host = make_host("hostess", display_name="Imke Sander")
    post = make_post(author=host, title="The empty chair")
    jane, otto = (
        make_member(name, display_name=name.title(), takes_introductions=True) for name in ("jane", "otto")
    )
    store_topics(otto, "help", ["Facilitating large groups", "Bread"])
    index_profile(otto)
    exchange(jane, otto, 3, post=post, begin=timezone.now() - timedelta(days=40))
    begin = datetime(2026, 1, 20, 18, tzinfo=UTC)
    asked = put_comment(
        post, jane, body=f"Where did you learn to facilitate in large groups?\n\n{GONE}", created_at=begin
    )
    put_comment(
        post,
        otto,
        parent=asked,
        body="In a choir, with a large group of altos.",
        created_at=begin + timedelta(days=155),
    )
    thank(asked, by=otto)
    LinkedPage.objects.create(
        url=GONE,
        title="An oven for the whole street",
        dated=date(2012, 4, 25),
        linked_on=begin.date(),
        failing_since=date(2026, 5, 4),
        gone_since=date(2026, 5, 4),
    )
    asked.set_body(asked.body)
    asked.save()
    return post


def shoot(visitor, name):
    """Save a screenshot if SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        visitor.page.screenshot(path=f"{folder}/{name}-{visitor.width}-{visitor.scheme}.png", full_page=True)


def test_member_and_host_come_closer_with_scripts_and_without(visit, post):
    make_moderator("mod")
    for javascript, width, scheme in ((True, 360, "dark"), (False, 1280, "light")):
        jane = visit(javascript=javascript, width=width, scheme=scheme)
        jane.sign_in("jane")
        page = jane.open("/search/who-knows/")
        page.fill("#id_q", "I am looking for people who know about facilitation in large groups")
        page.press("#id_q", "Enter")
        page.locator("text=Says they can help with: Facilitating large groups").wait_for()
        shoot(jane, "who-knows")
        faults = jane.faults() if javascript else []
        page = jane.open("/members/me/in-touch/")
        page.locator(".person >> text=Otto").wait_for()
        page.check("[name=letter]")
        page.locator("button >> text=Save").click()
        page.locator("text=Saved.").wait_for()
        assert page.locator("[name=letter]").is_checked()
        shoot(jane, "people")
        faults += jane.faults() if javascript else []
        page = jane.open(post.get_absolute_url())
        page.locator("text=five months later").wait_for()
        assert page.locator("text=Unavailable since 4 May 2026").count() == 1
        page.fill("#reply [name=body]", f"I was late ({width}).\n\nJane, jane.example.com")
        page.locator("#reply button[type=submit] >> text=Post comment").click()
        offer = page.locator("form[action$='/closing-link/']")
        offer.wait_for()
        shoot(jane, "post")
        faults += jane.faults() if javascript else []
        offer.locator(
            "button >> text=No, and" if not javascript else "button >> text=Add to my profile"
        ).click()
        page.locator(
            "text=The link was added to your profile." if javascript else ".messages"
        ).first.wait_for()
        assert (faults, jane.complaints, jane.foreign) == ([], [], [])
        ProfileLink.objects.all().delete()
    assert Choice.objects.count() == 1
    host = visit(javascript=False)
    host.sign_in("hostess")
    page = host.open("/members/me/in-touch/")
    assert page.locator(".person >> text=Otto").count() == 0
    assert visit(javascript=False).open("/members/me/in-touch/").url.count("/login/") == 1
