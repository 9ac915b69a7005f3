"""Fetches the pages of link cards in comments, at long intervals: their titles, and whether they still exist.

A title is stored the first time and kept, since the owner of the page may change it later. A page counts as
gone only if it was missing for several days in a row. If it refuses, is slow or forbids robots, nothing
changes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from html import unescape
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.dateparse import parse_date

from comments.models import Comment, LinkedPage, LinkedPageUse
from comments.models.linked_page import LONGEST_ADDRESS
from comments.services.rerender import render_comments
from core.utils import http_client
from core.utils.http_client import FetchError, Rules
from core.utils.page_head import page_metadata
from core.utils.text import one_header

MAX_CARDS = 10
# On how many days in a row a page must be missing before it counts as gone.
FAILED_DAYS = 4
LONGEST_PAUSE_WEEKS = 8
HEAD_BYTES, MAX_SECONDS, MAX_REDIRECTS = 300_000, 10.0, 4
ROBOTS_BYTES, ROBOTS_KEPT = 100_000, 24 * 3600
ROBOT = "LongTable"
# To find pages of different sites, this many times the number wanted are read.
LOOKED_THROUGH = 100
# At most how many comments with one card are rendered again.
MAX_COMMENTS, BATCH = 500, 200
CARD_BEGINS = '<a class="linkcard" href="'
CARD = re.compile(CARD_BEGINS + r'([^"]+)"')
DATES = (
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dcterms.date",
    "og:article:published_time",
)
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


@dataclass(frozen=True)
class Answer:
    """The result of a fetch. is_there: None if unknown."""

    is_there: bool | None
    title: str = ""
    dated: date | None = None


def cards_in(html: str) -> list[str]:
    """The URLs of the cards in a rendered comment."""
    found = dict.fromkeys(unescape(address) for address in CARD.findall(html))
    return [url for url in found if len(url) <= LONGEST_ADDRESS][:MAX_CARDS]


def note_cards(comment: Comment) -> None:
    """Store the pages of the cards in a new or edited public comment. No query if it has none."""
    urls = cards_in(comment.html) if settings.LINKED_PAGES else []
    if not urls:
        return
    day = timezone.localtime(comment.created_at).date()
    LinkedPage.objects.bulk_create(
        [LinkedPage(url=url, linked_on=day) for url in urls], ignore_conflicts=True
    )
    pages = LinkedPage.objects.filter(url__in=urls).order_by("pk")
    LinkedPageUse.objects.bulk_create(
        [LinkedPageUse(page=page, comment=comment) for page in pages], ignore_conflicts=True
    )


def note_all_cards() -> int:
    """Store the pages of all existing comments, e.g. after an import. Returns how many comments have cards.

    Reads by key, so memory use is constant.
    """
    rows = Comment.objects.public().filter(link_count__gt=0, html__contains=CARD_BEGINS).order_by("pk")
    count, last = 0, 0
    while some := list(rows.filter(pk__gt=last)[:BATCH]):
        for comment in some:
            with transaction.atomic():
                note_cards(comment)
        count, last = count + len(some), some[-1].pk
    return count


def fetch_linked_page(pk: int, rules: Rules | None = None) -> None:
    """Fetch one page, and render the comments with its card again if anything changed."""
    page = LinkedPage.objects.filter(pk=pk).first()
    if page is None or not settings.LINKED_PAGES:
        return
    comments = _comments_with(page)
    if not comments:
        LinkedPage.objects.filter(pk=pk).delete()
        return
    if not any(_may_be_asked_for(comment) for comment in comments):
        LinkedPage.objects.filter(pk=pk).update(next_check_at=timezone.now() + timedelta(weeks=1))
        return
    before = page.facts
    _note(page, ask(page.url, rules or http_client.public_web()), timezone.now())
    page.save()
    if page.facts != before:
        render_comments(comments)


def _comments_with(page: LinkedPage) -> list[Comment]:
    """The public comments that still have its card. Forgets the others."""
    comments = Comment.objects.filter(linked_pages__page=page).select_related("author").order_by("-pk")
    found = list(comments[:MAX_COMMENTS])
    shown = [comment for comment in found if comment.is_public and page.url in cards_in(comment.html)]
    gone = {comment.pk for comment in found} - {comment.pk for comment in shown}
    LinkedPageUse.objects.filter(page=page, comment__in=gone).delete()
    return shown


def _may_be_asked_for(comment: Comment) -> bool:
    """Links of new members are text for others, and are not followed."""
    return comment.author is None or comment.author.is_known


def _note(page: LinkedPage, answer: Answer, now: datetime) -> None:
    today = timezone.localdate()
    last = page.checked_at and timezone.localtime(page.checked_at).date()
    page.checked_at = now
    if answer.is_there:
        if page.found_at is None:
            page.title, page.dated = answer.title, answer.dated
        page.weeks = page.weeks if page.gone_since is None else 1
        page.found_at, page.failing_since, page.failed_days, page.gone_since = now, None, 0, None
    elif answer.is_there is False and page.gone_since is None:
        page.failed_days += last != today or not page.failed_days
        page.failing_since = page.failing_since or today
        if page.failed_days >= FAILED_DAYS:
            page.gone_since, page.weeks = page.failing_since, 1
    if page.failed_days and page.gone_since is None:  # check sooner, to be certain
        page.next_check_at = now + timedelta(days=1)
    else:
        page.next_check_at = now + timedelta(weeks=page.weeks)
        page.weeks = min(2 * page.weeks, LONGEST_PAUSE_WEEKS)


def ask(url: str, rules: Rules) -> Answer:
    """Fetch the page's title and whether it exists.

    Always by HTTPS. If the link is http, only a response counts, since the server may have no HTTPS at all.
    """
    is_plain = urlsplit(url).scheme == "http"
    secure = f"https{url[4:]}" if is_plain else url
    rules = replace(rules, max_bytes=HEAD_BYTES, max_seconds=MAX_SECONDS, max_redirects=MAX_REDIRECTS)
    try:
        if not _allows(secure, rules):
            return Answer(None)
        page = http_client.fetch(secure, rules)
    except FetchError as error:
        is_gone = error.reason == FetchError.NO_HOST or (
            error.reason == FetchError.NO_ANSWER and not is_plain
        )
        return Answer(False if is_gone else None)
    if page.status in GONE:
        return Answer(False)
    if page.status != HTTPStatus.OK:
        return Answer(None)
    if page.headers.get_content_type() not in {"text/html", "application/xhtml+xml"}:
        return Answer(True)
    metadata = page_metadata(page)
    title = metadata.get("og:title") or metadata.get("title") or ""
    # Bidirectional control characters would also affect the host beside the title.
    return Answer(True, one_header(title)[:200], _first_day(metadata.get(name, "") for name in DATES))


def _first_day(values: Iterable[str]) -> date | None:
    """The first value that begins with a date not in the future, such as "2012-04-25T10:00:00Z"."""
    for value in values:
        try:
            day = parse_date(value.strip()[:10])
        except ValueError:
            continue
        if day and date(1990, 1, 1) <= day <= timezone.localdate():
            return day
    return None


def _allows(url: str, rules: Rules) -> bool:
    """Whether the site's robots.txt allows it (RFC 9309).

    Yes if there is none, no if it cannot be read now.
    """
    parts = urlsplit(url)
    key = f"robots:{parts.netloc}"[:200]
    text = cache.get(key)
    if text is None:
        text_rules = replace(rules, max_bytes=ROBOTS_BYTES, accept="text/plain")
        page = http_client.fetch(f"https://{parts.netloc}/robots.txt", text_rules)
        if page.status >= 500:
            return False
        text = page.text if page.status == HTTPStatus.OK else ""
        cache.set(key, text, ROBOTS_KEPT)
    robots = RobotFileParser()
    try:
        robots.parse(text.splitlines())
    except ValueError:  # "Disallow: //[x", "Crawl-delay: ²"
        return False
    return robots.can_fetch(ROBOT, url)


def forget_pages() -> int:
    """Delete pages without a remaining comment. Returns how many."""
    used = LinkedPageUse.objects.filter(page=OuterRef("pk"), comment__status__in=["public", "held"])
    deleted, _by_model = LinkedPage.objects.filter(~Exists(used)).delete()
    return deleted


def due_pages(most: int) -> list[LinkedPage]:
    """Up to `most` pages that are due, one per site so that no site gets several requests at once.

    They are marked as taken, so other workers find others.
    """
    taken, sites, now = list[LinkedPage](), set[str](), timezone.now()
    if not settings.LINKED_PAGES:
        return taken
    with transaction.atomic():
        due = LinkedPage.objects.filter(next_check_at__lte=now).order_by("next_check_at")
        # Read beyond the first few: hundreds may be of one site, and the others would wait for days.
        for page in due.only("url", "next_check_at")[: LOOKED_THROUGH * most]:
            site = urlsplit(page.url).hostname or ""
            if site in sites or len(taken) == most:
                continue
            # If the task is lost, the page is due again tomorrow.
            if LinkedPage.objects.filter(pk=page.pk, next_check_at=page.next_check_at).update(
                next_check_at=now + timedelta(days=1)
            ):
                sites.add(site)
                taken.append(page)
    return taken
