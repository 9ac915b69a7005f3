"""Functions that create rows as the application does. Every argument is optional."""

import itertools
from datetime import timedelta
from io import BytesIO
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F
from django.db.models.signals import post_save
from django.utils import timezone
from PIL import Image

from accounts.models import User
from api.models import Event, Webhook
from comments.models import Comment
from comments.services.writing import change_counters, note_mentions, publish_comment, set_status, touch
from core.models import SiteSettings
from core.services.site_settings import save_settings
from decisions.models import Guest
from events.models import Answer
from posts.models import Post
from search.backends import backend
from search.documents import document_of_member, documents_of_names

_number = itertools.count(1)

PASSWORD = "wooden spoons for seven"  # noqa: S105 - only of users in tests


def make_member(username: str = "", **fields: Any) -> User:
    """Create a member who joined a month ago with a confirmed address.

    They are known, unless they joined within the last day. The rows, including those of the search index, are
    the same as after signing up (tests/test_factories.py). The receivers of a confirmed address run only if
    they have something to do, because they take longer than all the rest.
    """
    username = username or f"member{next(_number)}"
    joined = fields.get("date_joined", timezone.now() - timedelta(days=30))
    fields = {
        "email": f"{username}@example.org",
        "date_joined": joined,
        "known_since": joined if joined < timezone.now() - timedelta(days=1) else None,
    } | fields
    user = User(username=User.normalize_username(username), **fields)
    user.email = User.objects.normalize_email(user.email)
    user.password = make_password(fields.get("password", PASSWORD))
    user.make_of_others()
    User.objects.bulk_create([user])
    backend().add("members", [document_of_member(user, topics=[])])
    backend().add("names", documents_of_names([user]))
    address = EmailAddress(user=user, email=user.email, verified=True, primary=True)
    EmailAddress.objects.bulk_create([address])
    if somebody_waits_for_addresses():
        post_save.send(sender=EmailAddress, instance=address, created=True, raw=False)
    return user


# Tables where guests write and answer by email, to which a confirmed address is compared.
WAITING = " OR ".join(
    f"EXISTS (SELECT 1 FROM {model._meta.db_table} WHERE {column} <> '')"  # noqa: S608 - names of ours
    for model, column in ((Comment, "guest_email"), (Guest, "email"), (Answer, "guest_email"))
)


def somebody_waits_for_addresses() -> bool:
    """Return whether a receiver of a confirmed address may have work; tests/test_factories.py names each."""
    if SiteSettings.current().welcome_mail or Webhook.wanting(Event.MEMBER_JOINED):
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {WAITING}")
        return bool(cursor.fetchone()[0])


def make_moderator(username: str = "", **fields: Any) -> User:
    user = make_member(username, **fields)
    user.groups.add(Group.objects.get(name="moderators"))
    return user


def make_host(username: str = "", **fields: Any) -> User:
    return make_member(username, is_staff=True, is_superuser=True, **fields)


def make_post(author: User | None = None, **fields: Any) -> Post:
    """Create a post published yesterday."""
    number = next(_number)
    fields = {
        "title": f"Post {number}",
        "slug": "" if "title" in fields else f"post-{number}",  # free, so not checked
        "body": "<p>Where do you go to talk?</p>",
        "published_at": timezone.now() - timedelta(days=1),
    } | fields
    return Post.objects.create(author=author or make_host(f"host{number}"), **fields)


def make_comment(
    post: Post | None = None,
    author: User | None = None,
    parent: Comment | None = None,
    body: str = "",
    status: str = "",
    **fields: Any,
) -> Comment:
    """Create a comment through the service. `status` and `fields` are set afterwards."""
    number = next(_number)
    post = post or (parent.post if parent else make_post())
    comment = publish_comment(
        post=post, author=author or make_member(), parent=parent, body=body or f"Words {number}."
    )
    if fields:
        Comment.objects.filter(pk=comment.pk).update(**fields)
    if status and comment.status != status:
        set_status(comment, Comment.Status(status))
    comment.refresh_from_db()
    return comment


def put_comment(
    post: Post | None = None,
    author: User | None = None,
    parent: Comment | None = None,
    body: str = "",
    status: str = "",
    **fields: Any,
) -> Comment:
    """Create a comment with the same row, position, mentions, counters and index entry as `make_comment`.

    It skips checks and notifications, which take four fifths of the time. For tests of how comments are
    shown, found and counted.
    """
    number = next(_number)
    post = post or (parent.post if parent else make_post())
    comment = Comment(post=post, parent=parent, author=author or make_member())
    comment.set_body(body or f"Words {number}.")
    comment.published_at = timezone.now()
    comment.created_at = fields.pop("created_at", comment.published_at)
    comment.status = Comment.Status(status or Comment.Status.PUBLIC)
    Comment.objects.insert_node(comment, parent)
    comment.save(force_insert=True)
    if comment.called_members:
        note_mentions(comment)
    if parent is not None:
        Comment.objects.filter(tree_id=comment.tree_id, parent=None).update(branch_size=F("branch_size") + 1)
    if comment.is_public:
        change_counters(post, +1, new=comment)
    else:
        touch(post)
    if fields:
        Comment.objects.filter(pk=comment.pk).update(**fields)
    comment.refresh_from_db()
    return comment


def make_picture(
    size: tuple[int, int] = (600, 400), image_format: str = "JPEG", name: str = "", **save: Any
) -> SimpleUploadedFile:
    """Return an uploaded image file."""
    out = BytesIO()
    Image.new("RGB", size, (120, 80, 40)).save(out, image_format, **save)
    return SimpleUploadedFile(
        name or f"picture.{image_format.lower()}",
        out.getvalue(),
        content_type=f"image/{image_format.lower()}",
    )


def switch_on(*parts: str) -> None:
    """Enable these parts of the community, and disable all others."""
    save_settings({"parts": [*parts]}, by=None)
