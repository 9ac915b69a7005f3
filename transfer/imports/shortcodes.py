"""Shortcodes (Hugo), Liquid tags (Jekyll) and components (Astro): converts known ones, removes others."""

import re
from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from core.markup.plain import plain_text

MAX_INSIDE = 20_000
# The URL here of a post given by its file; "" if there is none.
FindPage = Callable[[str], str]
# Up to the next opening tag, so that an unclosed tag does not start a search from each.
HIGHLIGHT = re.compile(
    r"(?:\{%-?\s*highlight\s+([\w+#-]*)[^%]{0,200}%\}|\{\{[<%]\s*highlight\s+\"?([\w+#-]*)[^>%}]{0,200}[>%]\}\})"
    r"\n?((?:(?!\{%-?\s*highlight\b|\{\{[<%]\s*highlight\b).){0,20000}?)\n?(?:\{%-?\s*endhighlight\s*-?%\}|\{\{[<%]\s*/\s*highlight\s*[>%]\}\})",
    re.DOTALL,
)
SHORTCODE = re.compile(
    r"\{\{([<%])\s*(/?)\s*([\w./-]{1,60})((?:[^\"{}>]|\"(?:[^\"\\{]|\\.|\{(?!\{)){0,2000}\"){0,400}?)\s*/?\s*[>%]\}\}"
)
LIQUID_TAG = re.compile(r"\{%-?\s*(\w{1,40})([^%]{0,1000})-?%\}")
LIQUID_VALUE = re.compile(r"\{\{-?\s*([^{}]{1,500}?)\s*-?\}\}")
ARGUMENT = re.compile(r"(?:([\w-]{1,40})\s*=\s*)?(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^\s\"'=]+))")
LISTED = re.compile(r"^\{:[^}\n]{0,200}\}[ \t]*$|(?<=\))\{:[^}\n]{0,200}\}", re.MULTILINE)
# Code keeps its contents, even a shortcode; and so does Liquid's raw block.
CODE = re.compile(
    r"^(`{3,20}|~{3,20})[^\n]*\n.*?^\1[ \t]*$|`[^`\n]{1,500}`|\{%-?\s*raw\s*-?%\}(?P<raw>(?:(?!\{%-?\s*raw\b).){0,20000}?)\{%-?\s*endraw\s*-?%\}",
    re.DOTALL | re.MULTILINE,
)
# Comments outside code, which were never on a page.
HIDDEN = re.compile(
    rf"(?:{CODE.pattern})|\{{%-?\s*comment\s*-?%\}}(?:(?!\{{%-?\s*comment\b).){{0,20000}}?\{{%-?\s*endcomment\s*-?%\}}"
    r"|\{\{[<%]\s*comment\s*[>%]\}\}(?:(?!\{\{[<%]\s*comment\b).){0,20000}?\{\{[<%]\s*/\s*comment\s*[>%]\}\}",
    re.DOTALL | re.MULTILINE,
)
COMMENT = re.compile(r"\{(?:%-?|\{[<%])\s*comment\b")
PICTURE_FILE = re.compile(r"(?:figure|image|img|picture|caption)[\w-]*\.html$")
RAW_TAG = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}\n?")
# "## Part {#part}", "> [!NOTE]", "- [x] done"
HEADING_NAME = re.compile(r"(?<=\S)[ \t]+\{[#.][^{}\n]{1,200}\}[ \t]*$", re.MULTILINE)
ALERT = re.compile(r"^(>[ \t]?)\[!([A-Za-z]{2,20})\][+-]?[ \t]*$", re.MULTILINE)
TASK = re.compile(r"^([ \t]*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)\[([ xX])\][ \t]+", re.MULTILINE)
FIGURES = {"figure", "img", "image", "imgfig", "picture"}
VIDEOS = {
    "youtube": "https://www.youtube.com/watch?v=%s",
    "vimeo": "https://vimeo.com/%s",
}
POSTS = {
    "tweet": "https://twitter.com/%s/status/%s",
    "x": "https://x.com/%s/status/%s",
    "gist": "https://gist.github.com/%s/%s",
    "instagram": "https://www.instagram.com/p/%s/",
}
# Hugo's syntax for a shortcode that is shown as text.
SHOWN = re.compile(r"\{\{([<%])/\*(.{0,2000}?)\*/([>%])\}\}")
SILENT = {"raw", "endraw", "comment", "endcomment", "assign", "toc"}


