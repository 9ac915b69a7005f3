"""The line below the form, the receipt, the inbox, the settings, and links in emails. Over HTTP."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Follow, Mute
from comments.models import Comment
from comments.services.writing import delete_comment, edit_comment, set_status
from notifications.email.tokens import GUEST, Grant, make_guest_token, make_token
from notifications.models import (
    AdditionalParent,
    EmailSuppression,
    GuestConsent,
    Notification,
    NotificationChannel,
    NotificationPreference,
    ThreadSubscription,
)
from notifications.models.types import FOLLOWED_POSTS, REPLIES, TYPES
from notifications.services.inbox import shown, unread_count
from notifications.services.preferences import choose, preferences_of, set_thread_level
from tests.comments.random_writer import TASKS_AS_ROWS
from tests.factories import make_comment, make_member, make_post, switch_on
from tests.notifications.people import forget_what_was_announced, later, make_guest_comment, told, work, write

pytestmark = pytest.mark.django_db

# The default channel of each type.
DEFAULTS = {key: one.default for key, one in TYPES.items()}


def words(response) -> str:
    """Return the line that says who will be notified, as one line of text."""
    part = re.search(
        r'<div class="heard".*?>(.*?)</div>\s*<div data-preview', response.content.decode(), re.DOTALL
    )
    html = part[1] if part else response.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)).split())


@pytest.fixture
def mine(post, other_member):
    """A comment by Bob on Nora's post."""
    comment = make_comment(post, author=other_member)
    forget_what_was_announced()
    return comment


class TestTheLine:
    def test_is_under_the_form_when_the_page_opens(self, signed_in, member, mine):
        page = signed_in(member).get(f"{mine.post.get_absolute_url()}?reply={mine.pk}")
        assert words(page) == "Will be notified: bob, nora (email)."

    def test_costs_nothing_under_a_form_that_nobody_touched(self, signed_in, member, mine):
        page = signed_in(member).get(mine.post.get_absolute_url())
        assert words(page) == "As you write, you’ll see here who will be notified."

    def test_follows_what_is_typed(self, signed_in, member, mine):
        make_member("kay", display_name="Kay")
        alice = signed_in(member)
        url = f"{mine.post.get_absolute_url()}told/"
        assert words(alice.post(url, {"body": "Hello"})) == "Will be notified: nora (email)."
        answer = alice.post(url, {"body": "Hello @kay and @nobody", "parent": mine.pk})
        assert words(answer) == "Will be notified: bob, Kay, nora (email)."
        same = re.search(r'name="told" value="(\w+)"', answer.content.decode())[1]
        assert (
            alice.post(url, {"body": "Hello @kay, again", "parent": mine.pk, "told": same}).status_code == 204
        )

    def test_is_in_the_preview_without_scripts(self, signed_in, member, mine):
        make_member("kay")
        page = signed_in(member).post(
            f"{mine.post.get_absolute_url()}comments/",
            {"body": "@kay, look", "preview": "1", "also": [str(mine.pk)]},
        )
        assert words(page) == "Will be notified: bob, kay, nora (email)."

    def test_says_who_cannot_be_notified_and_why(self, signed_in, member, mine):
        debbie = make_guest_comment(mine.post, "Debbie")
        kim = make_guest_comment(mine.post, "Kim", "kim@example.net")
        liliana = make_comment(mine.post, author=make_member("liliana"))
        Mute.objects.create(member=liliana.author, muted=member)
        also = ",".join(str(comment.pk) for comment in (debbie, kim, liliana))
        page = signed_in(member).get(f"{mine.post.get_absolute_url()}?also={also}")
        assert words(page) == (
            "Will be notified: nora (email). Can’t be notified: liliana (has turned this off), Debbie (left no email address), Kim (hasn’t asked to be notified)."
        )
        assertNotContains(page, "@example")

    def test_counts_those_who_follow_along_and_names_none(self, signed_in, member, mine):
        for number in range(3):
            set_thread_level(make_member(f"follower{number}"), mine.post, "following")
        answer = signed_in(member).post(f"{mine.post.get_absolute_url()}told/", {"body": "Hello"})
        assert (
            words(answer)
            == "Will be notified: nora (email), 3 followers. How followers are notified 3 × daily email Followers who are named above are included, and notified once."
        )
        assertNotContains(answer, "follower1")

    def test_tells_visitors_nothing_of_members(self, client, mine):
        for answer in (
            client.get(mine.post.get_absolute_url()),
            client.post(f"{mine.post.get_absolute_url()}told/", {"body": "@bob", "parent": mine.pk}),
        ):
            assert words(answer) == "We’ll notify the people you reply to or mention."

    @pytest.mark.parametrize(
        "typed",
        [
            {"parent": "9" * 30},
            {"parent": "x\x00"},
            {"also": ["1,2,x", "\ud800".encode("utf-8", "surrogatepass")]},
            {"body": "@" * 9000},
        ],
    )
    def test_takes_any_nonsense(self, signed_in, member, mine, typed):
        assert signed_in(member).post(f"{mine.post.get_absolute_url()}told/", typed).status_code == 200


