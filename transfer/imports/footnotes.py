"""Footnotes in the HTML of markdown-it (Ghost), kramdown (Jekyll), Goldmark (Hugo), PHP Markdown Extra."""

import re

ID = r"fn[:-]?[\w.-]{1,60}"
# "1", "[1:1]", "*", "a". A link with words in it belongs to the sentence and stays a link.
SIGN = r"(?:(?:[0-9]|[^\w<]){0,40}|[^\w<]{0,3}\w{1,3}[^\w<]{0,3})"
# The list of footnotes at the end. A rule above it may be inside or outside.
LIST = re.compile(
    r'(?:<hr\b[^<>]{0,1000}\bfootnotes-sep\b[^<>]{0,1000}>\s*)?<(section|div)\b[^<>]{0,1000}\bclass="footnotes[^"<>]{0,1000}"[^<>]{0,1000}>(?:\s*<hr\b[^<>]{0,1000}>)?'
    r"\s*<ol\b[^<>]{0,1000}>(?P<notes>(?:(?!<(?:section|div)\b).){0,200000}?)</ol>\s*</\1>",
    re.DOTALL | re.IGNORECASE,
)
NOTE = re.compile(rf'<li\b[^<>]{{0,1000}}\bid="(?P<id>{ID})"[^<>]{{0,1000}}>')
MARK = re.compile(
    r"(?:<sup\b[^<>]{0,1000}>\s*)?"
    rf'<a\b[^<>]{{0,1000}}\bhref="#(?P<id>{ID})"[^<>]{{0,1000}}>{SIGN}</a>(?:\s*</sup>)?'
)
BACK = re.compile(
    r'(?:&#160;|&nbsp;|\s){0,5}<a\b[^<>]{0,1000}\bhref="#fnref[\w:.-]{0,60}"[^<>]{0,1000}>[^<]{0,40}</a>',
    re.ASCII,
)


def with_notes(source: str) -> str:
    """Convert footnotes to our form. A text with none, or with ours, does not change."""
    found = None if 'class="fnref"' in source else LIST.search(source)
    notes = list(NOTE.finditer(found["notes"])) if found else []
    if found is None or not notes or found["notes"][: notes[0].start()].strip():
        return source  # content before the first note would be lost
    numbers = {note["id"]: place for place, note in enumerate(notes, 1)}
    referred: set[int] = set()

    def refer(mark: re.Match[str]) -> str:
        number = numbers.get(mark["id"])
        if number is None:
            return mark[0]
        name = "" if number in referred else f' id="fnref-{number}"'
        referred.add(number)
        return f'<sup class="fnref"{name}><a href="#fn-{number}">{number}</a></sup>'

    before, after = (MARK.sub(refer, part) for part in (source[: found.start()], source[found.end() :]))
    ends = [*(note.start() for note in notes[1:]), len(found["notes"])]
    items = "".join(
        _item(numbers[note["id"]], found["notes"][note.end() : end])
        for note, end in zip(notes, ends, strict=True)
    )
    return f'{before}<section class="footnotes"><ol>{items}</ol></section>{after}'


def _item(number: int, content: str) -> str:
    """A note with one link back at its end."""
    content = BACK.sub("", content).rstrip().removesuffix("</li>").rstrip()
    end = "</p>" if content.endswith("</p>") else ""
    return f'<li id="fn-{number}">{content.removesuffix("</p>").rstrip()} <a href="#fnref-{number}">↩</a>{end}</li>'