# Code indented by four spaces. Only the blocks are searched.
INDENTED = re.compile(r"^(?: {4}| {0,3}\t)", re.MULTILINE)
LINE_END = re.compile("\n")
_blocks = MarkdownIt("commonmark").disable(["inline"])
# A footnote of several lines, with the continuation indented.
NOTE = re.compile(
    r"^\[\^[\w-]{1,30}\]:[^\n]{0,2000}+\n(?:(?:[ \t]*\n)*+(?: {4}|\t)[^\n]{0,2000}+(?:\n|\Z))++", re.MULTILINE
)
MORE_THAN_WORDS = re.compile(r"^[ \t]*(?:`{3}|~{3}|[-*+] |\d{1,9}[.)] |>|#)", re.MULTILINE)
CODE_OR_NOTE = re.compile(rf"(?:{CODE.pattern})|(?P<note>{NOTE.pattern})", re.DOTALL | re.MULTILINE)
# A definition list, with ": Flour and water." below the term; and marked text between "==".
DEFINED = re.compile(
    r"^(?![ \t>#*+:|=-])([^\n]{1,200}+)\n\n?"
    r"((?::[ \t]++[^\n]{1,4000}+(?:\n|\Z)(?:[ \t]{2,}+[^\n]{1,4000}+(?:\n|\Z))*+\n?)+)",
    re.MULTILINE,
)
MEANING = re.compile(r"^:[ \t]+", re.MULTILINE)
MARKED = re.compile(r"(?<![=\w])==(?=[^\s=])([^=\n]{1,300})(?<=[^\s=])==(?![=\w])")


def without_shortcodes(source: str, find_page: FindPage) -> tuple[str, list[str]]:
    """The Markdown, and the losses. Text between two shortcodes stays."""
    if "{{" not in source and "{%" not in source and "{:" not in source:
        return source, []
    losses: list[str] = []
    source = HIDDEN.sub(lambda found: "" if COMMENT.match(found[0]) else found[0], source)
    source = HIGHLIGHT.sub(lambda found: f"\n```{found[1] or found[2] or ''}\n{found[3]}\n```\n", source)
    out, done = [], 0
    for code in CODE.finditer(source):
        content = code["raw"] if code["raw"] is not None else RAW_TAG.sub("", code[0])
        content = SHOWN.sub(r"{{\1\2\3}}", content)
        out += [_replaced(source[done : code.start()], find_page, losses), content]
        done = code.end()
    out.append(_replaced(source[done:], find_page, losses))
    return "".join(out), list(dict.fromkeys(losses))


def _replaced(source: str, find_page: FindPage, losses: list[str]) -> str:
    source = SHORTCODE.sub(lambda found: _shortcode(found, find_page, losses), source)
    source = LIQUID_TAG.sub(lambda found: _liquid(found, find_page, losses), source)
    source = LIQUID_VALUE.sub(lambda found: _value(found, losses), source)
    return LISTED.sub("", source)


def plain_markdown(source: str, with_links: Callable[[str], str]) -> str:
    """Convert syntax beyond CommonMark: heading ids are removed, alerts and task items become text.

    with_links: converts the links of a text. Code keeps its contents.
    """
    source = CODE_OR_NOTE.sub(_in_one_line, source)
    out, done = [], 0
    for start, end in _codes(source):
        out += [_without_extensions(with_links(source[done:start])), source[start:end]]
        done = end
    return "".join([*out, _without_extensions(with_links(source[done:]))])


def _in_one_line(found: re.Match[str]) -> str:
    """A footnote on one line. Code, and notes with more than paragraphs, do not change."""
    note = found["note"]
    return found[0] if note is None or MORE_THAN_WORDS.search(note) else " ".join(note.split()) + "\n\n"


def _codes(source: str) -> Iterator[tuple[int, int]]:
    """The spans of code: fenced, inline, or indented, which only a parser can tell from list content."""
    indented: list[tuple[int, int]] = []
    if INDENTED.search(source):
        ends = [0, *(found.end() for found in LINE_END.finditer(source)), len(source)]
        blocks = [token.map for token in _blocks.parse(source) if token.type == "code_block" and token.map]
        indented = [(ends[first], ends[min(last, len(ends) - 1)]) for first, last in blocks]
    done = 0
    for start, end in [*indented, (len(source), len(source))]:
        # Searched in parts: a span that begins before indented code does not end after it.
        yield from (code.span() for code in CODE.finditer(source, done, start))
        if start < end:
            yield start, end
        done = end