def ticked_box(comment) -> str:
    return f'<input type="checkbox" name="also" value="{comment.pk}" form="reply" checked aria-describedby="by-{comment.pk}">'


class TestAnswerSeveral:
    def test_one_comment_answers_many_and_each_is_notified_once(self, signed_in, host, post):
        people = [make_member(f"member-{number}") for number in range(8)]
        comments = [make_comment(post, author=person) for person in people for _ in range(2)]
        forget_what_was_announced()
        response = signed_in(host).post(
            f"{post.get_absolute_url()}comments/",
            {"body": "Thank you all.", "also": [str(one.pk) for one in comments]},
        )
        assert response.status_code == 302
        answer = Comment.objects.get(body="Thank you all.")
        assert AdditionalParent.objects.filter(comment=answer).count() == 16
        assert told(answer) == {person.username: ("at_once", ("addressed",)) for person in people}
        with later(minutes=2):
            work()
        assert sorted(message.to[0] for message in mail.outbox) == [
            f"member-{number}@example.org" for number in range(8)
        ]
        assert {message.subject for message in mail.outbox} == {
            f"nora replied to you and others on “{post.title}”"
        }

    @pytest.mark.parametrize("how", ["another post", "withdrawn", "too many"])
    def test_invalid_parents_are_refused_with_a_message_and_nothing_is_lost(
        self, signed_in, member, mine, settings, how
    ):
        other = make_comment() if how == "another post" else make_comment(mine.post)
        if how == "withdrawn":
            delete_comment(other, by=other.author)
        if how == "too many":
            settings.ALERT_ANSWERS_MAX = 1
        response = signed_in(member).post(
            f"{mine.post.get_absolute_url()}comments/",
            {"body": "My words.", "also": [str(mine.pk), str(other.pk)]},
        )
        assertContains(response, "My words.", status_code=422)
        assertContains(
            response,
            "One comment can reply to up to 1" if how == "too many" else "was deleted. It has been unticked",
            status_code=422,
        )
        assert not Comment.objects.filter(body="My words.").exists()

    def test_ticks_survive_the_sign_in(self, client, member, mine):
        client.post(f"{mine.post.get_absolute_url()}comments/", {"body": "My words.", "also": [str(mine.pk)]})
        client.force_login(member)
        page = client.get(mine.post.get_absolute_url())
        assertContains(page, ticked_box(mine), count=1, html=True)

    def test_each_comment_has_a_box_that_belongs_to_the_form(self, signed_in, client, member, mine):
        own, answer = make_comment(mine.post, author=member), make_comment(parent=mine)

        def boxes(page):
            return re.findall(
                r'<input type="checkbox" name="also" value="(\d+)" form="reply"', page.content.decode()
            )

        assert boxes(signed_in(member).get(mine.post.get_absolute_url())) == [str(mine.pk), str(answer.pk)]
        assert boxes(signed_in(mine.author).get(mine.post.get_absolute_url())) == [
            str(answer.pk),
            str(own.pk),
        ]
        assert boxes(client.get(mine.post.get_absolute_url())) == []
        mine.post.comments_open = False
        mine.post.save()
        assert boxes(signed_in(member).get(mine.post.get_absolute_url())) == []

    def test_boxes_cost_no_query_for_each_comment(self, signed_in, member, host):
        alice = signed_in(member)

        def queries(comments: int) -> int:
            talk = make_post(author=host)
            last = [make_comment(talk) for _ in range(comments)][-1]
            address = f"{talk.get_absolute_url()}?also={last.pk}"
            alice.get(address)
            with CaptureQueriesContext(connection) as captured:
                alice.get(address)
            return len(captured)

        assert queries(20) == queries(2) > 0

    def test_ticks_from_another_page_of_the_discussion_are_in_the_form(
        self, signed_in, member, mine, settings
    ):
        settings.COMMENTS_PER_PAGE = 1
        other = make_comment(mine.post, body="On the next page.")
        page = signed_in(member).get(f"{mine.post.get_absolute_url()}?also={mine.pk},{other.pk}")
        assertContains(page, ticked_box(mine), count=1, html=True)
        assertContains(
            page, f'<input type="checkbox" name="also" value="{other.pk}" checked>', count=1, html=True
        )
        assertContains(page, 'name="also"', count=2)

    def test_far_too_many_ticks_are_refused_like_a_few_too_many(self, signed_in, member, mine):
        many = [",".join(str(10**6 + 100 * line + number) for number in range(100)) for line in range(900)]
        answer = signed_in(member).post(
            f"{mine.post.get_absolute_url()}comments/", {"body": "Hello.", "also": [*many, str(mine.pk)]}
        )
        assertContains(answer, "One comment can reply to up to 20", status_code=422)

    def test_leaves_a_mark_at_both_ends_that_speaks_to_each_reader(self, signed_in, client, mine, host):
        other = make_comment(mine.post)
        answer = write(host, mine.post, "To you all.", also=[mine, other])
        bob, address = signed_in(mine.author), mine.post.get_absolute_url()

        def marks(reader) -> list[str]:
            html = re.sub(
                r"<span hidden>[^<]*</span>|<svg.*?</svg>",
                "",
                reader.get(address).content.decode(),
                flags=re.DOTALL,
            )
            found = re.findall(r'<(?:p class="inreply"|li)><a href="/comments/(\d+)/">(.*?)</a>', html)
            return [f"{re.sub(r'<[^>]+>', '', words)} > {pk}" for pk, words in found]

        below = "nora replied to {} below > " + str(answer.pk)
        answers = ["{} > " + str(mine.pk), f"{other.author_name} > {other.pk}"]
        assert marks(bob) == [below.format("you"), below.format("this"), answers[0].format("you"), answers[1]]
        assert marks(client) == [
            below.format("this"),
            below.format("this"),
            answers[0].format("bob"),
            answers[1],
        ]
        set_status(answer, Comment.Status.REMOVED)
        assert marks(bob) == []


