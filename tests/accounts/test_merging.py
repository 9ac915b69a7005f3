"""Merging two accounts of one person: everything moves, nothing is duplicated, and the old name redirects."""

import re
from dataclasses import dataclass, field

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Follow, Mute, RetiredUsername, User
from accounts.models.names import digest_of
from accounts.services.deletion import carry_out, pointing_here, request_deletion
from accounts.services.export_parts import PARTS
from accounts.services.merging import merge_accounts, merged_account_named
from accounts.services.permissions import set_suspension
from accounts.services.share_cards import card_key, member_picture_url
from comments.models import Comment, Thanks
from comments.services.reactions import thank
from comments.services.writing import edit_comment
from notifications.models import Notification, ThreadSubscription
from search.query import read_query
from search.services import search
from tests.accounts.busy_member import live, sign_in
from tests.factories import (
    PASSWORD,
    make_comment,
    make_host,
    make_member,
    make_moderator,
    make_post,
    put_comment,
)
from tests.figures import figure

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

MERGE = "/members/me/merge/"


@pytest.fixture
def kay():
    return make_member("kay")


@pytest.fixture
def old_kay():
    return make_member("old-kay", email="old@example.org")


def browser_of(username: str) -> Client:
    """Return a client that signed in just now, as the pages require."""
    browser = Client()
    sign_in(browser, username)
    return browser


# --- moved rows -------------------------------------------------------------------------


def test_everything_that_pointed_at_the_one_points_at_the_other():
    """Wanda has a row in every table (tests/accounts/test_leaving.py)."""
    wanda = live()
    kept = make_member("kept")
    counts = {relation: _count(relation, wanda) for relation in pointing_here()}
    merge_accounts(kept, wanda, by=kept)
    left = {str(relation): _count(relation, wanda) for relation in pointing_here()}
    assert {name: count for name, count in left.items() if count} == {}
    moved = {relation.related_model.__name__ for relation in counts if _count(relation, kept) > 0}
    assert moved >= {
        "Comment",
        "Thanks",
        "Follow",
        "ProfileLink",
        "Notification",
        "ThreadSubscription",
        "Report",
    }
    assert kept.emailaddress_set.filter(primary=True).get().email == kept.email
    assert set(kept.emailaddress_set.values_list("email", flat=True)) >= {"wanda@walrus.example"}
    kept.refresh_from_db()
    assert (kept.tagline, bool(kept.avatar)) == ("purple otters", True)


def test_what_the_account_that_stays_has_of_its_own_is_kept(old_kay):
    kay = make_member("kay", tagline="My own", time_zone="Asia/Tokyo")
    User.objects.filter(pk=old_kay.pk).update(tagline="Theirs", bio="Much more", time_zone="UTC")
    merge_accounts(kay, old_kay, by=kay)
    kay.refresh_from_db()
    assert (kay.tagline, kay.bio, kay.time_zone) == ("My own", "Much more", "Asia/Tokyo")


def _count(relation, member) -> int:
    return relation.related_model._base_manager.filter(**{relation.field.name: member}).count()


@dataclass
class World:
    """Actions of three accounts: a and b belong to one person, c to someone else."""

    authors: list[str]
    thanks: set[tuple[str, int]]
    follows: set[tuple[str, str]]
    mutes: set[tuple[str, str]]
    levels: dict[tuple[str, int], str]
    told: set[tuple[str, int]] = field(default_factory=set)


people = st.sampled_from("abc")
pairs = st.tuples(people, people).filter(lambda pair: pair[0] != pair[1])
places = st.tuples(people, st.integers(0, 3))
worlds = st.builds(
    World,
    authors=st.lists(people, min_size=4, max_size=4),
    thanks=st.sets(places, max_size=9),
    follows=st.sets(pairs, max_size=6),
    mutes=st.sets(pairs, max_size=6),
    levels=st.dictionaries(
        st.tuples(people, st.integers(0, 1)), st.sampled_from(["following", "muted"]), max_size=6
    ),
    told=st.sets(places, max_size=9),
)


def one(person: str) -> str:
    return "a" if person == "b" else person


