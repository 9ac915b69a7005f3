"""Picture captions in WordPress shortcodes."""

import re
from collections.abc import Callable

CAPTION = re.compile(
    r"(?<!\[)\[(?P<name>wp_caption|caption)(?P<attributes>(?:\s(?:[^\[\]\"'“”″]|\"[^\"]{0,4000}+\"|'[^']{0,4000}+'|[“”″][^“”″]{0,4000}+[“”″]){0,1000}+)?)\]"
    r"(?P<inside>(?:(?!\[(?:wp_)?caption\b)[^\0]){0,20000}?)\[/(?P=name)\]",
    re.IGNORECASE,
)
CAPTION_WORDS = re.compile(
    r"\scaption\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|[“”″]([^“”″]*)[“”″]|([^\s\"'“”″]+))", re.IGNORECASE
)
PICTURE_AND_WORDS = re.compile(
    r"\s*((?:<a\s[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.*)", re.IGNORECASE | re.DOTALL
)
CODE_TAG = re.compile(r"<(/?)(pre|code)\b", re.IGNORECASE)


def with_captions(source: str) -> str:
    """Convert caption shortcodes to HTML, except in code. In the old form, the text is an attribute."""
    return (
        outside_code(source, lambda part: CAPTION.sub(_figure, part))
        if "caption" in source.lower()
        else source
    )


def outside_code(source: str, change: Callable[[str], str]) -> str:
    """Apply a change to the text outside <pre> and <code>."""
    out, done, depth = list[str](), 0, 0
    for tag in CODE_TAG.finditer(source):
        if not tag[1]:
            if not depth:
                out.append(change(source[done : tag.start()]))
                done = tag.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                out.append(source[done : tag.end()])
                done = tag.end()
    out.append(source[done:] if depth else change(source[done:]))
    return "".join(out)


def _figure(match: re.Match[str]) -> str:
    inside, words = match["inside"], CAPTION_WORDS.search(match["attributes"])
    if words:
        text = next(filter(None, words.groups()), "")
    elif picture := PICTURE_AND_WORDS.fullmatch(inside):
        inside, text = picture[1], picture[2]
    else:
        text = ""
    caption = f"<figcaption>{text.strip()}</figcaption>" if text.strip() else ""
    return f"\n\n<figure>{inside.strip()}{caption}</figure>\n\n"