class TestTheReceipt:
    def test_says_what_became_of_it(self, signed_in, member, mine):
        debbie = make_guest_comment(mine.post, "Debbie")
        comment = write(member, mine.post, "Hello.", parent=mine, also=[debbie])
        alice = signed_in(member)
        url = f"/comments/{comment.pk}/receipt/"
        assertContains(alice.get(url), "will be notified (email)", count=2)
        assertContains(alice.get(url), "Debbie (left no email address)")
        with later(minutes=2):
            work()
            assertContains(alice.get(url), ": notified (email)", count=2)
            bob = signed_in(mine.author)
            line = Notification.objects.get(comment=comment, member=mine.author)
            assertRedirects(
                bob.post(f"/notifications/{line.pk}/open/"),
                f"{mine.post.get_absolute_url()}#comment-{comment.pk}",
                fetch_redirect_response=False,
            )
            assertContains(alice.get(url), "read on the site", count=1)

    def test_is_shown_automatically_after_posting(self, signed_in, member, mine, host):
        alice = signed_in(member)
        alice.post(f"{mine.post.get_absolute_url()}comments/", {"body": "Hello.", "parent": mine.pk})
        assertContains(alice.get(mine.post.get_absolute_url()), "Will be notified: bob, nora.")
        assertNotContains(signed_in(host).get(mine.post.get_absolute_url()), "Will be notified: bob")
        with later(minutes=3):
            assertNotContains(alice.get(mine.post.get_absolute_url()), "Will be notified: bob")

    def test_of_a_held_comment_lists_no_one_as_notified(self, signed_in, member, mine):
        comment = write(member, mine.post, parent=mine)
        set_status(comment, Comment.Status.HELD)
        forget_what_was_announced()
        assertContains(
            signed_in(member).get(f"/comments/{comment.pk}/receipt/"),
            "will be notified once your comment is approved",
            count=2,
        )

    def test_is_nobody_elses_business(self, signed_in, mine, host):
        assert signed_in(host).get(f"/comments/{mine.pk}/receipt/").status_code == 403