def _without_extensions(source: str) -> str:
    source = HEADING_NAME.sub("", source)
    source = DEFINED.sub(_defined, source)
    source = MARKED.sub(r"**\1**", source)
    source = ALERT.sub(lambda found: f"{found[1]}**{found[2].capitalize()}**  ", source)
    return TASK.sub(lambda found: f"{found[1]}{'☐' if found[2] == ' ' else '☑'} ", source)


def _defined(found: re.Match[str]) -> str:
    """A definition list as paragraphs."""
    term = found[1].strip()
    meanings = [" ".join(one.split()) for one in MEANING.split(found[2]) if one.strip()]
    return "\n\n".join([term if "**" in term else f"**{term}**", *meanings, ""])


def _shortcode(found: re.Match[str], find_page: FindPage, losses: list[str]) -> str:
    name, rest = found[3].lower(), found[4]
    if found[2]:
        return ""
    named, places = _arguments(rest)
    if name in FIGURES:
        return _figure(named, places)
    if name in VIDEOS and (number := named.get("id") or (places[0] if places else "")):
        return f"\n\n{VIDEOS[name] % number}\n\n"
    if name in {"ref", "relref"}:
        return _page(named.get("path") or next(iter(places), ""), find_page, losses)
    if (place := _post_elsewhere(name, named, places)) is not None:
        return f"\n\n{place}\n\n"
    address = next((value for value in [*named.values(), *places] if value.startswith("https://")), "")
    losses.append(_("the shortcode %(name)s is left out; the text inside is kept") % {"name": name})
    return f" {address} " if address else ""


def _liquid(found: re.Match[str], find_page: FindPage, losses: list[str]) -> str:
    name, rest = found[1], found[2]
    if name in SILENT:
        return ""
    named, places = _arguments(rest)
    if name in {"post_url", "link"}:
        return _page(next(iter(places), ""), find_page, losses)
    if name == "include" and places and "youtube" in places[0].lower() and (number := named.get("id")):
        return f"\n\n{VIDEOS['youtube'] % number}\n\n"
    if name == "include" and places and PICTURE_FILE.search(places[0]) and named.get("src"):
        return _figure(named, [])
    if name == "gist" and places:
        return f"\n\nhttps://gist.github.com/{places[0]}\n\n"
    if name in VIDEOS and places:
        return f"\n\n{VIDEOS[name] % places[0]}\n\n"
    losses.append(_("the Liquid tag %(name)s is left out; the text inside is kept") % {"name": name})
    return ""


def _figure(named: dict[str, str], places: list[str]) -> str:
    source = named.get("src") or named.get("link") or (places[0] if places else "")
    title = named.get("caption") or named.get("title") or (places[1] if len(places) > 1 else "")
    alt = re.sub(r"[\[\]\\]", "", plain_text(named.get("alt") or title))
    return f"\n\n![{alt}]({source})\n\n{title}\n\n" if source else ""


def _page(place: str, find_page: FindPage, losses: list[str]) -> str:
    """The URL of a post or a file of this site. Without one, the link loses only its URL."""
    if place and not (address := find_page(place)):
        if re.search(r"\.(?!md$|markdown$|html$)[A-Za-z0-9]{1,5}$", place):
            return "/" + place.lstrip("/")
        losses.append(_("a link to a page that is not in the export is left out; its text is kept"))
        return ""
    return address if place else ""


def _post_elsewhere(name: str, named: dict[str, str], places: list[str]) -> str | None:
    """The URL of content on another site that a shortcode embeds; None for other shortcodes."""
    pattern = POSTS.get(name)
    values = [named["user"], named["id"]] if {"user", "id"} <= named.keys() else places
    if pattern is None or len(values) < pattern.count("%s"):
        return None
    return pattern % tuple(values[: pattern.count("%s")])


def _value(found: re.Match[str], losses: list[str]) -> str:
    """A Liquid expression: a URL joined to the site's, or something unknown."""
    inside = found[1]
    if inside in {"site.baseurl", "site.url", "site.root"}:
        return ""
    if (quoted := re.match(r"[\"']([^\"']*)[\"']\s*\|\s*(?:relative_url|absolute_url)", inside)) is not None:
        return quoted[1]
    losses.append(_("an expression in curly brackets is left out"))
    return ""


def _arguments(rest: str) -> tuple[dict[str, str], list[str]]:
    named, places = dict[str, str](), list[str]()
    for found in ARGUMENT.finditer(rest):
        value = re.sub(r"\\(.)", r"\1", found[2]) if found[2] else found[3] or found[4] or ""
        if found[1]:
            named[found[1].lower()] = value
        else:
            places.append(value)
    return named, places
