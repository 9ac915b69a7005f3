"""Whether a Markdown file was public. Each generator and editor has its own way to say so.

What is not understood counts as private: an extra draft can be published with a click, but published text
cannot be unread.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from transfer.imports.values import is_false, is_true, mapping, moment, text

PUBLIC = {"", "public", "published", "publish", "everyone"}
PLANNED = {"scheduled", "future"}
# These are visibilities here too.
UNLISTED, MEMBERS = {"unlisted"}, {"members"}
DRAFTS = {"draft", "drafts", "unpublished"}


def is_draft(values: dict[str, Any]) -> bool:
    """Whether the front matter says that it is a draft."""
    return (
        not (values.get("draft") in (None, "") or is_false(values.get("draft")))
        or any(is_false(values.get(name)) for name in ("published", "publish"))
        or _word(values.get("status")) in DRAFTS
    )


def is_unlisted(values: dict[str, Any]) -> bool:
    lists = [_word(mapping(values.get(name)).get("list")) for name in ("build", "_build")]
    return (
        is_true(values.get("unlisted"))
        or is_true(values.get("hidden"))
        or any(one in {"never", "local", "false"} for one in lists)
        or _word(values.get("visibility")) in UNLISTED
    )


def visibility_of(values: dict[str, Any]) -> str:
    if _word(values.get("visibility")) in MEMBERS:
        return "members"
    return "unlisted" if is_unlisted(values) else "public"


def why_private(values: dict[str, Any], out_at: datetime | None, now: datetime) -> str:
    """Why it must not become public, as a sentence of the report; "" if it may."""
    if values.get("password") or any(is_true(values.get(name)) for name in ("private", "protected")):
        return _("a private or password-protected post becomes a draft")
    allowed = PUBLIC | PLANNED if out_at is not None and out_at > now else PUBLIC
    if (
        is_false(values.get("public"))
        or _word(values.get("status")) not in allowed
        or _word(values.get("visibility")) not in PUBLIC | UNLISTED | MEMBERS
        or _word(values.get("access")) not in PUBLIC
    ):
        return _("a post that was not public there becomes a draft")
    if values.get("publishdate") and moment(values["publishdate"]) is None:
        return _("a post without a readable date becomes a draft")
    if why_over := _why_over(values, now):
        return why_over
    renders = [_word(mapping(values.get(name)).get("render")) for name in ("build", "_build")]
    if (
        is_true(values.get("headless"))
        or is_false(values.get("render"))
        or is_false(values.get("permalink"))
        or any(one in {"never", "false"} for one in renders)
    ):
        return _("a post that had no page of its own there becomes a draft")
    return ""


def _why_over(values: dict[str, Any], now: datetime) -> str:
    for name in ("expirydate", "unpublishdate", "expires"):
        if _word(values.get(name)) in {"", "false", "never"}:
            continue
        end = moment(values[name], years=range(1, 10_000))
        if end is None:
            return _("a post with an expiry date that can’t be read becomes a draft")
        if end <= now and end.year > 1:  # Hugo writes the first day of the year 1 where there is no end
            return _("a post that had expired there becomes a draft")
    return ""


def _word(value: Any) -> str:
    """A value in lowercase; "" if it is missing, "?" if it is not a word."""
    if value is None or value is True or value == "":
        return ""
    return "false" if is_false(value) else text(value).strip().lower() or "?"