def test_an_edit_notifies_newly_mentioned_members_and_no_one_else(member, mine):
    kay = make_member("kay")
    comment = write(member, mine.post, "Hello.", parent=mine)
    forget_what_was_announced()
    edit_comment(comment, body="Hello @kay and @bob.", by=member)
    assert told(comment) == {"kay": ("at_once", ("mention",)), "bob": ("at_once", ("answer", "mention"))}
    forget_what_was_announced()
    edit_comment(comment, body="Hello again, @kay.", by=member)
    assert told(comment) == {}
    assert kay.notifications.count() == 0


class TestTheInbox:
    def test_holds_a_line_after_a_minute_and_the_bell_counts_it(self, signed_in, member, mine):
        bob = signed_in(mine.author)
        write(member, mine.post, "Hello *Bob*.", parent=mine)
        assertContains(bob.get("/notifications/"), "You’re all caught up.")
        with later(seconds=61):
            page = bob.get("/notifications/")
        assertContains(page, "<b>alice</b> replied to you", html=True)
        assertContains(page, "Hello Bob.")
        assertContains(page, "Inbox, 1 unread")

    def test_says_in_which_language_what_is_quoted_is_written(self, signed_in, member, mine):
        bob = signed_in(mine.author)
        write(
            member, mine.post, "Je ne sais pas ce que vous en pensez, mais c’est une belle idée.", parent=mine
        )
        write(member, mine.post, "I don’t know what you think of it, but it is a fine idea.", parent=mine)
        with later(seconds=61):
            page = bob.get("/notifications/").content.decode()
        assert re.findall(r'<p class="q" dir="auto"([^>]*)>\s*(\w+)', page) == [
            ("", "I"),
            (' lang="fr"', "Je"),
        ]

    @pytest.mark.parametrize("how", ["withdrawn", "held"])
    def test_a_withdrawn_comment_notifies_no_one_and_a_restored_one_does(self, signed_in, member, mine, how):
        comment = write(member, mine.post, "Hello.", parent=mine)
        set_status(comment, Comment.Status.DELETED if how == "withdrawn" else Comment.Status.HELD)
        bob = signed_in(mine.author)
        with later(minutes=2):
            work()
            assertContains(bob.get("/notifications/"), "You’re all caught up.")
            # The host is asked to review it.
            assert [message.to[0] for message in mail.outbox] == (
                ["nora@example.org"] if how == "held" else []
            )
            mail.outbox.clear()
            set_status(comment, Comment.Status.PUBLIC)
        with later(minutes=4):
            work()
            assertContains(bob.get("/notifications/"), "replied to you")
        assert sorted(message.to[0] for message in mail.outbox) == ["bob@example.org", "nora@example.org"]

    def test_marks_as_read_one_or_all_and_only_ones_own(self, signed_in, member, mine):
        for number in range(3):
            write(member, mine.post, f"Words {number}.", parent=mine)
        bob = signed_in(mine.author)
        with later(minutes=2):
            rows = Notification.objects.filter(member=mine.author)
            signed_in(member).post("/notifications/read/", {"all": "1", "notification": str(rows[0].pk)})
            assert rows.unread().count() == 3
            bob.post("/notifications/read/", {"notification": [str(rows[0].pk), "x", "9" * 40]})
            assert rows.unread().count() == 2
            assertRedirects(
                bob.post("/notifications/read/", {"all": "1", "next": "//evil.example/"}),
                "/notifications/",
                fetch_redirect_response=False,
            )
            assert rows.unread().count() == 0
            assert signed_in(member).post(f"/notifications/{rows[0].pk}/open/").status_code == 404

    def test_marks_all_as_read_that_was_there_when_the_page_was_opened(self, signed_in, member, mine):
        rows, bob = Notification.objects.filter(member=mine.author).order_by("pk"), signed_in(mine.author)
        write(member, mine.post, "First.", parent=mine)
        with later(minutes=2) as clock:
            page = bob.get("/notifications/").content.decode()
            until = re.search(r'<input type="hidden" name="until" value="([^"]+)"', page)[1]
            write(member, mine.post, "Second.", parent=mine)
            clock.shift(timedelta(minutes=2))
            bob.post("/notifications/read/", {"all": "1", "until": until})
            assert [row.is_unread for row in rows] == [False, True]
            work()
            (email,) = [message for message in mail.outbox if message.to == ["bob@example.org"]]
            assert ("Second." in email.body, "First." in email.body) == (True, False)

    @pytest.mark.parametrize(
        "until", ["", "yesterday", "9" * 16 + "-0", "9" * 17 + "-0", "-" + "9" * 17 + "-0"]
    )
    def test_marks_all_as_read_whatever_a_strange_page_says(self, signed_in, member, mine, until):
        write(member, mine.post, "First.", parent=mine)
        with later(minutes=2):
            bob = signed_in(mine.author)
            assert bob.post("/notifications/read/", {"all": "1", "until": until}).status_code == 302
            assert not Notification.objects.filter(member=mine.author).unread().exists()

    def test_is_paged_by_key_and_no_line_is_skipped(self, signed_in, member, mine, settings):
        settings.ALERTS_PER_PAGE = 2
        settings.COMMENT_RATES = {"member": [], "host": []}
        for number in range(5):
            write(member, mine.post, f"Words {number}.", parent=mine)
        bob, seen, url = signed_in(mine.author), [], "/notifications/"
        with later(minutes=2):
            while url:
                page = bob.get(url).content.decode()
                seen += re.findall(r'<p class="q" dir="auto">\s*Words (\d)\.', page)
                following = re.search(r'rel="next" href="(\?[^"]+)"', page)
                url = f"/notifications/{following[1]}" if following else ""
        assert seen == ["4", "3", "2", "1", "0"]

    @pytest.mark.parametrize(
        ("show", "count"),
        [("", 2), ("answers", 1), ("talks", 1), ("unread", 2), ("people", 0), ("nonsense", 2)],
    )
    def test_is_filtered(self, signed_in, member, mine, show, count):
        set_thread_level(mine.author, mine.post, "following")
        write(member, mine.post, "To Bob.", parent=mine)
        write(member, mine.post, "To all.")
        with later(minutes=2):
            work()
            assertContains(
                signed_in(mine.author).get(f"/notifications/?show={show}"),
                '<p class="q" dir="auto">',
                count=count,
            )

    @pytest.mark.parametrize("rows", [1, 12])
    def test_costs_the_same_queries_however_full(
        self, signed_in, member, mine, settings, rows, django_assert_num_queries
    ):
        settings.COMMENT_RATES = {"member": [], "host": []}
        for number in range(rows):
            write(member, mine.post, f"Words {number}.", parent=mine)
        bob = signed_in(mine.author)
        # Session, user, the rows, moderators, unread twice.
        with (
            later(minutes=2),
            django_assert_num_queries(6),
        ):
            bob.get("/notifications/")


