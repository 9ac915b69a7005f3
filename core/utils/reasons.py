"""Reasons of automatic decisions: stored as codes and values, and worded in the language of their reader.

Each app registers the sentences of its codes when it starts (`register_reasons`).
"""

from collections.abc import Iterable, Mapping
from typing import NotRequired, TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.utils.punctuation import with_commas

MARKS_SHOWN = 3
MARK_CHARACTERS = 40

Sentences = Mapping[str, str | Promise]

_sentences: dict[str, str | Promise] = {}


class Reason(TypedDict):
    """A reason, as stored in JSON."""

    code: str
    # Which sentence to use, for codes with several.
    variant: NotRequired[str]
    # The words and URLs it is about.
    marks: NotRequired[list[str]]
    # Values of the sentence's placeholders. `text`: the sentence itself, for codes that are not registered.
    values: NotRequired[dict[str, str]]
    # The decision about another comment that put this one on hold; only used when that is undone.
    decision: NotRequired[int]


def register_reasons(sentences: Sentences) -> None:
    """Register codes ("code" or "code.variant"), each with a translated sentence.

    The sentence may have %(name)s placeholders.
    """
    _sentences.update(sentences)


def reason_sentence(reason: Reason) -> str:
    """The reason as a sentence, without what it is about."""
    values = reason.get("values", {})
    if "text" in values:
        return values["text"]
    code, variant = reason["code"], reason.get("variant", "")
    sentence = _sentences.get(f"{code}.{variant}") or _sentences.get(code)
    if sentence is None:
        return _("Something else (%(code)s).") % {"code": code}
    return str(sentence) % values if values else str(sentence)


def reason_text(reason: Reason) -> str:
    """The reason as a sentence, followed by the words and URLs that it is about."""
    marks = [_shorten(mark) for mark in reason.get("marks", [])[:MARKS_SHOWN]]
    if not marks:
        return reason_sentence(reason)
    found = with_commas(_("“%(mark)s”") % {"mark": mark} for mark in marks)
    return _("%(sentence)s Found: %(found)s.") % {"sentence": reason_sentence(reason), "found": found}


def reason_texts(reasons: Iterable[Reason]) -> list[str]:
    return [reason_text(reason) for reason in reasons]


def _shorten(mark: str) -> str:
    return mark if len(mark) <= MARK_CHARACTERS else f"{mark[: MARK_CHARACTERS - 1]}…"
