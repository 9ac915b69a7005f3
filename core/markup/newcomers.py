"""Links of new members as plain text: readable for everyone, useless to advertisers (docs/decisions/0064)."""

import re
from html import unescape
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.html import escape, strip_tags

from core.markup.links import Link

# Sites that most readers know and on which not everyone can make a page. Links to them are always shown as
# links.
WELL_KNOWN_HOSTS = frozenset(
    [
        "wikipedia.org",
        "wikimedia.org",
        "wiktionary.org",
        "wikidata.org",
        "openstreetmap.org",
        "archive.org",
        "gutenberg.org",
        "youtube.com",
        "youtu.be",
        "vimeo.com",
        "nytimes.com",
        "theguardian.com",
        "bbc.co.uk",
        "bbc.com",
        "cnn.com",
        "washingtonpost.com",
        "ft.com",
        "economist.com",
        "reuters.com",
        "apnews.com",
        "npr.org",
        "theatlantic.com",
        "newyorker.com",
        "wired.com",
        "nature.com",
        "science.org",
        "lemonde.fr",
        "spiegel.de",
        "zeit.de",
        "faz.net",
        "sueddeutsche.de",
        "nzz.ch",
        "elpais.com",
        "corriere.it",
        "tagesschau.de",
        "harvard.edu",
        "mit.edu",
        "stanford.edu",
        "ox.ac.uk",
        "cam.ac.uk",
        "jstor.org",
        "arxiv.org",
        "doi.org",
        "nih.gov",
        "who.int",
        "un.org",
        "europa.eu",
        "imdb.com",
        "goodreads.com",
        "stackoverflow.com",
        "mozilla.org",
        "python.org",
        "docs.python.org",
        "djangoproject.com",
        "w3.org",
        "ietf.org",
        "rfc-editor.org",
        "unicode.org",
        "kernel.org",
        "postgresql.org",
        "sqlite.org",
        "gov.uk",
    ]
)
LINK = re.compile(r'<a\b([^>"]*(?:"[^"]*"[^>"]*)*)>(.*?)</a>', re.DOTALL)
HREF = re.compile(r'href="([^"]*)"')


def is_well_known(url: str) -> bool:
    """Whether a URL leads to this site, or to a host that most readers know."""
    if url.startswith(("/", "#")) and not url.startswith("//"):
        return True
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    if host == (urlsplit(settings.SITE_URL).hostname or "").lower():
        return True
    labels = host.split(".")
    return any(".".join(labels[start:]) in WELL_KNOWN_HOSTS for start in range(len(labels) - 1))


def has_strange_links(clean_html: str) -> bool:
    """Whether `unlinked` would change anything."""
    return any(not is_well_known(_address(match[1])) for match in LINK.finditer(clean_html))


def unlinked(clean_html: str) -> str:
    """Turn links to other sites into text, followed by their host if the text does not contain it."""
    return LINK.sub(_as_text, clean_html)


def _address(attributes: str) -> str:
    found = HREF.search(attributes)
    return found[1].replace("&amp;", "&") if found else ""


def _as_text(match: re.Match[str]) -> str:
    url, content = _address(match[1]), match[2]
    if is_well_known(url):
        return match[0]
    label = " ".join(unescape(strip_tags(content)).split())
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    is_card = "<span" in content
    shown = escape(label) if is_card else content
    return shown if Link(url, label).shows_target or host in label.casefold() else f"{shown} ({escape(host)})"
