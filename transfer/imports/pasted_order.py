"""Reorders pages that name the author or date below a comment instead of above."""

import re

from transfer.imports.pasted_words import who_said

# Movable Type and TypePad: "Posted by: Per | April 25, 2012 at 06:25 PM" below the comment.
BELOW = re.compile(
    r"^(?:Posted by|Kommentiert von|Verfasst von|Geschrieben von|Rédigé par|Écrit par|Publicado por|Scritto da|Postato da|Geplaatst door|Inlagt av)"
    r" ?:? (?P<name>[^|]{1,60}?) ?\| ?(?:(?:am|le|el|il|op|on) )?(?P<when>.{6,60})$"
)
# Blogger: "Per said..." above the comment, and a line with only the date below it.
SAID = re.compile(r"^(?P<said>.{1,80}?) ?(?:\.\.\.|…)$")


def heads_first(lines: list[str], date: re.Pattern[str], count: re.Pattern[str]) -> list[str]:
    """Move the lines with name and date above each comment.

    date: matches one in a line. count: matches the line where comments start.
    """
    begin = next((number + 1 for number, line in enumerate(lines) if count.match(line.strip())), 0)
    below = [number for number in range(begin, len(lines)) if _is_below(lines[number], date)]
    if begin and below:
        return lines[:begin] + _turned(lines, begin, below)
    return _with_dates_above(lines, date) if any(_who_said(line) for line in lines) else lines


def _is_below(line: str, date: re.Pattern[str]) -> bool:
    found = BELOW.match(line.strip())
    return bool(found and date.match(found["when"]))


def _who_said(line: str) -> str:
    found = SAID.match(line.strip())
    return who_said(f"{found['said']} ") if found else ""


def _turned(lines: list[str], begin: int, below: list[int]) -> list[str]:
    out: list[str] = []
    for number in below:
        found = BELOW.match(lines[number].strip())
        out += [f"{found['name']}, {found['when']}" if found else "", *lines[begin:number], ""]
        begin = number + 1
    return out + lines[begin:]


def _with_dates_above(lines: list[str], date: re.Pattern[str]) -> list[str]:
    out: list[str] = []
    above, name = -1, ""
    for line in lines:
        bare = line.strip()
        if author := _who_said(line):
            above, name = len(out), author
            out.append(line)
        elif above >= 0 and (found := date.search(bare)) and found[0] == bare:
            out[above] = f"{name}, {bare}"
            above = -1
        else:
            out.append(line)
    return out
