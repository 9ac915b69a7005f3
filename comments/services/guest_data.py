"""What is stored about people without an account.

Those who receive email at the address can read, download and erase it.

They wrote on an imported blog, or are known to an app in GUEST_DATA_PARTS.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django_tasks import task

from comments.models import ERASED, Comment
from comments.models.querysets import CommentQuerySet
from comments.services.deletion import BATCH, erase_comments
from comments.services.guest_parts import guest_parts
from comments.services.writing import touch
from comments.signals import comments_rewritten, guest_erased
from core.models import SiteSettings
from core.tasks.mail import URGENT, enqueue_mail
from core.utils.email import build_email
from core.utils.locks import lock_row
from core.utils.ratelimit import check_hits, sender_key
from core.utils.site_locale import language_to_keep, read_in
from core.utils.urls import absolute_url
from posts.models import Post


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="comments.guest-data", sep=".")


def make_token(email: str) -> str:
    """The signed token of a link to what is stored about an address (`read_token` reads it)."""
    return _signer().sign_object(email)


def read_token(token: str, *, may_be_old: bool = False) -> str | None:
    """The email address in the token; None if it is forged or older than GUEST_DATA_LINK_HOURS."""
    max_age = None if may_be_old else timedelta(hours=settings.GUEST_DATA_LINK_HOURS)
    try:
        email = _signer().unsign_object(token, max_age=max_age)
    except (BadSignature, TypeError, ValueError):
        return None
    return email if isinstance(email, str) else None


def request_data_link(email: str, *, sender: str) -> None:
    """Ask for a link to the data of an address.

    The worker looks the address up, so neither the response nor its time tells whether there is any.
    sender: the IP address. Raises TooFast.
    """
    email = email.lower()
    check_hits("guest-data-sender", sender_key(sender), settings.GUEST_DATA_RATES["sender"])
    who = salted_hmac("comments.guest-data", email, algorithm="sha256").hexdigest()[:32]
    check_hits("guest-data-address", who, settings.GUEST_DATA_RATES["address"])
    check_hits("guest-data-all", "", settings.GUEST_DATA_RATES["all"])
    send_link.using(priority=URGENT).enqueue(email, language_to_keep())


@task(queue_name="mail")
def send_link(email: str, language: str = "") -> None:
    """Send the link, unless nothing is stored of the address. language: that of the page with the form."""
    with read_in(language):
        if Comment.objects.written_with(email).exists() or any(
            any(part.rows(email)) for part in guest_parts()
        ):
            _send_link(email)


def _send_link(email: str) -> None:
    subject = _("Your data at %(site)s") % {"site": SiteSettings.current().title}
    template = "comments/email/guest_data"
    context = {
        "url": absolute_url(reverse("comments:guest-data", args=[make_token(email)])),
        "hours": settings.GUEST_DATA_LINK_HOURS,
    }
    enqueue_mail(build_email(email, template, context, subject=subject), is_urgent=True)


def rows_of_guest(email: str) -> Iterator[dict[str, Any]]:
    """All comments written with the address, oldest first, as plain values."""
    written = Comment.objects.written_with(email).select_related("post").order_by("created_at", "pk")
    for comment in written.iterator(chunk_size=200):
        yield {
            "number": comment.pk,
            "post": comment.post.title,
            "address": absolute_url(comment.get_absolute_url()),
            "name": comment.guest_name,
            "email": comment.guest_email,
            "link": comment.guest_url,
            "text": comment.body,
            "status": comment.get_status_display(),
            "posted_at": comment.created_at,
        }


@task()
def erase_guest(email: str, with_texts: bool) -> None:
    """Erase a guest's name, address and link, and the texts if wanted.

    What other apps store is erased in any case.

    It may be interrupted and run again.
    """
    theirs = Comment.objects.written_with(email)
    if with_texts:
        # Comments that they had deleted are erased too.
        _each_post(theirs.exclude(body=ERASED, status=Comment.Status.DELETED), partial(_erase_texts, email))
    _each_post(theirs, _erase_names)
    guest_erased.send(sender=Comment, email=email, comments=[])


def _each_post(rows: CommentQuerySet, step: Callable[[CommentQuerySet, int], None]) -> None:
    """Run the step post by post until no rows are left: comments may be added or moved in the meantime."""
    while post_id := rows.order_by("post_id").values_list("post_id", flat=True).first():
        step(rows, post_id)


def _erase_texts(email: str, rows: CommentQuerySet, post_id: int) -> None:
    with transaction.atomic():
        # Without those that a member claimed before the post was locked.
        if erased := erase_comments(rows, post_id):
            guest_erased.send(sender=Comment, email=email, comments=erased)


def _erase_names(rows: CommentQuerySet, post_id: int) -> None:
    with transaction.atomic():
        post = lock_row(Post.objects, post_id)
        some = list(rows.filter(post=post).order_by("pk").values_list("pk", flat=True)[:BATCH])
        Comment.objects.filter(pk__in=some).update(guest_name=_("A guest"), guest_email="", guest_url="")
        comments_rewritten.send(sender=Comment, comments=some)
        touch(post)
