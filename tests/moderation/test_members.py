"""Suspensions and bans: who sets them, what they prevent, what the member is told, and how they end."""

import re
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Introduction, User
from accounts.models.querysets import NO_END
from comments.models import Comment, CommentPicture, Thanks
from moderation.models import (
    MemberNote,
    ModerationAction,
    ProfileReport,
    RemovalReason,
    Report,
    Restriction,
    TrustOverride,
)
from moderation.services.decisions import decide, undo
from moderation.services.members import ban, lift, report_profile, set_level, suspend, write_note
from moderation.services.trust import trust_of
from tests.comments.test_concurrency import in_threads
from tests.factories import PASSWORD, make_comment, make_host, make_member, make_moderator, make_picture
from tests.figures import figure

WEEK = timedelta(days=7)


def suspended(member: User, by: User, **fields) -> Restriction:
    return suspend(member, by=by, **({"ends_at": timezone.now() + WEEK, "words": "Rest a little."} | fields))


# --- setting and lifting ------------------------------------------------------------


def test_a_suspension_is_stored_announced_and_logged(member, moderator):
    ends_at = timezone.now() + WEEK
    restriction = suspended(
        member, moderator, ends_at=ends_at, text=RemovalReason.objects.get(title="Unkind")
    )
    member.refresh_from_db()
    assert (member.may_write, member.silent_until) == (False, ends_at)
    assert list(
        ModerationAction.objects.values_list(
            "action", "moderator", "member", "restricted", "text__title", "ends_at"
        )
    ) == [("suspend", moderator.pk, member.pk, "suspension", "Unkind", ends_at)]
    [message] = mail.outbox
    assert message.to == ["alice@example.org"]
    assert message.subject == "Your account at The Long Table has been suspended"
    for part in (
        restriction.text.words,
        "Rest a little.",
        "http://testserver/members/me/standing/",
        "It ends automatically",
    ):
        assert part in message.body


def test_it_ends_by_itself_to_the_second(member, moderator):
    ends_at = timezone.now() + WEEK
    suspended(member, moderator, ends_at=ends_at)
    for at, may_write in ((ends_at - timedelta(seconds=1), False), (ends_at, True)):
        with time_machine.travel(at, tick=False):
            assert User.objects.get(pk=member.pk).may_write is may_write
            assert Restriction.objects.in_force().exists() is not may_write


def test_lifting_gives_the_voice_back_and_says_so(member, moderator):
    restriction = suspended(member, moderator)
    mail.outbox.clear()
    assert lift(restriction, by=moderator)
    assert not lift(restriction, by=moderator)
    member.refresh_from_db()
    assert (member.may_write, member.silent_until) == (True, None)
    assert list(ModerationAction.objects.order_by("pk").values_list("action", flat=True)) == [
        "suspend",
        "lift",
    ]
    assert [message.subject for message in mail.outbox] == ["You can post at The Long Table again"]


def test_of_two_suspensions_the_longer_one_counts_and_lifting_it_leaves_the_other(member, moderator):
    now = timezone.now()
    short, long = (suspended(member, moderator, ends_at=now + timedelta(days=days)) for days in (1, 30))
    mail.outbox.clear()
    assert lift(long, by=moderator)
    member.refresh_from_db()
    assert member.silent_until == short.ends_at
    assert mail.outbox == []  # "you can write again" would not be true


def test_a_ban_has_no_end_and_is_set_once(member, moderator):
    restriction = ban(member, by=moderator, words="Enough.")
    member.refresh_from_db()
    assert (member.may_write, member.silent_until) == (False, NO_END)
    assert "have banned your account" in mail.outbox[0].body
    for again in (lambda: ban(member, by=moderator, words="Again."), lambda: suspended(member, moderator)):
        with pytest.raises(ValidationError, match="alice is already banned"):
            again()
    assert lift(restriction, by=moderator)
    assert ban(member, by=moderator, words="After all.").is_in_force


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_a_suspension_ends_within_a_year(member, moderator, days):
    with pytest.raises(ValidationError, match="Choose an end"):
        suspended(member, moderator, ends_at=timezone.now() + timedelta(days=days))
    assert not Restriction.objects.exists()


