"""Invalid input to the pages about members results in an error message, never in a server error."""

from datetime import timedelta

import pytest
from django.utils import timezone

from moderation.services.decisions import decide
from moderation.services.members import make_appeal, suspend
from tests.factories import make_comment, make_member
from tests.figures import figure

NONSENSE = ["", "\x00", "\ud800", "9" * 30, "-1", "１２", "x" * 5000, "<b>", "‮", "%00", "[", "∞", "0x10"]


@pytest.fixture
def places(member, moderator, host, post) -> dict:
    """Return every form about members, with its user and fields."""
    wanda = make_member("wanda")
    removal = decide(make_comment(post=post, author=member), "remove", by=moderator)
    rest = suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=1), words="Rest.")
    appeal = make_appeal(member, removal, "My side.")
    comment = make_comment(post=post)
    return {
        f"/comments/{comment.pk}/report/": (wanda, ["reason", "note"]),
        "/members/alice/report/": (wanda, ["reason", "note"]),
        "/moderation/people/wanda/restrict/": (moderator, ["length", "text", "words"]),
        "/moderation/people/wanda/level/": (moderator, ["level", "words"]),
        "/moderation/people/wanda/notes/": (moderator, ["words"]),
        "/moderation/people/wanda/reports/": (moderator, ["outcome"]),
        "/moderation/places/": (host, ["what", "days", "words", "is_meant"]),
        f"/members/me/standing/restrictions/{rest.pk}/": (member, ["words"]),
        f"/moderation/appeals/{appeal.pk}/": (host, ["answer", "verdict"]),
        "/moderation/figures/": (host, ["hide_after_reports", "wait_hours"]),
    }


def test_no_form_about_people_ends_in_an_error(places, signed_in, settings):
    settings.RATE_LIMITS = False
    answers = set()
    apart = figure(3, 1)  # each form gets every third text, and each text is sent to every third form
    for number, (url, (who, fields)) in enumerate(places.items()):
        client = signed_in(who)
        for text in NONSENSE[number % apart :: apart]:
            sent = "&".join(f"{field}={_quoted(text)}" for field in fields)
            answers.add(
                client.generic(
                    "POST", url, sent, content_type="application/x-www-form-urlencoded"
                ).status_code
            )
    assert answers <= {200, 302, 403, 422, 429}, answers


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 30])
def test_no_address_about_people_ends_in_an_error(number, moderator, member, signed_in):
    browser, client = signed_in(moderator), signed_in(member)
    assert browser.post(f"/moderation/restrictions/{number}/lift/").status_code == 404
    assert browser.get(f"/moderation/appeals/{number}/").status_code == 404
    for kind in ("decisions", "restrictions"):
        assert client.get(f"/members/me/standing/{kind}/{number}/").status_code == 404
    for query in ("before", "from"):
        for page in ("people", "places", "appeals", "log"):
            assert (
                browser.get(
                    f"/moderation/{page}/?{query}={number}-{number}&q=[&what=[&state=[&days={number}"
                ).status_code
                == 200
            )
