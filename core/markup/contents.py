"""The table of contents of a long post, and the ids of its headings. Both are made when the page is made."""

import re
from typing import NamedTuple

from django.utils.text import slugify

from core.markup.plain import plain_text

# What clean_post_html leaves of a heading. Those of the fourth level are too many for a list.
HEADING = re.compile(r"<h([23])( dir=\"[a-z]+\")?>(.*?)</h\1>", re.DOTALL)
FEWEST = 3
LONGEST_ID = 60


class Heading(NamedTuple):
    """key: its id. below: the headings of the next level under it."""

    key: str
    text: str
    below: "list[Heading]"


def with_contents(clean_html: str) -> tuple[str, list[Heading]]:
    """The HTML of a post with an id at each heading, and its headings as a list of two levels; [] for fewer than FEWEST.

    An id is made of the words, so that a link to a part works while its heading is the same, wherever it moves. "h-" keeps it
    apart from the ids of the page. Of headings with the same words the later ones are numbered.
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
