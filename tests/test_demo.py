"""`manage.py demo`: the demo site has content in each part of the community."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command

from accounts.models import User
from comments.models import Comment
from community.demo import content
from community.demo.languages import SAME, TEXTS
from core.models import SiteSettings
from decisions.models import Guest, Position
from moderation.models import Appeal, Decision, Report, Restriction
from moderation.services.stats import stats_of
from moderation.spamfilter.training import near_copies
from posts.models import Post
from search.expertise import find_experts
from tests.factories import PASSWORD

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


# At noon, so that what is decided two hours later has the same date.
@time_machine.travel(datetime(2026, 6, 3, 12, tzinfo=UTC))
def test_there_is_something_to_read_to_decide_and_to_learn_from_and_a_second_run_changes_nothing(
    capsys, client, settings
):
    settings.REQUIRE_SECOND_STEP = True
    call_command("demo", password=PASSWORD)
    assert "member1 … member12" in capsys.readouterr().out
    assert {
        status for status in Comment.Status.values if Comment.objects.filter(status=status).exists()
    } == set(Comment.Status.values)
    assert [Report.objects.open().count(), Appeal.objects.count(), Restriction.objects.count()] == [1, 1, 1]
    campaign = Comment.objects.held().order_by("-created_at").first()
    assert len(near_copies(campaign)) == 2
    month = stats_of(30)
    assert (month.held_right, month.held_wrong, month.missed) == (7, 1, 1)
    assert len([bar for bar in month.plot.bars if bar.spam]) == 6
    waits = [comment.author.username for comment in Comment.objects.held().filter(post__kind="memorial")]
    assert waits == ["passing7"]
    guests = {
        guest.email: guest.positions.filter(reason__status="public").count() for guest in Guest.objects.all()
    }
    assert sorted(guests.values()) == [0, 1]
    assert guests.keys() & {address for letter in mail.outbox for address in letter.to} == set()
    # The example on the search page.
    asked = find_experts(
        "I’m looking for people who know about facilitation in large groups.",
        User.objects.get(username="member1"),
    )
    assert [expert.member.username for expert in asked] == ["member7"]
    counted = (User, Comment, Decision, Guest, Position)
    before = [model.objects.count() for model in counted]
    call_command("demo")
    assert [model.objects.count() for model in counted] == before
    # Its passwords, which are displayed on the page, open the doors without a second factor.
    for name, path in (("host", "/admin/"), ("moderator", "/moderation/")):
        client.post("/accounts/login/", {"login": name, "password": PASSWORD})
        assert client.get(path).status_code == 200
        client.post("/accounts/logout/")


def texts_in(value: object) -> set[str]:
    if isinstance(value, str):
        return {value} if " " in value else set()
    return set[str]().union(*map(texts_in, value)) if isinstance(value, tuple | list) else set()


def test_in_german_every_text_is_german_but_for_names_and_who_passes_by():
    names = {person.name for person in (*content.PEOPLE, content.NEW_THERE)} | {"Lenny’s Lamps"}
    texts = {
        name: texts_in(value) for name, value in vars(content).items() if name.isupper() and name not in SAME
    }
    assert set().union(*texts.values()) - names - TEXTS["de"].keys() == set()


@pytest.mark.full
def test_a_german_site_is_shown_in_german():
    SiteSettings.objects.update_or_create(pk=1, defaults={"language": "de"})
    SiteSettings.forget()
    call_command("demo", password=PASSWORD, verbosity=0)
    post = Post.objects.get(slug="the-empty-chair")
    assert (post.title, post.language, {tag.name for tag in post.tags.all()}) == (
        "Der leere Stuhl",
        "",
        {"Gastfreundschaft", "Reden"},
    )
    said = Comment.objects.filter(post=post).public()
    assert {comment.language for comment in said} <= {"de", ""}
    assert Comment.objects.filter(status=Comment.Status.HELD).exists()


@pytest.mark.full
def test_german_posts_on_an_english_site_say_so():
    call_command("demo", language="de", password=PASSWORD, verbosity=0)
    assert set(
        Post.objects.filter(slug__in=["the-empty-chair", "house-warming", "about"]).values_list(
            "language", flat=True
        )
    ) == {"de"}