@pytest.mark.slow  # each example writes a small site
@settings(max_examples=figure(6, 30), deadline=None)
@given(world=worlds)
def test_what_two_accounts_did_is_what_one_person_did(world):
    # Rate limits count by key: members of the previous example had the same keys, perhaps in the same minute.
    caches["default"].clear()
    with transaction.atomic():
        check(world)
        transaction.set_rollback(True)


def check(world: World) -> None:
    who = {name: make_member(f"{name}-{name}") for name in "abc"}
    names = {member.pk: name for name, member in who.items()}
    posts = [make_post(), make_post()]
    comments = [put_comment(posts[n % 2], who[author]) for n, author in enumerate(world.authors)]
    for person, n in world.thanks:
        if world.authors[n] != person:
            thank(comments[n], by=who[person])
    for person, other in world.follows:
        Follow.objects.create(follower=who[person], followed=who[other])
    for person, other in world.mutes:
        Mute.objects.create(member=who[person], muted=who[other])
    for (person, n), level in world.levels.items():
        ThreadSubscription.objects.create(member=who[person], post=posts[n], level=level)
    Notification.objects.all().delete()
    for person, n in world.told:
        Notification.objects.create(member=who[person], comment=comments[n], kind="talks", way="here", state="no_mail", due_at=comments[n].created_at, reasons=["talk"])  # fmt: skip
    merge_accounts(who["a"], who["b"], by=who["a"])

    authors = [one(author) for author in world.authors]
    thanks = {(one(person), n) for person, n in world.thanks if one(person) != authors[n]}
    at = {comment.pk: n for n, comment in enumerate(comments)}
    assert [names[Comment.objects.get(pk=comment.pk).author_id] for comment in comments] == authors
    found = [(names[row.member_id], at[row.comment_id]) for row in Thanks.objects.all()]
    assert (sorted(found), len(found)) == (sorted(thanks), len(thanks))
    for comment in Comment.objects.all():
        assert comment.thanks_count == sum(n == at[comment.pk] for _person, n in thanks)
    for rows, left, right, wanted in (
        (Follow.objects.all(), "follower_id", "followed_id", world.follows),
        (Mute.objects.all(), "member_id", "muted_id", world.mutes),
    ):
        found = sorted((names[getattr(row, left)], names[getattr(row, right)]) for row in rows)
        assert found == sorted({(one(x), one(y)) for x, y in wanted if one(x) != one(y)})
    levels = {
        (one(person), n): world.levels.get((one(person), n), level)
        for (person, n), level in world.levels.items()
    }
    found = {
        (names[row.member_id], posts.index(row.post)): row.level for row in ThreadSubscription.objects.all()
    }
    assert found == levels
    told = sorted(
        (names[row.member_id], at[row.comment_id]) for row in Notification.objects.filter(kind="talks")
    )
    assert told == sorted(
        {(one(person), n) for person, n in world.told if not (one(person) == authors[n] == "a")}
    )


def test_pages_and_the_search_know_the_new_author(kay, old_kay, client):
    comment = make_comment(author=old_kay, body="Marmalade.")
    page = comment.post.get_absolute_url()
    assertContains(client.get(page), "old-kay")
    merge_accounts(kay, old_kay, by=kay)
    assertContains(client.get(page), ">kay</a>")
    assertNotContains(client.get(page), "old-kay")
    found = search("comments", read_query("marmalade from:kay"), kay, size=5, cursor="", newest=False)
    assert [row.pk for row in found.rows] == [comment.pk]


def test_a_suspension_of_one_holds_for_both(kay, old_kay):
    set_suspension(old_kay, old_kay.date_joined.replace(year=2999))
    merge_accounts(kay, old_kay, by=kay)
    kay.refresh_from_db()
    assert not kay.may_write


# --- the former username -----------------------------------------------------------------


