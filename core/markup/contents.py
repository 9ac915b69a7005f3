"""The table of contents of a long post, and the ids of its headings, both made when a page is rendered."""

import re
from typing import NamedTuple

from django.utils.text import slugify

from core.markup.plain import plain_text

# Headings as written by clean_post_html. Those of the fourth level are too many for a list.
HEADING = re.compile(r"<h([23])( dir=\"[a-z]+\")?>(.*?)</h\1>", re.DOTALL)
FEWEST = 3
LONGEST_ID = 60


class Heading(NamedTuple):
    """key: its id. below: the headings of the next level under it."""

    key: str
    text: str
    below: "list[Heading]"


def with_contents(clean_html: str) -> tuple[str, list[Heading]]:
    """The HTML of a post with an id at each heading, and its headings in two levels (none if few).

    An id is made from the text, so that a link works as long as its heading stays the same, wherever it
    moves. "h-" separates it from other ids of the page. Repeated headings are numbered.
    """
    found: list[Heading] = []
    used: set[str] = set()

    def mark(heading: re.Match[str]) -> str:
        text = " ".join(plain_text(heading[3]).split())
        if not text:
            return heading[0]
        key = free_key(text, used)
        used.add(key)
        is_below = heading[1] == "3" and bool(found)
        (found[-1].below if is_below else found).append(Heading(key, text, []))
        return f'<h{heading[1]} id="{key}"{heading[2] or ""}>{heading[3]}</h{heading[1]}>'

    marked = HEADING.sub(mark, clean_html)
    return marked, found if len(used) >= FEWEST else []


def free_key(text: str, used: set[str]) -> str:
    key = f"h-{slugify(text, allow_unicode=True)[:LONGEST_ID].strip('-_') or 'part'}"
    number, free = 1, key
    while free in used:
        number += 1
        free = f"{key}-{number}"
    return free