def test_nobody_decides_about_themselves_the_host_or_as_moderator_about_moderators(member, moderator, host):
    colleague, other_host = make_moderator(), make_host()
    for by, whom, sentence in [
        (moderator, moderator, "You can’t moderate yourself"),
        (moderator, host, "The host can’t be suspended"),
        (host, other_host, "The host can’t be suspended"),
        (moderator, colleague, "Only the host can moderate moderators"),
        (moderator, make_member(is_superuser=True), "Only the host can moderate moderators"),
    ]:
        with pytest.raises(PermissionDenied, match=sentence):
            suspended(whom, by)
        with pytest.raises(PermissionDenied, match=sentence):
            ban(whom, by=by, words="x")
        with pytest.raises(PermissionDenied, match=sentence):
            set_level(whom, 0, by=by, words="x")
    assert (Restriction.objects.count(), TrustOverride.objects.count()) == (0, 0)
    suspended(colleague, host)
    assert not User.objects.get(pk=colleague.pk).is_moderator


def test_what_the_host_set_only_the_host_lifts_and_nobody_their_own(moderator, host, member):
    restriction = suspended(member, host)
    with pytest.raises(PermissionDenied, match="only the host can lift it"):
        lift(restriction, by=moderator)
    with pytest.raises(PermissionDenied, match="This is about you"):
        lift(restriction, by=member)
    assert lift(restriction, by=host)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "suspension", "words": "x"},
        {"kind": "ban", "words": "x", "ends_at": WEEK},
        {"kind": "ban", "words": ""},
        {"kind": "ban", "words": "x", "domain": "example.org"},
        {"kind": "suspension", "words": "x", "ends_at": -WEEK},
        {"kind": "domain", "words": "x", "member": None},
        {"kind": "network", "words": "x", "member": None, "network": "a" * 32},
        {"kind": "ban", "words": "x", "lifted_at": WEEK},
    ],
)
def test_the_database_refuses_what_makes_no_sense(member, moderator, fields):
    times = {name: timezone.now() + value for name, value in fields.items() if isinstance(value, timedelta)}
    with pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.create(**{"member": member, "set_by": moderator} | fields | times)


class SilenceIsWhatStands(TestCase):
    @hypothesis_settings(max_examples=figure(6, 15))
    @given(st.lists(st.one_of(st.integers(1, 300), st.just("ban"), st.just("lift")), max_size=8))
    def test_whatever_moderators_do_the_member_row_shows_the_restriction_in_force(self, acts):
        moderator, member = make_moderator(), make_member()
        for act in acts:
            standing = Restriction.objects.of(member).in_force().order_by("pk")
            if act == "lift":
                for restriction in standing[:1]:
                    lift(restriction, by=moderator)
            elif standing.filter(kind="ban").exists():
                continue
            elif act == "ban":
                ban(member, by=moderator, words="x")
            else:
                suspended(member, moderator, ends_at=timezone.now() + timedelta(days=act))
        ends = [row.ends_at or NO_END for row in Restriction.objects.of(member).in_force()]
        assert User.objects.get(pk=member.pk).silent_until == max(ends, default=None)


# --- what it prevents -----------------------------------------------------------------


@pytest.fixture
def silent(member, moderator):
    suspended(member, moderator)
    mail.outbox.clear()
    return member


def test_a_comment_comes_back_with_every_word_and_the_reason(silent, post, signed_in):
    url = f"/posts/{post.slug}/comments/"
    response = signed_in(silent).post(url, {"body": "My *kept* words."})
    assertContains(response, "You can read, but you can’t post until", status_code=422)
    assertContains(response, "My *kept* words.", status_code=422)
    assertContains(response, 'href="/members/me/standing/"', status_code=422)
    assert not Comment.objects.exists()