def test_who_mentioned_the_old_name_still_mentions_them(kay, old_kay):
    post = make_post(make_host("hostess"))
    dora = make_member("dora")
    before = make_comment(post, author=dora, body="Come, @old-kay.")
    merge_accounts(kay, old_kay, by=kay)
    before.refresh_from_db()
    after = make_comment(post, author=dora, body="Come, @old-kay and @kay.")
    link = '<a href="/members/kay/" rel="nofollow ugc noopener">{}</a>'
    assert before.html == f"<p>Come, {link.format('@old-kay')}.</p>"
    assert after.html == f"<p>Come, {link.format('@old-kay')} and {link.format('@kay')}.</p>"
    edit_comment(before, by=dora, body="Come soon, @old-kay.")
    for comment in (before, after):
        assert [mention.member for mention in comment.mentions.all()] == [kay]


def test_the_picture_for_links_to_the_old_profile_is_gone(
    kay, old_kay, client, django_capture_on_commit_callbacks
):
    assert client.get(member_picture_url(old_kay)).status_code == 200
    assert caches["cards"].get(card_key(old_kay)) is not None
    with django_capture_on_commit_callbacks(execute=True):
        merge_accounts(kay, old_kay, by=kay)
    assert caches["cards"].get(card_key(old_kay)) is None


def test_the_old_name_leads_on_and_is_nobody_elses(kay, old_kay, client):
    make_comment(author=kay)
    merge_accounts(kay, old_kay, by=kay)
    for path in ("/members/old-kay/", "/members/Old-Kay/"):
        assertRedirects(client.get(path), "/members/kay/", status_code=301)
    answer = client.post(
        "/accounts/signup/", {"email": "x@example.org", "username": "old-kay", "password1": PASSWORD}
    )
    assertContains(answer, "taken", status_code=200)
    login = client.post("/accounts/login/", {"login": "old-kay", "password": PASSWORD})
    assertContains(login, "Wrong username")
    third = make_member("third")
    merge_accounts(third, kay, by=third)
    assert merged_account_named("old-kay") == merged_account_named("kay") == third


def test_both_addresses_sign_in_to_the_account_that_stays(kay, old_kay, client):
    merge_accounts(kay, old_kay, by=kay)
    client.post("/accounts/login/", {"login": "old@example.org", "password": PASSWORD})
    assert int(client.session["_auth_user_id"]) == kay.pk


def test_deleting_the_account_retires_its_former_names_too(kay, old_kay, client):
    merge_accounts(kay, old_kay, by=kay)
    [profile] = [part for part in PARTS if part.key == "profile"]
    assert next(iter(profile.rows(kay)))["former_usernames"] == ["old-kay"]
    deletion = request_deletion(kay, "keep")
    while not carry_out(deletion):
        pass
    assert not User.objects.filter(username__in=["kay", "old-kay"]).exists()
    assert RetiredUsername.objects.filter(digest=digest_of("old-kay")).exists()
    assert client.get("/members/old-kay/").status_code == 404


# --- permissions and steps ---------------------------------------------------------------


class TestAMember:
    def ask(self, kay, account: str) -> str:
        """Return the path in the email, "" if there is none."""
        mail.outbox.clear()
        answer = browser_of("kay").post(MERGE, {"account": account}, follow=True)
        assertContains(answer, "If that account can be merged, we’ve emailed it a link.")
        links = [re.search(r"/members/me/merge/[^/\s]+/", one.body) for one in mail.outbox]
        return links[0][0] if links and links[0] else ""

    @pytest.mark.parametrize("account", ["old-kay", "Old-Kay ", "@old-kay", "old@example.org"])
    def test_proves_both_by_being_signed_in_and_by_the_email(self, kay, old_kay, account):
        path = self.ask(kay, account)
        assert mail.outbox[0].to == ["old@example.org"]
        page = browser_of("kay").get(path)
        assertContains(page, "@old-kay becomes part of @kay. This can’t be undone.")
        assert merged_account_named("old-kay") is None
        mail.outbox.clear()
        assertRedirects(browser_of("kay").post(path), "/members/me/", target_status_code=302)
        assert merged_account_named("old-kay") == kay
        assert {message.to[0] for message in mail.outbox} == {"kay@example.org", "old@example.org"}
        assert browser_of("kay").post(path).status_code == 404

    def test_cannot_use_the_link_of_somebody_else(self, kay, old_kay):
        make_member("eve")
        path = self.ask(kay, "old-kay")
        for browser in (browser_of("eve"), browser_of("old-kay")):
            assert (browser.get(path).status_code, browser.post(path).status_code) == (404, 404)
        assert "/login/" in Client().get(path)["Location"]

    def test_learns_nothing_about_accounts_of_others(self, kay, settings):
        settings.RATE_LIMITS = False
        make_host("hostess")
        for account in ("nobody", "nobody@example.org", "hostess", "kay"):
            assert (self.ask(kay, account), mail.outbox) == ("", [])

    def test_turns_off_the_second_step_of_the_other_one_first(self, kay, old_kay):
        Authenticator.objects.create(user=old_kay, type="totp", data={"secret": "x"})
        assert self.ask(kay, "old-kay") == ""
        assert "turn that off" in mail.outbox[0].body

    def test_says_which_account(self, kay):
        assertContains(browser_of("kay").post(MERGE, {"account": ""}), "Enter a username", status_code=422)

    def test_asks_three_times_an_hour(self, kay, settings):
        settings.RATE_LIMITS = True
        browser = browser_of("kay")
        codes = [browser.post(MERGE, {"account": "x"}).status_code for _ in range(4)]
        assert codes == [302, 302, 302, 429]