class TestChoices:
    def test_are_kept(self, signed_in, member):
        alice = signed_in(member)
        response = alice.post(
            "/notifications/settings/",
            {"answers": "daily", "talks": "off", "people": "at_once", "posts": "weekly"},
        )
        assertRedirects(response, "/notifications/settings/")
        assert preferences_of(member) == DEFAULTS | {
            "answers": "daily",
            "talks": "off",
            "people": "at_once",
            "posts": "weekly",
        }

    def test_nonsense_is_refused_and_changes_nothing(self, signed_in, member):
        assert signed_in(member).post("/notifications/settings/", {"answers": "loudly"}).status_code == 422
        assert not NotificationPreference.objects.exists()

    def test_a_bounced_address_can_be_tried_again_but_not_after_a_complaint(self, signed_in, member):
        alice = signed_in(member)
        for cause, left, words in (
            ("bounce", 0, "An email to your address bounced."),
            ("complaint", 1, "was marked as spam"),
        ):
            EmailSuppression.objects.all().delete()
            EmailSuppression.objects.create(email="alice@example.org", cause=cause)
            assertContains(alice.get("/notifications/settings/"), words)
            alice.post("/notifications/settings/", {"resume": "1"})
            assert EmailSuppression.objects.count() == left

    @pytest.mark.parametrize(
        ("level", "kept"), [("following", ["following"]), ("muted", ["muted"]), ("normal", [])]
    )
    def test_of_a_talk(self, signed_in, member, post, level, kept):
        set_thread_level(member, post, "muted" if level == "following" else "following")
        assertRedirects(
            signed_in(member).post(f"{post.get_absolute_url()}follow/", {"level": level}),
            post.get_absolute_url(),
        )
        assert list(ThreadSubscription.objects.values_list("level", flat=True)) == kept

    def test_of_a_discussion_that_are_invalid_are_refused(self, signed_in, member, post):
        refused = signed_in(member).post(f"{post.get_absolute_url()}follow/", {"level": "loud"})
        note = refused.content.decode().partition('class="note bad" role="alert" tabindex="-1"')[2]
        assert (refused.status_code, "Choose one of the three." in note) == (422, True)

    def test_a_muted_discussion_stays_silent(self, signed_in, member, mine):
        set_thread_level(mine.author, mine.post, "muted")
        assert told(write(member, mine.post, "@bob!", parent=mine)) == {"nora": ("at_once", ("host",))}


