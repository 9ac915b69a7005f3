"""Akismet as an external spam check (https://akismet.com/developers/): off without AKISMET_API_KEY.

Three short requests; the standard library is enough for them.
"""

import http.client
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from django.conf import settings

from comments.models import Comment
from comments.models.submission import Submission
from core.utils.urls import absolute_url
from moderation.spamfilter.engine.rules import Signal

TIMEOUT_SECONDS = 5
# Less than what a comment without any other signal lacks to be held
# (moderation.spamfilter.engine.scorer.BASE).
WEIGHT = 2.2


class NotReached(Exception):
    """No response, or an invalid one."""


def question_about(comment: Comment, sent: Submission | None) -> dict[str, str]:
    """The data about a comment for Akismet, both for the check and for reporting the decision."""
    author = comment.author
    return {
        "blog": settings.SITE_URL,
        "user_ip": sent.address if sent else "",
        "user_agent": sent.agent if sent else "",
        "referrer": sent.referrer if sent else "",
        "permalink": absolute_url(comment.post.get_absolute_url()),
        "comment_type": "reply" if comment.parent_id else "comment",
        "comment_author": comment.author_name,
        "comment_author_email": author.email if author else comment.guest_email,
        "comment_author_url": comment.guest_url,
        "comment_content": comment.body,
        "comment_date_gmt": comment.created_at.isoformat(),
        "blog_charset": "UTF-8",
    }


def check(question: dict[str, str]) -> bool:
    """True if Akismet classifies it as spam. Raises NotReached."""
    answer = _post("comment-check", question)
    if answer not in {"true", "false"}:
        raise NotReached(f"comment-check said {answer[:100]!r}")
    return answer == "true"


def submit(question: dict[str, str], *, is_spam: bool) -> None:
    """Report the moderators' decision. Raises NotReached."""
    _post("submit-spam" if is_spam else "submit-ham", question)


def signal(is_spam: bool) -> Signal | None:
    """Akismet's verdict as a signal. "Not spam" is not a signal."""
    return Signal("akismet", WEIGHT) if is_spam else None


def _post(act: str, question: dict[str, Any]) -> str:
    data = urllib.parse.urlencode(
        {"api_key": settings.AKISMET_API_KEY, **question}, errors="replace"
    ).encode()
    request = urllib.request.Request(  # noqa: S310 - the URL is a setting
        urllib.parse.urljoin(settings.AKISMET_URL, act),
        data,
        headers={"User-Agent": "LongTable/0.1 | moderation/0.1"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return answer.read(1000).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException) as error:  # refused, timed out, interrupted, 4xx and 5xx
        raise NotReached(str(error)) from None
