"""Text that must survive a sign-in: stored in the session, by the path it was sent to.

Unsent text is kept on the device by static/js/drafts.js (docs/decisions/0011). The script names each draft
in the form, and `acknowledge` tells it which one has arrived.
"""

import re
from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from comments.models.submission import Submission
from core.utils.cookies import cookie_name
from core.utils.ratelimit import check_hits, sender_key

SESSION_KEY = "kept_words"
MAX_KEPT = 3
ARRIVED_COOKIE = cookie_name("draft_arrived")
ARRIVED_SECONDS = 3600
JUST_WROTE_COOKIE = cookie_name("just_wrote")
# How many characters of each field are stored.
KEPT_FIELDS = {"body": settings.COMMENT_MAX_CHARACTERS * 2, "parent": 20, "also": 1000, "seen": 64}


def keep_text(request: HttpRequest, path: str) -> None:
    """Store the text fields of this POST for `path`.

    Only the last few are stored, with no more text than a comment may have. Raises TooFast, by the limits for
    codes to visitors (EMAIL_CODE_RATES). Otherwise new sessions could be used to store data without limit.
    """
    check_hits("kept-words", sender_key(Submission.of(request).address), settings.EMAIL_CODE_RATES["sender"])
    drafts = request.session.get(SESSION_KEY, {})
    drafts.pop(path, None)
    drafts[path] = {name: ",".join(request.POST.getlist(name))[:most] for name, most in KEPT_FIELDS.items()}
    request.session[SESSION_KEY] = dict(list(drafts.items())[-MAX_KEPT:])


def keeps_text(request: HttpRequest) -> bool:
    """Whether there is stored text for any path."""
    return bool(request.session.session_key and request.session.get(SESSION_KEY))


def kept_text(request: HttpRequest, path: str) -> dict[str, str]:
    """The stored text for `path`; empty if there is none. It stays until it has been posted."""
    if not keeps_text(request):
        return {}
    return request.session.get(SESSION_KEY, {}).get(path, {})


def acknowledge(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Forget the text of this POST, in the session and on the device: it was stored or discarded.

    Other text for the same path, with another parent, is kept.
    """
    drafts = request.session.get(SESSION_KEY, {})
    waiting = drafts.get(request.path)
    if waiting and (
        waiting["parent"] == request.POST.get("parent", "")
        or waiting["body"].split() == request.POST.get("body", "").split()
    ):
        del drafts[request.path]
        request.session[SESSION_KEY] = drafts
    return mark_draft_arrived(response, draft_of(request.POST))


def draft_of(data: Mapping[str, str]) -> str:
    """The name of the form's draft on the device; "" without JavaScript."""
    draft = data.get("draft", "")
    return draft if re.fullmatch(r"[a-z0-9]{1,32}", draft) else ""


def mark_draft_arrived(response: HttpResponse, draft: str) -> HttpResponse:
    """Tell the browser by a cookie that a draft was sent, so that it deletes its copy."""
    if draft:
        response.set_cookie(
            ARRIVED_COOKIE,
            draft,
            max_age=ARRIVED_SECONDS,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=False,
        )
    return response


def may_have_just_written(request: HttpRequest) -> bool:
    """Whether this reader has posted recently, so that a query is worthwhile."""
    return JUST_WROTE_COOKIE in request.COOKIES


def mark_just_posted(response: HttpResponse) -> HttpResponse:
    """Mark the reader, for their next pages, as someone who has just posted."""
    seconds = settings.COMMENT_ADD_MINUTES * 60
    response.set_cookie(
        JUST_WROTE_COOKIE,
        "1",
        max_age=seconds,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return response