class TestClicksInMails:
    def test_one_click_acts_at_once_without_cookies_or_signing_in(self, client, member):
        client.handler.enforce_csrf_checks = True
        url = f"/unsubscribe/{make_token(Grant(member.pk, 'answers'))}/"
        response = client.post(
            url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assert (response.status_code, preferences_of(member)["answers"], preferences_of(member)["talks"]) == (
            200,
            "here",
            "daily",
        )

    def test_looking_changes_nothing(self, client, member, post):
        token = make_token(Grant(member.pk, "answers", post.pk))
        assertContains(client.get(f"/unsubscribe/{token}/?change=mute"), 'value="mute"')
        assert (NotificationPreference.objects.count(), ThreadSubscription.objects.count()) == (0, 0)

    @pytest.mark.parametrize(
        ("change", "answers", "levels"),
        [("stop", "here", []), ("daily", "daily", []), ("mute", "at_once", ["muted"])],
    )
    def test_the_foot_of_a_mail_offers_more(self, client, member, post, change, answers, levels):
        response = client.post(
            f"/unsubscribe/{make_token(Grant(member.pk, 'answers', post.pk))}/", {"change": change}
        )
        assertContains(response, "Done.")
        assert (
            preferences_of(member)["answers"],
            list(ThreadSubscription.objects.values_list("level", flat=True)),
        ) == (answers, levels)

    def test_one_click_stops_all_that_a_mixed_mail_holds_and_each_can_be_undone(
        self, client, member, other_member, post, settings
    ):
        """A reply and a followed comment share the daily digest; comments of people she follows are separate."""
        mine = make_comment(post, author=member)
        choose(member, answers="daily", talks="daily", people="at_once", thanks="weekly")
        set_thread_level(member, post, "following")
        write(other_member, post, "To you.", parent=mine)
        write(other_member, post, "To all.")
        with later(seconds=61):
            work()
        mail.outbox.clear()
        with later(days=1, hours=1):
            work()
        (message,) = [one for one in mail.outbox if one.to == [member.email]]
        stop = re.search(r"<http://testserver(/unsubscribe/\S+)>", message.extra_headers["List-Unsubscribe"])[
            1
        ]
        shown = client.get(stop)
        for kind in (REPLIES, FOLLOWED_POSTS):
            assertContains(shown, f"<li>{kind.label}</li>", html=True)
        done = client.post(
            stop, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assertContains(done, REPLIES.label)
        assert preferences_of(member) == DEFAULTS | {
            "answers": "here",
            "talks": "here",
            "people": "at_once",
            "thanks": "weekly",
        }
        assertContains(done, '<input type="hidden" name="undo" value="answers:daily">', html=True)
        undone = client.post(stop, {"undo": "answers:daily", "left": "talks:daily"})
        assertContains(undone, f"Turned on again: {REPLIES.label} ({NotificationChannel.DAILY.label}).")
        assertContains(undone, '<input type="hidden" name="undo" value="talks:daily">', html=True)
        assert (preferences_of(member)["answers"], preferences_of(member)["talks"]) == ("daily", "here")

    def test_a_reply_that_came_at_once_for_another_choice_stops_both_and_is_filed_as_a_reply(
        self, client, signed_in, member, other_member, post
    ):
        mine = make_comment(post, author=member)
        choose(member, answers="weekly", people="at_once")
        Follow.objects.create(follower=member, followed=other_member)
        reply = write(other_member, post, "To you.", parent=mine)
        with later(seconds=61):
            work()
            assertContains(
                signed_in(member).get("/notifications/?show=answers"), '<p class="q" dir="auto">', count=1
            )
        (message,) = [one for one in mail.outbox if one.to == [member.email]]
        assert message.subject.startswith("bob replied to you")
        client.post(
            re.search(r"<http://testserver(/unsubscribe/\S+)>", message.extra_headers["List-Unsubscribe"])[1],
            {},
        )
        assert (preferences_of(member)["answers"], preferences_of(member)["people"]) == ("here", "here")
        assert told(write(other_member, post, "Again.", parent=mine)) == {
            "alice": ("here", ("answer", "person")),
            "nora": ("at_once", ("host",)),
        }
        assert Notification.objects.get(comment=reply, member=member).kind == "answers"

    @pytest.mark.parametrize(
        ("before", "change", "says"),
        [
            ("off", "stop", "you don’t get these emails."),
            ("here", "stop", "you don’t get these emails."),
            ("here", "daily", "you don’t get these emails."),
            ("daily", "daily", "you already get these emails once a day or less."),
            ("weekly", "daily", "you already get these emails once a day or less."),
        ],
    )
    def test_a_click_never_makes_more_of_it_and_says_what_is_so(self, client, member, before, change, says):
        choose(member, answers=before, people="here")
        assertContains(
            client.post(
                f"/unsubscribe/{make_token(Grant(member.pk, 'answers+people'))}/", {"change": change}
            ),
            f"There was nothing to change: {says}",
        )
        assert preferences_of(member)["answers"] == before

    def test_muting_can_be_undone_too(self, client, member, post):
        set_thread_level(member, post, "following")
        url = f"/unsubscribe/{make_token(Grant(member.pk, 'answers+talks', post.pk))}/"
        assertContains(client.post(url, {"change": "mute"}), 'value="mute:following"')
        assertContains(client.post(url, {"undo": "mute:following"}), f"Turned on again: {post.title}.")
        assert ThreadSubscription.objects.get().level == "following"

    @pytest.mark.parametrize(
        "undo", ["talks:daily", "answers:off", "answers", "mute:muted", "mute:normal", "x" * 300]
    )
    def test_only_what_the_mail_was_about_can_be_switched_on(self, client, member, undo):
        choose(member, answers="here", talks="here")
        assert (
            client.post(
                f"/unsubscribe/{make_token(Grant(member.pk, 'answers'))}/", {"undo": undo}
            ).status_code
            == 422
        )
        assert (preferences_of(member)["answers"], preferences_of(member)["talks"]) == ("here", "here")

    def test_a_token_outlives_the_address_it_was_sent_to(self, client, member):
        token = make_token(Grant(member.pk, "talks"))
        member.email = "new@example.org"
        member.save()
        with later(days=1000):
            client.post(f"/unsubscribe/{token}/", {"List-Unsubscribe": "One-Click"})
        assert preferences_of(member)["talks"] == "here"

    def test_a_token_cannot_be_made_by_others_or_turned_to_another_use(self, client, member):
        token = make_token(Grant(member.pk, "talks"))
        for wrong in (token[:-1], "x" + token, make_guest_token("a@example.org"), "%00", "a.b"):
            assert client.post(f"/unsubscribe/{wrong}/", {}).status_code in {400, 404}
        assert client.get(f"/notifications/guests/{token}/").status_code == 404
        assert not NotificationPreference.objects.exists()


class TestGuests:
    def test_are_notified_only_after_asking_and_confirming(self, client, member, post):
        comment = make_guest_comment(post, "Kim", "Kim@Example.net")
        assertContains(
            client.post("/notifications/guests/", {"email": "kim@example.NET"}), "we’ve sent an email to it"
        )
        assertContains(
            client.post("/notifications/guests/", {"email": "kim@example.net"}), "we’ve sent an email to it"
        )
        (question,) = mail.outbox
        assert question.to == ["kim@example.net"]
        link = re.search(r"http://testserver(/notifications/guests/\S+)", question.body)[1]
        client.get(link)
        assert not GuestConsent.objects.exists()
        client.post(link)
        mail.outbox.clear()
        write(member, post, "Hello Kim.", parent=comment)
        with later(minutes=2):
            work()
        to_kim = next(message for message in mail.outbox if message.to == ["kim@example.net"])
        stop = re.search(r"<http://testserver(/unsubscribe/\S+)>", to_kim.extra_headers["List-Unsubscribe"])[
            1
        ]
        client.post(stop, {"List-Unsubscribe": "One-Click"})
        assert not GuestConsent.objects.exists()

    def test_nobody_learns_who_wrote_here(self, client, post):
        make_guest_comment(post, "Kim", "kim@example.net")
        pages = [
            client.post("/notifications/guests/", {"email": email}).content
            for email in ("kim@example.net", "no@example.net")
        ]
        # apart from the theme form's token the pages are the same
        assert len({re.sub(rb'value="\w{64}"', b"", page).replace(b"no@", b"kim@") for page in pages}) == 1
        assert [message.to for message in mail.outbox] == [["kim@example.net"]]

    def test_who_wrote_here_is_looked_up_by_the_worker(self, client, post, settings):
        """Not during the request, whose duration would reveal it."""
        settings.TASKS = TASKS_AS_ROWS
        make_guest_comment(post, "Kim", "kim@example.net")
        asked = []
        for email in ("kim@example.net", "no@example.net"):
            with CaptureQueriesContext(connection) as queries:
                client.post("/notifications/guests/", {"email": email})
            asked.append([query["sql"] for query in queries if "comments_comment" in query["sql"]])
        assert asked == [[], []]

    @time_machine.travel("2026-03-01 12:00:00+00:00", tick=False)  # counted by the hour
    def test_may_not_ask_for_address_after_address(self, client, settings):
        settings.GUEST_DATA_RATES = settings.GUEST_DATA_RATES | {"sender": [(1, 3600)]}
        client.post("/notifications/guests/", {"email": "kim@example.net"})
        answer = client.post("/notifications/guests/", {"email": "no@example.net"})
        assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
        assertContains(answer, 'value="no@example.net"', status_code=429)


def test_tokens_of_guests_say_so(member):
    consent = GuestConsent.objects.create(
        email="kim@example.net", confirmed_at=timezone.now() - timedelta(days=1)
    )
    assert make_token(Grant(consent.pk, GUEST)) != make_token(Grant(consent.pk, "answers"))


def test_an_open_page_gets_the_unread_count(client, post, member, other_member, host):
    """Including what is not due yet, was held in between, or is someone else's."""
    for body in ("One.", "Two."):
        write(member, post, body)
    write(other_member, post, "Three.")

    def unread_of(reader) -> int:
        client.force_login(reader)
        return client.get(f"/posts/{post.slug}/live/").json()["unread"]

    assert [unread_of(reader) for reader in (host, member)] == [0, 0]
    with later(minutes=2):
        assert (
            [unread_of(reader) for reader in (host, member)]
            == [unread_count(host), unread_count(member)]
            == [3, 0]
        )
        Comment.objects.filter(body="One.").update(status="held")
        assert unread_of(host) == unread_count(host) == 2


def test_the_bell_counts_answers_to_proposed_events_only_while_events_are_on(signed_in, member, post):
    """On a page with its own statement (a post), on one without, and in the response to polling."""
    due_at = timezone.now() - timedelta(minutes=1)
    Notification.objects.create(
        member=member, post=post, kind="event_proposals", reasons=["approved"], due_at=due_at
    )
    reader, seen = signed_in(member), []
    for parts in ([], ["events"], []):
        switch_on(*parts)
        pages = [reader.get(path).content.decode() for path in ("/members/", f"/posts/{post.slug}/")]
        heard = reader.get(f"/posts/{post.slug}/live/").json()["unread"]
        seen.append((*("Inbox, 1 unread" in page for page in pages), heard))
    assert seen == [(False, False, 0), (True, True, 1), (False, False, 0)]


def test_a_bell_counts_to_a_hundred():
    assert (shown(99), shown(100), shown(0)) == ("99", "99+", "")