def test_the_page_says_so_before_anything_is_typed(silent, post, signed_in):
    response = signed_in(silent).get(post.get_absolute_url())
    assertContains(response, "You can read, but you can’t post until")
    assertNotContains(response, "<textarea")


def test_editing_is_refused_with_the_text_kept_and_deleting_is_not(member, moderator, post, signed_in):
    comment = make_comment(post=post, author=member, body="As it was.")
    suspended(member, moderator)
    client = signed_in(member)
    response = client.post(f"/comments/{comment.pk}/edit/", {"body": "As it should be."})
    assertContains(response, "As it should be.", status_code=422)
    assertContains(response, "can’t post until", status_code=422)
    comment.refresh_from_db()
    assert comment.body == "As it was."
    client.post(f"/comments/{comment.pk}/delete/")
    comment.refresh_from_db()
    assert comment.status == "deleted"


def test_thanks_reports_pictures_and_introductions_are_refused_with_a_message(silent, post, signed_in):
    client, other = signed_in(silent), make_member(takes_introductions=True)
    comment = make_comment(post=post, author=other)
    sentence = "You can read, but you can’t post until"
    assertContains(client.post(f"/comments/{comment.pk}/thanks/"), sentence, status_code=403)
    kept = {"reason": "spam", "note": "Kept words."}
    for url in (f"/comments/{comment.pk}/report/", f"/members/{other.username}/report/"):
        response = client.post(url, kept)
        assertContains(response, sentence, status_code=422)
        assertContains(response, "Kept words.", status_code=422)
    response = client.post(f"/members/{other.username}/introduction/", {"words": "Kept words."})
    assertContains(response, sentence, status_code=422)
    assertContains(response, "Kept words.", status_code=422)
    response = client.post("/comments/pictures/", {"picture": make_picture()})
    assert (response.status_code, sentence in response.json()["error"]) == (422, True)
    for model in (Thanks, Report, ProfileReport, Introduction, CommentPicture):
        assert not model.objects.exists()


def test_a_suspended_person_still_signs_in_and_reads(silent, post, client):
    response = client.post("/accounts/login/", {"login": silent.username, "password": PASSWORD})
    assert response.status_code == 302
    for url in (
        "/",
        post.get_absolute_url(),
        "/members/me/standing/",
        "/notifications/",
        "/members/me/edit/",
    ):
        assert client.get(url).status_code == 200


def test_who_moderates_is_one_rule_for_one_and_for_many(member, moderator, host):
    resting, closed = make_moderator(), make_moderator(is_active=False)
    suspended(resting, host)
    people = [
        member,
        moderator,
        host,
        resting,
        closed,
        make_member(is_superuser=True),
        make_member(is_staff=True),
    ]
    expected = {
        user.pk for user in User.objects.filter(pk__in=[each.pk for each in people]) if user.is_moderator
    }
    assert set(User.objects.moderating().values_list("pk", flat=True)) == expected
    assert expected == {moderator.pk, host.pk, people[5].pk}


# --- levels and notes -----------------------------------------------------------------


def test_a_level_set_by_hand_counts_until_it_is_given_back(member, moderator):
    assert trust_of(member).level == 0
    set_level(member, 2, by=moderator, words="I know her.")
    assert trust_of(member).level == 2
    set_level(member, 0, by=moderator, words="Or not.")
    assert trust_of(member).level == 0
    set_level(member, None, by=moderator, words="Let it be.")
    make_comment(author=member)
    assert (trust_of(member).level, trust_of(member).by_hand) == (1, None)


def test_confirmed_spam_ends_a_level_set_by_hand_and_its_undoing_gives_it_back(member, moderator):
    set_level(member, 3, by=moderator, words="I know her.")
    decision = decide(make_comment(author=member), "spam", by=moderator)
    assert trust_of(member).level == 0
    undo(decision, by=moderator)
    assert trust_of(member).level == 3
    decide(make_comment(author=member), "spam", by=moderator)
    set_level(member, 1, by=moderator, words="It was a slip.")
    assert trust_of(member).level == 1


