"""Words that must survive a sign-in: kept in the session, under the address they were sent to."""

from django.conf import settings
from django.http import HttpRequest

SESSION_KEY = "kept_words"
MOST_KEPT = 3


def keep_words(request: HttpRequest, path: str) -> None:
    """Remember the text fields of this POST for `path`. Only the last few, and no more of them than would be taken."""
    kept = request.session.get(SESSION_KEY, {})
    kept.pop(path, None)
    kept[path] = {name: request.POST.get(name, "")[: settings.COMMENT_MAX_CHARACTERS * 2] for name in ("body", "parent")}
    request.session[SESSION_KEY] = dict(list(kept.items())[-MOST_KEPT:])


def kept_words(request: HttpRequest, path: str) -> dict[str, str]:
    """What was kept for `path`; empty when nothing was. It stays until forget_words."""
    if not request.session.session_key:
        return {}
    return request.session.get(SESSION_KEY, {}).get(path, {})


def forget_words(request: HttpRequest, path: str) -> None:
    kept = request.session.get(SESSION_KEY, {})
    if kept.pop(path, None) is not None:
        request.session[SESSION_KEY] = kept
