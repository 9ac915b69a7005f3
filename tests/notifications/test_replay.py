"""A discussion from its import to the host's reply to eight people at once: commands, forms and emails."""

import re
from html import unescape

import pytest
from django.core import mail
from django.core.management import call_command

from accounts.models import Mute, User
from comments.models import Comment
from notifications.email.tokens import make_guest_token
from notifications.models import Notification
from notifications.services.preferences import choose, set_thread_level
from posts.models import Post
from tests.factories import make_member
from tests.notifications.people import forget_what_was_announced, later, work
from tests.transfer import wxr

pytestmark = pytest.mark.django_db

# Who comments before the host does, in this order; two of them twice, one of these below their own comment.
GUESTS = [
    ("Dora", "dora@example.net"),
    ("Karin", ""),
    ("Lena", "lena@example.net"),
    ("Dora", "dora@example.net"),
]
MEMBERS = ["paul", "mira", "chris", "rolf", "david"]
AFTERWARDS = ["anna", "ben", "cleo", "emil", "franz", "gita"]


@pytest.fixture
def talk(tmp_path, host, signed_in):
    """Ten comments by eight people: three imported guests and five members."""
    comments = [
        wxr.comment(
            number,
            f"What {name} says about bread, {number}.",
            comment_author=name,
            comment_author_email=email,
        )
        for number, (name, email) in enumerate(GUESTS, start=1)
    ]
    call_command(
        "import_wordpress",
        wxr.wxr(tmp_path / "export.xml", wxr.post(10, *comments)),
        author=host.username,
        verbosity=0,
    )
    post = Post.objects.get(slug="on-bread")
    for name in MEMBERS:
        say(signed_in(make_member(name, display_name=name.title())), post, f"What {name} says about bread.")
    say(
        signed_in(User.objects.get(username="rolf")),
        post,
        "And one thing more.",
        parent=Comment.objects.get(author__username="rolf").pk,
    )
    forget_what_was_announced()
    mail.outbox.clear()
    return post


def say(client, post, body, **fields):
    response = client.post(f"{post.get_absolute_url()}comments/", {"body": body, **fields})
    assert response.status_code == 302, response.content.decode()
    return Comment.objects.newest_first().first()


def line_of(page) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return what the line says: (who, how) for recipients, (who, why) for those who cannot be notified."""
    heard = re.search(
        r'<div class="heard".*?>(.*?)</div>\s*<div data-preview', page.content.decode(), re.DOTALL
    )[1]
    text = unescape(" ".join(re.sub(r"<[^>]+>", " ", heard).split()))
    told, _mark, not_told = text.partition("Can’t be notified: ")
    groups = re.findall(r"(?:^|, )([^()]+?) \(([^()]+)\)", told.partition("Will be notified: ")[2])
    return {(name, how) for names, how in groups for name in names.split(", ")}, set(
        re.findall(r"(?:^|, )([^()]+?) \(([^()]+)\)", not_told)
    )


def outbox_of(comment) -> set[tuple[str, str]]:
    words = {"at_once": "email", "daily": "daily email", "weekly": "weekly email", "here": "inbox"}
    rows = Notification.objects.filter(comment=comment).select_related("member")
    return {(row.member.get_display_name() if row.member else row.guest_name, words[row.way]) for row in rows}


def test_eight_people_are_answered_in_one_comment_and_each_is_notified_once(talk, host, client, signed_in):
    choose(User.objects.get(username="chris"), answers="here")
    choose(User.objects.get(username="mira"), answers="daily")
    Mute.objects.create(member=User.objects.get(username="paul"), muted=host)
    set_thread_level(User.objects.get(username="david"), talk, "following")
    client.post(f"/notifications/guests/{make_guest_token('dora@example.net')}/")

    nora = signed_in(host)
    answered = Comment.objects.for_post(talk).exclude(author=host)
    assert (answered.count(), len({comment.author_name for comment in answered})) == (10, 8)
    draft = {
        "body": "Dear all eight of you, thank you. Am I right that you are told of this?",
        "also": [str(comment.pk) for comment in answered],
    }
    told, not_told = line_of(nora.post(f"{talk.get_absolute_url()}comments/", draft | {"preview": "1"}))
    assert told == {
        ("Rolf", "email"),
        ("David", "email"),
        ("Dora", "email"),
        ("Mira", "daily email"),
        ("Chris", "inbox"),
    }
    assert not_told == {
        ("Paul", "has turned this off"),
        ("Karin", "left no email address"),
        ("Lena", "hasn’t asked to be notified"),
    }
    assert Notification.objects.count() == 0

    answer = say(nora, talk, draft["body"], also=draft["also"])
    assert outbox_of(answer) == told
    assert Notification.objects.filter(comment=answer).count() == 5
    with later(days=2):
        work()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "david@example.org",
        "dora@example.net",
        "mira@example.org",
        "rolf@example.org",
    ]

    # Each of the ten comments links to the reply, and the reply to each of them.
    page = signed_in(User.objects.get(username="mira")).get(talk.get_absolute_url()).content.decode()
    assert page.count("<span>nora replied to you below</span>") == 1
    assert page.count("<span>nora replied to this below</span>") == 9
    assert page.count(f'<a href="/comments/{answer.pk}/"><svg') == 10


def test_the_discussion_continues_and_still_no_one_is_notified_twice(talk, host, signed_in):
    answered = Comment.objects.for_post(talk).exclude(author=host)
    say(signed_in(host), talk, "Thank you all.", also=[str(comment.pk) for comment in answered])
    for name in AFTERWARDS:
        say(signed_in(make_member(name)), talk, f"What {name} says, later.")
    assert Comment.objects.for_post(talk).count() == 17
    with later(days=8):
        work()
    rows = Notification.objects.values_list("comment", "member", "guest_email")
    # The five members, and the host for each that came after.
    assert len(rows) == len(set(rows)) == 5 + len(AFTERWARDS)
    assert {row.member for row in Notification.objects.exclude(comment__author=host)} == {host}
