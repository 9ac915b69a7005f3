"""Languages: those that this installation has texts in, their names, and which of them a browser asks for."""

from collections.abc import Sequence
from functools import cache

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_info
from django.utils.translation.trans_real import parse_accept_lang_header

# Django names Chinese by its writing alone.
NAMED_AS = {"zh": "zh-cn"}


def name_of(code: str) -> str:
    """As its own readers call it."""
    try:
        return capfirst(get_language_info(NAMED_AS.get(code, code))["name_local"])
    except KeyError:
        return code


@cache
def languages_here() -> tuple[str, ...]:
    """The codes of all that have texts, as folders of LOCALE_PATHS; English is in the code."""
    codes = {settings.LANGUAGE_CODE, "en-gb", "en"}
    for folder in settings.LOCALE_PATHS:
        codes |= {
            path.parents[1].name.replace("_", "-").lower() for path in folder.glob("*/LC_MESSAGES/django.mo")
        }
    return tuple(sorted(codes))


def asked_for(header: str, offered: Sequence[str]) -> str:
    """The first of the languages in an Accept-Language header that is offered, in whatever variety; "" for none of them.

    RFC 4647, 3.4 (lookup), with one more step: who reads pt-PT and is offered pt-BR alone gets that.
    """
    families = {code.partition("-")[0]: code for code in reversed(offered)}
    for tag, _weight in parse_accept_lang_header(header):
        if tag in offered:
            return tag
        if found := families.get(tag.partition("-")[0]):
            return found
    return ""


def foreign_language(code: str) -> str:
    """The code, if it is another language than that of the page or email that is being made, in whatever variety; else ""."""
    here = (get_language() or "").partition("-")[0]
    return "" if code.partition("-")[0] == here else code