class TestAHost:
    def test_merges_after_a_page_that_says_what_will_happen(self, kay, old_kay, host, signed_in):
        browser = signed_in(host)
        page = f"/admin/accounts/user/{old_kay.pk}/merge/"
        assertContains(browser.get(f"/admin/accounts/user/{old_kay.pk}/change/"), page)
        assertContains(browser.get(page), "Username of the account to keep")
        assertContains(browser.post(page, {"kept": "kay"}), "@old-kay becomes part of @kay.")
        assert merged_account_named("old-kay") is None
        done = browser.post(page, {"kept": "kay", "confirmed": "1"})
        assertRedirects(done, f"/admin/accounts/user/{kay.pk}/change/")
        assertContains(
            browser.get(f"/admin/accounts/user/{kay.pk}/history/"), f"@old-kay (#{old_kay.pk}) → @kay"
        )

    @pytest.mark.parametrize(
        ("kept", "said"),
        [("nobody", "There’s no member"), ("old-kay", "the same account"), ("", "Enter a username")],
    )
    def test_reads_at_the_field_what_is_wrong(self, kept, said, old_kay, host, signed_in):
        page = f"/admin/accounts/user/{old_kay.pk}/merge/"
        assertContains(signed_in(host).post(page, {"kept": kept, "confirmed": "1"}), said, status_code=422)

    def test_reads_what_changed_between_the_page_and_the_click(
        self, kay, old_kay, host, signed_in, monkeypatch
    ):
        """The other host was faster: the form is valid, and the merge finds the account closed."""

        def merge_meanwhile(*args, **kwargs):
            User.objects.filter(pk=old_kay.pk).update(is_active=False)
            return merge_accounts(*args, **kwargs)

        monkeypatch.setattr("accounts.admin.merge_accounts", merge_meanwhile)
        page = f"/admin/accounts/user/{old_kay.pk}/merge/"
        answer = signed_in(host).post(page, {"kept": "@kay", "confirmed": "1"}, follow=True)
        assertContains(answer, "One of the two accounts is closed.")
        assertNotContains(signed_in(host).get(f"/admin/accounts/user/{kay.pk}/history/"), "→ @kay")

    def test_members_and_moderators_may_not(self, kay, old_kay, signed_in):
        page = f"/admin/accounts/user/{old_kay.pk}/merge/"
        for person in (kay, make_moderator()):
            assert signed_in(person).post(page, {"kept": "kay", "confirmed": "1"}).status_code in {302, 403}
        assert merged_account_named("old-kay") is None


@pytest.mark.parametrize("make", [make_host, make_moderator])
def test_an_account_with_a_role_does_not_go(make, kay):
    with pytest.raises(ValidationError, match="role"):
        merge_accounts(kay, make("boss"), by=kay)


def test_merging_twice_at_once_does_it_once(kay, old_kay):
    merge_accounts(kay, old_kay, by=kay)
    with pytest.raises(ValidationError, match="closed"):
        merge_accounts(kay, old_kay, by=kay)
    assert EmailAddress.objects.filter(user=kay).count() == 2
