"""Languages: those with translations here, their names, and those that browsers ask for."""

from collections.abc import Sequence
from functools import cache

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_info
from django.utils.translation.trans_real import parse_accept_lang_header

# Django names Chinese only by its script.
NAMED_AS = {"zh": "zh-cn"}


def name_of(code: str) -> str:
    """The name of the language in the language itself."""
    try:
        return capfirst(get_language_info(NAMED_AS.get(code, code))["name_local"])
    except KeyError:
        return code


def name_of_interface(code: str) -> str:
    """The name of a language of the interface. "en" has its own, because its dates are not British."""
    return "American English" if code == "en" else name_of(code)


@cache
def translated_languages() -> tuple[str, ...]:
    """The codes of all languages with translations in LOCALE_PATHS, and English, which is in the code."""
    codes = {settings.LANGUAGE_CODE, "en-gb", "en"}
    for folder in settings.LOCALE_PATHS:
        codes |= {
            path.parents[1].name.replace("_", "-").lower() for path in folder.glob("*/LC_MESSAGES/django.mo")
        }
    return tuple(sorted(codes))


def asked_for(header: str, offered: Sequence[str]) -> str:
    """The first offered language of an Accept-Language header, in any variety; "" if there is none.

    RFC 4647, 3.4 (lookup), with one more step: for pt-PT, an offered pt-BR is used.
    """
    families = {code.partition("-")[0]: code for code in reversed(offered)}
    for tag, _weight in parse_accept_lang_header(header):
        if tag in offered:
            return tag
        if found := families.get(tag.partition("-")[0]):
            return found
    return ""


def foreign_language(code: str) -> str:
    """The code if it is not the language of the current page or email, in any variety; otherwise ""."""
    here = (get_language() or "").partition("-")[0]
    return "" if code.partition("-")[0] == here else code