def test_notes_are_seen_by_moderators_and_by_nobody_else(member, moderator, signed_in):
    write_note(member, "Wrote to us, <b>kindly</b>.", by=moderator)
    assertContains(
        signed_in(moderator).get("/moderation/people/alice/"), "Wrote to us, &lt;b&gt;kindly&lt;/b&gt;."
    )
    for url in ("/members/alice/", "/members/me/standing/", "/moderation/log/"):
        assertNotContains(signed_in(member).get(url), "kindly")


# --- the page of a member -----------------------------------------------------------------


@pytest.fixture
def moderator_client(moderator, signed_in):
    return signed_in(moderator)


def test_a_moderator_suspends_and_lifts_from_the_page(moderator_client, member, moderator):
    response = moderator_client.post(
        "/moderation/people/alice/restrict/", {"length": "3", "words": "Rest a little."}
    )
    assertRedirects(response, "/moderation/people/alice/")
    restriction = Restriction.objects.get()
    assert (restriction.kind, restriction.member, restriction.set_by, restriction.words) == (
        "suspension",
        member,
        moderator,
        "Rest a little.",
    )
    assert abs(restriction.ends_at - timezone.now() - timedelta(days=3)) < timedelta(minutes=1)
    assertContains(moderator_client.get("/moderation/people/"), "Rest a little.")
    assertRedirects(
        moderator_client.post(f"/moderation/restrictions/{restriction.pk}/lift/"), "/moderation/people/alice/"
    )
    assertContains(moderator_client.get("/moderation/people/"), "No one is suspended or banned.")


def test_a_ban_from_the_page(moderator_client, member):
    moderator_client.post(
        "/moderation/people/alice/restrict/",
        {"length": "ban", "text": RemovalReason.objects.get(title="Advertising").pk},
    )
    assert list(Restriction.objects.values_list("kind", "text__title", "ends_at")) == [
        ("ban", "Advertising", None)
    ]


@pytest.mark.parametrize(
    ("page", "data", "sentence"),
    [
        ("restrict", {"length": "3"}, "Choose a reason or write a message."),
        ("restrict", {"length": "9999", "words": "Kept words."}, "Choose a duration."),
        ("restrict", {"words": "Kept words."}, "Choose a duration."),
        (
            "restrict",
            {"length": "3", "text": "77777777777777777777777", "words": "Kept words."},
            "This reason is no longer available.",
        ),
        ("restrict", {"length": "3", "words": "x" * 1001}, "at most 1000 characters"),
        ("level", {"level": "7", "words": "Kept words."}, "Choose a level."),
        ("level", {"level": "2"}, "Give a short reason."),
        ("notes", {"words": " "}, "Write something first."),
        ("notes", {"words": "a\x00b"}, "Null characters are not allowed."),
        ("reports", {"outcome": "both"}, "Choose an outcome."),
    ],
)
def test_what_lacks_something_comes_back_with_what_was_typed(moderator_client, member, page, data, sentence):
    ProfileReport.objects.create(member=member, reporter=make_member(), reason="spam")
    response = moderator_client.post(f"/moderation/people/alice/{page}/", data)
    assertContains(response, sentence, status_code=422)
    if "Kept" in data.get("words", ""):
        assertContains(response, "Kept words.", status_code=422)
    assert (Restriction.objects.count(), TrustOverride.objects.count(), MemberNote.objects.count()) == (
        0,
        0,
        0,
    )


@pytest.mark.parametrize("who", ["visitor", "member"])
@pytest.mark.parametrize(
    ("page", "data"),
    [
        ("restrict", {"length": "ban", "words": "x"}),
        ("level", {"level": "3", "words": "x"}),
        ("notes", {"words": "x"}),
        ("reports", {"outcome": "wrong"}),
    ],
)
def test_others_change_nothing_there(who, page, data, client, member, other_member, signed_in):
    report = ProfileReport.objects.create(member=member, reporter=other_member, reason="spam")
    response = (client if who == "visitor" else signed_in(other_member)).post(
        f"/moderation/people/alice/{page}/", data
    )
    # A visitor signs in first, and keeps their text.
    assert response.status_code == (302 if who == "visitor" and "words" not in data else 403)
    report.refresh_from_db()
    assert (ModerationAction.objects.count(), MemberNote.objects.count(), report.outcome) == (0, 0, "")


