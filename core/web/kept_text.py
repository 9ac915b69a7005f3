"""The text of a form that could not be processed: shown again, to be sent again or copied.

Works without database, session and user, because error pages use it.
"""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.middleware.csrf import get_token

SECRET = ("password", "code", "csrf", "credential")
LONG_CHARACTERS = 60
"""Longer values are shown, since the user may want to copy them. Shorter ones are only sent again."""
LONG_FIELDS = {"body", "bio", "note", "text", "words"}


class SubmittedText(NamedTuple):
    name: str
    value: str
    is_text: bool


def _typed(request: HttpRequest) -> list[SubmittedText]:
    try:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
    except Exception:  # noqa: BLE001 - too large, incomplete or not a form: nothing can be read from it
        return []
    return [
        SubmittedText(name, value, _is_text(name, value))
        for name, value in sent
        if not any(part in name.lower() for part in SECRET)
    ]


def _is_text(name: str, value: str) -> bool:
    """Whether to show the field. Others, such as "settings_version", are hidden and sent again."""
    if not value.strip() or name.endswith("_version"):
        return False
    return name.rpartition("-")[2] in LONG_FIELDS or "\n" in value or len(value) > LONG_CHARACTERS


def _is_from_here(request: HttpRequest) -> bool:
    """Whether the form is from a page of ours: another site must not put text into a member's form."""
    if getattr(request, "csrf_processing_done", False):  # checked by Django already
        return True
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}"
    return origin == own or origin.startswith(f"{own}/")


def kept_text(request: HttpRequest, *, may_send_again: bool = True) -> dict[str, Any]:
    """The context of core/_kept_text.html. Empty if nothing was typed."""
    if request.method != "POST":
        return {}
    typed = _typed(request)
    try:
        can_send_again = bool(typed) and may_send_again and _is_from_here(request)
        return {
            "typed": typed,
            "has_text": any(one.is_text and one.value.strip() for one in typed),
            "can_send_again": can_send_again,
            "lost_files": bool(getattr(request, "_files", None)),
            "send_to": request.get_full_path(),
            **({"csrf_token": get_token(request)} if can_send_again else {}),
        }
    except Exception:  # noqa: BLE001 - such as a host that is not allowed
        return {"typed": typed}
