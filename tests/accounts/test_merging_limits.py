"""What a merge does not transfer: roles, secrets, moderation decisions, outdated forms."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import User
from accounts.services.merging import merge_accounts, merged_account_named
from api.models import Token
from core.utils.locks import lock_row
from moderation.models import Decision
from moderation.services.decisions import decide, undo
from moderation.services.members import ban
from notifications.models import Device, ReplyFeed
from tests.factories import make_comment, make_host, make_member, make_moderator, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def kay():
    return make_member("kay")


@pytest.fixture
def old_kay():
    return make_member("old-kay", email="old@example.org")


def test_nobody_with_a_role_is_suspended_by_a_merge(kay, old_kay):
    ban(old_kay, by=make_host("hostess"), words="Advertising.")
    for boss in (make_host("boss"), make_moderator("moddy")):
        with pytest.raises(ValidationError, match="Lift it first"):
            merge_accounts(boss, User.objects.get(pk=old_kay.pk), by=boss)
    assert merged_account_named("old-kay") is None


@pytest.mark.parametrize("spammer", ["kay", "old-kay"])
def test_who_is_not_known_for_spam_is_not_known_after_a_merge(spammer, kay, old_kay):
    long_ago = timezone.now() - timedelta(days=90)
    User.objects.filter(pk__in=[kay.pk, old_kay.pk]).update(known_since=long_ago)
    moderator = make_moderator()
    comment = make_comment(author=User.objects.get(username=spammer), body="Buy pills.")
    decision = decide(comment, Decision.Action.SPAM, by=moderator)
    merge_accounts(User.objects.get(pk=kay.pk), User.objects.get(pk=old_kay.pk), by=kay)
    kay.refresh_from_db()
    assert (kay.known_since, kay.profile_hidden) == (None, True)
    undo(decision, by=moderator)
    kay.refresh_from_db()
    assert (kay.known_since, kay.profile_hidden) == (long_ago, False)


def test_devices_and_the_secret_feed_of_the_account_that_goes_are_no_longer_answered(kay, old_kay, client):
    feed = ReplyFeed.objects.create(member=old_kay)
    Device.objects.create(member=old_kay, endpoint="https://push.example/1", key="1", p256dh="p", auth="a")
    mine = Device.objects.create(member=kay, endpoint="https://push.example/2", key="2", p256dh="p", auth="a")
    assert client.get(feed.get_absolute_url()).status_code == 200
    merge_accounts(kay, old_kay, by=kay)
    assert client.get(feed.get_absolute_url()).status_code == 404
    assert [*Device.objects.all()] == [mine]


def test_api_tokens_of_the_account_that_goes_open_nothing(kay, old_kay):
    mine, _theirs = (
        Token.objects.create(member=member, name="Feed", key_hash=member.username, begins_with="x")
        for member in (kay, old_kay)
    )
    merge_accounts(kay, old_kay, by=kay)
    assert [*Token.objects.all()] == [mine]


def test_a_form_of_the_admin_from_before_a_merge_saves_nothing(kay, old_kay, host, signed_in):
    browser = signed_in(host)
    pages = {member: f"/admin/accounts/user/{member.pk}/change/" for member in (kay, old_kay)}
    forms = {member: browser.get(page).context["adminform"].form for member, page in pages.items()}
    User.objects.filter(pk=old_kay.pk).update(tagline="From the other account")
    merge_accounts(kay, old_kay, by=kay)
    typed = {"display_name": "Typed", "is_active": "on", "links-TOTAL_FORMS": "0", "links-INITIAL_FORMS": "0"}
    for member, page in pages.items():
        seen = {"username": member.username, "seen": forms[member].initial["seen"]}
        answer = browser.post(page, typed | seen)
        assert answer.status_code == (200 if member == kay else 403)
    assertContains(
        browser.post(pages[kay], typed | seen), "This account has changed since you opened this page."
    )
    kay.refresh_from_db()
    old_kay.refresh_from_db()
    assert (kay.tagline, kay.display_name, old_kay.is_active) == ("From the other account", "", False)
    fresh = {"username": "kay", "seen": browser.get(pages[kay]).context["adminform"].form.initial["seen"]}
    assert browser.post(pages[kay], typed | fresh).status_code == 302
    kay.refresh_from_db()
    assert kay.display_name == "Typed"


def test_posts_are_locked_before_people_and_merges_wait_for_each_other(kay, old_kay, monkeypatch):
    """In the order that moderating a comment uses; with the opposite order, two could deadlock."""
    locked = []

    def noted(rows, pk):
        locked.append((rows.model.__name__, pk))
        return lock_row(rows, pk)

    for module in ("accounts.services.merging", "comments.services.merging"):
        monkeypatch.setattr(f"{module}.lock_row", noted)
    monkeypatch.setattr("accounts.services.merging.lock_word", lambda word: locked.append((word, 0)))
    posts = sorted((make_post(), make_post()), key=lambda post: post.pk)
    for post in reversed(posts):
        make_comment(post, author=old_kay)
    merge_accounts(old_kay, kay, by=kay)  # nothing to lock for an account without comments
    assert locked == [("merging accounts", 0), ("User", kay.pk), ("User", old_kay.pk)]
    other = make_member("third")
    locked.clear()
    merge_accounts(other, old_kay, by=other)
    keys = sorted((old_kay.pk, other.pk))
    assert locked[:5] == [
        ("merging accounts", 0),
        *[("Post", post.pk) for post in posts],
        *[("User", pk) for pk in keys],
    ]
