"""Why something was decided by a program: kept as codes and values, worded when somebody reads it, in their language.

Each app adds the sentences of its own codes when it starts (`register_reasons`).
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
    """One reason, as it is kept in JSON."""

    code: str
    # Which sentence of the code it is, for codes with several.
    variant: NotRequired[str]
    # The words and addresses it is about.
    marks: NotRequired[list[str]]
    # What the sentence has placeholders for. `text`: a sentence of its own, for codes that nobody registered.
    values: NotRequired[dict[str, str]]
    # The decision about another comment that made this one wait; only its undoing looks at it.
    decision: NotRequired[int]


def register_reasons(sentences: Sentences) -> None:
    """Add what codes mean: "code", or "code.variant", with a translated sentence that may have %(name)s placeholders."""
    _sentences.update(sentences)


def reason_sentence(reason: Reason) -> str:
    """The reason in one sentence, without what it is about."""
    values = reason.get("values", {})
    if "text" in values:
        return values["text"]
    code, variant = reason["code"], reason.get("variant", "")
    sentence = _sentences.get(f"{code}.{variant}") or _sentences.get(code)
    if sentence is None:
        return _("Something else (%(code)s).") % {"code": code}
    return str(sentence) % values if values else str(sentence)


def reason_text(reason: Reason) -> str:
    """The reason in one sentence, followed by the words and addresses that it is about."""
    marks = [_shorten(mark) for mark in reason.get("marks", [])[:MARKS_SHOWN]]
    if not marks:
        return reason_sentence(reason)
    found = with_commas(_("“%(mark)s”") % {"mark": mark} for mark in marks)
    return _("%(sentence)s Found: %(found)s.") % {"sentence": reason_sentence(reason), "found": found}


def reason_texts(reasons: Iterable[Reason]) -> list[str]:
    return [reason_text(reason) for reason in reasons]


def _shorten(mark: str) -> str:
    return mark if len(mark) <= MARK_CHARACTERS else f"{mark[: MARK_CHARACTERS - 1]}…"