def test_forged_restrictions_of_hosts_oneself_or_colleagues_are_refused(moderator_client, host, moderator):
    sentences = {
        host: "The host can’t be suspended.",
        moderator: "You can’t moderate yourself.",
        make_moderator(): "Only the host can moderate moderators.",
    }
    acts = {"restrict": {"length": "ban", "words": "Enough."}, "level": {"level": "0", "words": "Enough."}}
    for whom, sentence in sentences.items():
        for page, data in acts.items():
            assertContains(
                moderator_client.post(f"/moderation/people/{whom.username}/{page}/", data),
                sentence,
                status_code=403,
            )
    assert (Restriction.objects.count(), TrustOverride.objects.count(), ModerationAction.objects.count()) == (
        0,
        0,
        0,
    )


def test_a_moderator_who_may_only_read_has_no_admin_action_and_lifts_nothing(
    moderator_client, moderator, host, member
):
    own, other = suspended(moderator, host), suspended(member, host)
    for page in (
        "",
        "people/",
        f"people/{member.username}/",
        "places/",
        "appeals/",
        "decisions/",
        "strictness/",
    ):
        assert moderator_client.get(f"/moderation/{page}").status_code == 403
    for restriction in (own, other):
        assert moderator_client.post(f"/moderation/restrictions/{restriction.pk}/lift/").status_code == 403
    assert Restriction.objects.in_force().count() == 2


def test_the_page_of_the_host_and_of_oneself_offers_no_acts(moderator_client, host, moderator):
    for name in ("nora", "carol"):
        response = moderator_client.get(f"/moderation/people/{name}/")
        assertNotContains(response, "/restrict/")
        assert (
            moderator_client.post(
                f"/moderation/people/{name}/restrict/", {"length": "ban", "words": "x"}
            ).status_code
            == 403
        )


def test_from_the_page_of_a_person_all_they_wrote_is_decided_about_at_once(moderator_client, member, post):
    for status in ("public", "held", "deleted"):
        make_comment(post=post, author=member, status=status)
    [link] = re.findall(
        r'href="([^"]*by=author[^"]*)"',
        moderator_client.get(f"/moderation/people/{member.username}/").content.decode(),
    )
    assertContains(moderator_client.get(link.replace("&amp;", "&")), 'name="comments"', count=2)


def test_nobody_keeps_notes_about_themselves(moderator_client, moderator):
    assertContains(
        moderator_client.post(f"/moderation/people/{moderator.username}/notes/", {"words": "Very kind."}),
        "You can’t write notes about yourself.",
        status_code=403,
    )
    assert not MemberNote.objects.exists()


def test_of_many_members_found_the_first_are_listed_and_it_says_there_are_more(moderator_client):
    User.objects.bulk_create(
        User(username=f"finch{n:02}", name_key=f"finch{n:02}", search_text=f"finch{n:02}") for n in range(21)
    )
    more = "There are more."
    page = moderator_client.get("/moderation/people/", {"q": "finch"})
    assertContains(page, more)
    assertContains(page, "@finch19")
    assertNotContains(page, "@finch20")
    assertNotContains(moderator_client.get("/moderation/people/", {"q": "finch0"}), more)


def test_somebody_is_found_by_name(moderator_client, member):
    assertContains(moderator_client.get("/moderation/people/?q=ali"), 'href="/moderation/people/alice/"')
    assertContains(moderator_client.get("/moderation/people/?q=nobody"), "No members found.")
    assert (
        moderator_client.get("/moderation/people/", {"q": "x" * 500, "before": "9" * 40}).status_code == 200
    )


