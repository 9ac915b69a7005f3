"""Webmentions to other sites: sent for links in posts and published comments, if the site has an endpoint."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils import timezone

from comments.models import Comment
from core.markup.links import links_in
from core.models import SiteSettings
from core.utils import http_client
from core.utils.urls import absolute_url
from posts.models import Post
from webmention.models import LONGEST_ADDRESS, SentMention
from webmention.services.pages import find_endpoint

PAUSES = [timedelta(minutes=10), timedelta(hours=2), timedelta(days=1)]
TAKEN_FOR = timedelta(minutes=10)
MAX_NOTIFIED = 20
Kind = SentMention.Kind


def source_of(kind: str, pk: int) -> tuple[str, str] | None:
    """The URL and HTML of a post or comment that every visitor can read; else None."""
    if kind == Kind.POST:
        post = Post.objects.listed().filter(pk=pk).first()
        return (post.get_canonical_url(), post.body) if post else None
    found = Comment.objects.public().on_published_posts().select_related("author", "post").filter(pk=pk)
    comment = found.filter(post__visibility=Post.Visibility.PUBLIC).first()
    if comment is None or comment.author is None:
        return None
    return absolute_url(comment.get_absolute_url()), comment.public_html


def note_links(kind: str, pk: int) -> int:
    """Store the pages of other sites that it links to. Returns how many it links to."""
    source = source_of(kind, pk)
    if source is None or not SiteSettings.current().webmentions_out:
        return 0
    here = urlsplit(settings.SITE_URL).hostname
    targets = {
        link.url: None
        for link in links_in(source[1])
        if link.url.startswith("https://")
        and len(link.url) <= LONGEST_ADDRESS
        and urlsplit(link.url).hostname != here
    }
    SentMention.objects.bulk_create(
        [SentMention(kind=kind, subject=pk, target=target) for target in [*targets][:MAX_NOTIFIED]],
        ignore_conflicts=True,
    )
    return len(targets)


def take_due(limit: int) -> list[int]:
    """Claim webmentions that are due. Returns their keys."""
    taken, now = [], timezone.now()
    for pk, due_at in SentMention.objects.due().order_by("due_at").values_list("pk", "due_at")[:limit]:
        if SentMention.objects.filter(pk=pk, due_at=due_at).update(due_at=now + TAKEN_FOR):
            taken.append(pk)
    return taken


def send(pk: int) -> str:
    """Send one webmention. Returns its state."""
    mention = SentMention.objects.get(pk=pk)
    source = source_of(mention.kind, mention.subject)
    if source is None or mention.state != SentMention.State.WAITING:
        return _store(mention, SentMention.State.FAILED)
    rules = http_client.public_web()
    try:
        endpoint = find_endpoint(http_client.fetch(mention.target, rules))
        if endpoint is None:
            return _store(mention, SentMention.State.NOT_WANTED)
        body = urlencode({"source": source[0], "target": mention.target}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status = http_client.send(endpoint, body, headers, rules).status
    except http_client.FetchError as error:
        return _note_failure(mention, str(error), is_final=error.reason not in http_client.FetchError.OURS)
    if 200 <= status < 300:
        return _store(mention, SentMention.State.SENT)
    return _note_failure(mention, str(status), is_final=status < 500)


def _note_failure(mention: SentMention, error: str, *, is_final: bool) -> str:
    if is_final or mention.tries >= len(PAUSES):
        return _store(mention, SentMention.State.FAILED, error)
    due_at = timezone.now() + PAUSES[mention.tries]
    SentMention.objects.filter(pk=mention.pk).update(
        tries=mention.tries + 1, due_at=due_at, error=error[:200]
    )
    return SentMention.State.WAITING


def _store(mention: SentMention, state: str, error: str = "") -> str:
    now = timezone.now()
    SentMention.objects.filter(pk=mention.pk).update(
        state=state,
        error=error[:200],
        tries=mention.tries + 1,
        sent_at=now if state == SentMention.State.SENT else None,
    )
    return state
