"""Webmentions from other sites: stored, verified by the worker, held for a moderator as a guest's comment."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import Comment
from comments.services.discussion import rules_of
from comments.services.guest_writing import hold_comment_of_guest
from comments.services.writing import set_status
from core.models import SiteSettings
from core.utils import http_client
from core.utils.ratelimit import check_hits, sender_key
from core.utils.urls import WebAddressValidator
from posts.models import Post
from webmention.models import LONGEST_ADDRESS, Mention
from webmention.services.pages import Excerpt, read_source

# Delays after failures; after the last one the page counts as gone.
PAUSES = [timedelta(minutes=10), timedelta(hours=2), timedelta(days=1), timedelta(days=3)]
SOON, LATER = timedelta(days=1), timedelta(days=30)
# A repeated webmention within this time does not cause another check.
REST = timedelta(minutes=5)
TAKEN_FOR = timedelta(minutes=10)
GONE = {404, 410}


def receive(source: str, target: str, *, address: str) -> Mention:
    """Store a webmention for the worker to verify. If it is sent again, it is verified again.

    address: the IP address of the sender. Raises ValidationError with a message, and TooFast.
    """
    if not SiteSettings.current().webmentions_in:
        raise ValidationError(_("This site doesn’t accept webmentions."))
    # A URL with non-ASCII characters is sent percent-encoded, as in links.
    source, target = source.strip(), unquote(target.strip())
    _check_addresses(source, target)
    post = post_at(target)
    if post is None:
        raise ValidationError(_("The target isn’t a public post on this site."))
    if not rules_of(post).is_open:
        raise ValidationError(_("Comments on this post are closed."))
    check_hits("webmention", sender_key(address), settings.WEBMENTION_RATES["sender"])
    check_hits("webmention-host", urlsplit(source).hostname or "", settings.WEBMENTION_RATES["host"])
    mention, is_new = Mention.objects.get_or_create(source=source, post=post, defaults={"target": target})
    if not is_new and (mention.checked_at is None or mention.checked_at < timezone.now() - REST):
        Mention.objects.filter(pk=mention.pk).update(target=target, due_at=timezone.now(), tries=0)
    return mention


def _check_addresses(source: str, target: str) -> None:
    """Checks without any request. Raises ValidationError."""
    for one in (source, target):
        if len(one) > LONGEST_ADDRESS:
            raise ValidationError(_("The address is too long."))
        if not one.isprintable() or not one.startswith(("http://", "https://")):
            raise ValidationError(_("Send “source” and “target”, both web addresses."))
    try:
        if urlsplit(source).hostname == urlsplit(settings.SITE_URL).hostname:
            raise ValidationError(_("The source must be a page of another site."))
    except ValueError:  # unbalanced brackets
        raise ValidationError(_("Send “source” and “target”, both web addresses.")) from None
    if not source.startswith("https://"):
        raise ValidationError(_("The source must begin with https://."))
    try:
        WebAddressValidator()(source)
    except ValidationError:
        raise ValidationError(_("Send “source” and “target”, both web addresses.")) from None


def post_at(target: str) -> Post | None:
    """The post at a URL of this site, if everyone may read it; for a comment, its post."""
    try:
        parts, here = urlsplit(target), urlsplit(settings.SITE_URL)
    except ValueError:
        return None
    if parts.netloc.lower() != here.netloc.lower():
        return None
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None
    posts = Post.objects.readable_by(AnonymousUser())
    if match.view_name == "posts:post-detail":
        return posts.filter(slug=match.kwargs["slug"]).first()
    if match.view_name == "comments:comment-detail":
        slug = QueryDict(parts.query).get("post", "")
        comments = Comment.objects.public().reached_by(AnonymousUser(), slug)
        return posts.filter(comments__in=comments.filter(pk=match.kwargs["pk"])).first()
    return None


# --- by the worker ----------------------------------------------------------------------------


def take_due(limit: int) -> list[int]:
    """Claim webmentions that are due. Returns their keys."""
    taken, now = [], timezone.now()
    for pk, due_at in Mention.objects.due().order_by("due_at").values_list("pk", "due_at")[:limit]:
        if Mention.objects.filter(pk=pk, due_at=due_at).update(due_at=now + TAKEN_FOR):
            taken.append(pk)
    return taken


def look_at(pk: int) -> str:
    """Fetch the page of a mention, and add, update or delete its comment. Returns its state."""
    mention = Mention.objects.select_related("post").get(pk=pk)
    try:
        page = http_client.fetch(mention.source, http_client.public_web())
    except http_client.FetchError as error:
        is_hopeless = error.reason in {http_client.FetchError.NOT_HTTPS, http_client.FetchError.NOT_PUBLIC}
        return _note_failure(mention, is_final=is_hopeless)
    if page.status in GONE:
        return _note_gone(mention)
    if page.status != 200:
        return _note_failure(mention)
    excerpt = read_source(page, mention.target)
    return _note_gone(mention) if excerpt is None else _note_found(mention, excerpt)


def _note_failure(mention: Mention, *, is_final: bool = False) -> str:
    if is_final or mention.tries >= len(PAUSES):
        return _note_gone(mention)
    due_at = timezone.now() + PAUSES[mention.tries]
    Mention.objects.filter(pk=mention.pk).update(tries=mention.tries + 1, due_at=due_at)
    return mention.state


def _note_gone(mention: Mention) -> str:
    """Delete the comment, unless a moderator has decided otherwise."""
    comment = Comment.objects.filter(source_key=mention.comment_key).first()
    if comment is not None and (comment.is_public or comment.is_held):
        set_status(comment, Comment.Status.DELETED)
    return _store(mention, Mention.State.GONE, None)


def _note_found(mention: Mention, excerpt: Excerpt) -> str:
    is_first = mention.state == Mention.State.WAITING
    if not Comment.objects.filter(source_key=mention.comment_key).exists():
        try:
            hold_comment_of_guest(
                post=mention.post,
                name=excerpt.author or (urlsplit(mention.source).hostname or "")[:60],
                url=mention.source,
                body=words_of(mention, excerpt),
                source_key=mention.comment_key,
                reason="webmention",
            )
        except ValidationError:  # closed in the meantime
            return _store(mention, Mention.State.GONE, None)
    return _store(mention, Mention.State.FOUND, timezone.now() + (SOON if is_first else LATER))


def words_of(mention: Mention, excerpt: Excerpt) -> str:
    """The text of a comment: a quotation, and its source."""
    quote = f"> {excerpt.words}" if excerpt.words else ""
    return "\n\n".join(filter(None, [excerpt.title, quote, mention.source]))


def _store(mention: Mention, state: str, due_at: object) -> str:
    Mention.objects.filter(pk=mention.pk).update(
        state=state, due_at=due_at, checked_at=timezone.now(), tries=0
    )
    return state