@pytest.mark.parametrize("number", [1, figure(4, 12)])
def test_the_pages_cost_the_same_queries_however_much_there_is(
    moderator_client, member, moderator, number, settings, django_assert_max_num_queries
):
    settings.RATE_LIMITS = False
    for _ in range(number):
        make_comment(author=User.objects.get(pk=member.pk))
        lift(suspended(member, moderator), by=moderator)
        suspended(make_member(), moderator)
        write_note(member, "A note.", by=moderator)
        ProfileReport.objects.create(member=member, reporter=make_member(), reason="spam")
    moderator_client.get("/moderation/people/alice/")
    with django_assert_max_num_queries(21):
        moderator_client.get("/moderation/people/alice/")
    with django_assert_max_num_queries(10):
        moderator_client.get("/moderation/people/")


# --- reports of profiles -----------------------------------------------------------------


def test_a_page_is_reported_once_looked_at_and_the_reporter_sees_what_became_of_it(
    member, other_member, moderator_client, signed_in
):
    client = signed_in(other_member)
    for _ in range(2):
        assertRedirects(
            client.post("/members/alice/report/", {"reason": "other", "note": "The picture."}),
            "/members/alice/",
        )
    assert list(
        ProfileReport.objects.values_list(
            "member__username", "reporter__username", "reason", "note", "outcome"
        )
    ) == [("alice", "bob", "other", "The picture.", "")]
    assertContains(client.get("/members/me/standing/"), "Awaiting review.")
    assertContains(moderator_client.get("/moderation/people/"), "one report")
    assertContains(moderator_client.get("/moderation/people/alice/"), "“The picture.”")
    assertNotContains(signed_in(member).get("/members/me/standing/"), "The picture.")
    moderator_client.post("/moderation/people/alice/reports/", {"outcome": "right"})
    assertContains(client.get("/members/me/standing/"), "Action was taken. Thank you.")


def test_reports_of_the_hosts_page_are_closed_by_moderators_and_of_a_moderators_by_the_host(
    member, moderator, host, signed_in
):
    for reported, closing, others in (
        (host, moderator, [host]),
        (moderator, host, [moderator, make_moderator()]),
    ):
        report_profile(reported, reporter=member, reason="spam")
        url = f"/moderation/people/{reported.username}/"
        for other in others:
            assertNotContains(signed_in(other).get(url), "Close: no action needed")
            assert signed_in(other).post(f"{url}reports/", {"outcome": "wrong"}).status_code == 403
        assertContains(signed_in(closing).get(url), "Close: no action needed")
        assertRedirects(signed_in(closing).post(f"{url}reports/", {"outcome": "wrong"}), url)
    assert not ProfileReport.objects.filter(outcome="").exists()


def test_a_host_who_is_alone_looks_at_reports_of_their_own_page(member, host, signed_in):
    report_profile(host, reporter=member, reason="other", note="The link is dead.")
    moderator_client = signed_in(host)
    assertContains(moderator_client.get(f"/moderation/people/{host.username}/"), "The link is dead.")
    moderator_client.post(f"/moderation/people/{host.username}/reports/", {"outcome": "right"})
    assert ProfileReport.objects.get().outcome == "right"


def test_nobody_reports_their_own_page(member, signed_in):
    assert signed_in(member).post("/members/alice/report/", {"reason": "spam"}).status_code == 403
    assert not ProfileReport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_moderators_side_by_side_leave_the_row_of_the_member_true():
    moderators, member = [make_moderator() for _ in range(4)], make_member()
    first = suspended(member, moderators[0])

    def ban_if_nobody_did(by: User) -> None:
        with suppress(ValidationError):
            ban(User.objects.get(pk=member.pk), by=by, words="Enough.")

    in_threads(
        [
            *(partial(ban_if_nobody_did, by) for by in moderators),
            *(partial(lift, first, by=by) for by in moderators),
        ]
    )
    assert list(Restriction.objects.in_force().values_list("kind", flat=True)) == ["ban"]
    assert User.objects.get(pk=member.pk).silent_until == NO_END
    assert sorted(ModerationAction.objects.values_list("action", flat=True)) == ["ban", "lift", "suspend"]
