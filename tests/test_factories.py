"""The rows that tests insert without the services are the same as those of the services."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models.signals import post_save
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, CommentClaim, CommentMention
from posts.models import Post
from tests.factories import PASSWORD, make_comment, make_member, make_post, put_comment

# Each has its own post and tree; the version of a thread does not matter.
OF_THEIR_OWN = {"id", "tree_id", "post_id", "parent_id"}


@pytest.mark.sql
@pytest.mark.django_db
@pytest.mark.parametrize("status", ["public", "held", "removed"])
def test_a_comment_that_is_put_is_like_one_that_is_written(status):
    author = make_member("ada")
    make_member("bob")

    def rows_of(write):
        post = make_post()
        top = write(post, author, body="A *first* word, @bob: https://table.example/")
        for body in ("Yes.", "No."):
            write(parent=top, author=author, body=body, status=status)
        comments = Comment.objects.filter(post=post).order_by("pk")
        return (
            [{name: row[name] for name in row if name not in OF_THEIR_OWN} for row in comments.values()],
            [comment.parent_id and comment.parent.body for comment in comments],
            CommentMention.objects.filter(comment__in=comments).count(),
            Post.objects.values("comment_count", "last_comment_at").get(pk=post.pk),
        )

    with time_machine.travel(timezone.now(), tick=False):
        assert rows_of(put_comment) == rows_of(make_comment)


def sign_up(username, **fields):
    """Sign up through the manager, with all signals."""
    month_ago = timezone.now() - timedelta(days=30)
    fields = {"email": f"{username}@example.org", "date_joined": month_ago, "known_since": month_ago} | fields
    member = User.objects.create_user(username, password=PASSWORD, **fields)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


@pytest.mark.sql
@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"display_name": " Ada  L. ", "tagline": "Looms", "bio": "I *weave*.", "email": "Ada@Example.ORG"},
        {"is_staff": True, "is_superuser": True, "known_since": None},
    ],
    ids=["plain", "with a profile", "host"],
)
def test_a_member_who_is_made_is_like_one_who_signed_up(fields):
    def rows_of(make):
        member = make("ada", **fields)
        [row] = User.objects.filter(pk=member.pk).values()
        found = [
            {name: row[name] for name in row if name not in {"id", "password"}},
            member.has_usable_password(),
        ]
        found += EmailAddress.objects.filter(user=member).values("email", "verified", "primary")
        key = "rowid" if connection.vendor == "sqlite" else "id"
        with connection.cursor() as cursor:
            for table in ("search_members", "search_names"):
                cursor.execute(f"SELECT * FROM {table} WHERE {key} = %s", [member.pk])  # noqa: S608 - our own names
                found.append([value for value in cursor.fetchone() if value != member.pk])
        assert member.check_password(PASSWORD)
        member.delete()
        return found

    with time_machine.travel(timezone.now(), tick=False):
        assert rows_of(make_member) == rows_of(sign_up)


@pytest.mark.django_db
def test_what_a_confirmed_address_sets_off_is_known_to_make_member():
    """If a new receiver may have something to do, `somebody_waits_for_addresses` must know when."""
    names = {
        sender.__name__: {getattr(each, "__name__", each) for each in post_save._live_receivers(sender)[0]}
        for sender in (User, EmailAddress)
    }
    assert names == {
        "User": {"index_member"},
        "EmailAddress": {
            "welcome",
            "ask_about_guest_comments",
            "merge_voters",
            "merge_answers_of_new_member",
            "notify_of_member",
        },
    }
    put_comment(author=make_member(), guest_email="ada@example.org", guest_name="Ada")
    Comment.objects.update(author=None)
    assert CommentClaim.objects.filter(member=make_member("ada")).exists()
