"""The shortcodes that WordPress renders, as HTML: galleries, code, embeds, audio, footnotes."""

import html
import json
import re

from transfer.wordpress.captions import outside_code
from transfer.wordpress.finder import Finder

GALLERY = re.compile(r"(?<!\[)\[gallery\b((?:\s[^\[\]]{0,2000})?)\](?!\])", re.IGNORECASE)
VALUE = re.compile(r"([a-z]+)\s*=\s*[\"'”“″]?([^\"'”“″\]]*)", re.IGNORECASE)
CODE = re.compile(r"(?<!\[)\[(source)?code(?:lang)?\b((?:\s[^\[\]]{0,500}+)?)\]", re.IGNORECASE)
CODE_ENDS = {name: re.compile(rf"\[/{name}\]", re.IGNORECASE) for name in ("code", "sourcecode")}
CODE_LANGUAGE = re.compile(r"\blang(?:uage)?\s*=\s*[\"'”“″]?([a-z0-9+#.-]{1,30})", re.IGNORECASE | re.ASCII)
EMBED = re.compile(r"\[embed\b[^\[\]]{0,300}\]\s*(https?://[^\s\[\]<>]{1,1000})\s*\[/embed\]", re.IGNORECASE)
VIDEO = re.compile(
    r"\[(youtube|vimeo)\b[\s=]{1,5}[\"']?(?:id=[\"']?)?([^\s\[\]\"'<>]{1,300})[\"']?[^\[\]]{0,300}\]",
    re.IGNORECASE,
)
VIDEO_PAGES = {"youtube": "https://www.youtube.com/watch?v=", "vimeo": "https://vimeo.com/"}
AUDIO = re.compile(
    r"\[audio\b[^\[\]]{0,200}?(https?://[^\s\[\]\"'|<>]{1,1000})[^\[\]]{0,300}\](?:\s*\[/audio\])?",
    re.IGNORECASE,
)
NOTE = re.compile(
    r'<sup\b[^>]{0,200}\bdata-fn="([\w-]{1,60})"[^>]{0,200}>\s*<a\b[^>]{0,300}>\s*[\w*]{0,10}\s*</a>\s*</sup>',
    re.IGNORECASE,
)
NOTES_BLOCK = re.compile(r"<!--\s*wp:footnotes\b[^>]{0,300}-->")


def with_galleries(source: str, finder: Finder, post: int) -> str:
    def gallery(found: re.Match[str]) -> str:
        attributes = {name.lower(): value for name, value in VALUE.findall(found[1])}
        wanted = _numbers(attributes.get("ids") or attributes.get("include") or "")
        under = next(iter(_numbers(attributes.get("id", ""))), post)
        pictures = finder.attached(wanted, under, _numbers(attributes.get("exclude", "")))
        if not pictures:
            return found[0]
        inside = "".join(
            f'<img class="wp-image-{one.number}" src="{html.escape(one.address)}" alt="{html.escape(one.alt)}">'
            + (f"<figcaption>{one.caption}</figcaption>" if one.caption.strip() else "")
            for one in pictures
        )
        return f'\n\n<figure class="gallery">{inside}</figure>\n\n'

    return (
        outside_code(source, lambda part: GALLERY.sub(gallery, part))
        if "[gallery" in source.lower()
        else source
    )


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]{1,15}", text, re.ASCII)][:500]


def with_code(source: str) -> str:
    """[code] and [sourcecode] with their language. The contents are literal or already escaped."""

    return outside_code(source, _code_blocks) if "code" in source else source


def _code_blocks(source: str) -> str:
    done, out = 0, []
    # Where the next closing tag of each name is. Looked for once for each, however many tags are open.
    ends: dict[str, re.Match[str] | None] = {}
    for opening in CODE.finditer(source):
        if opening.start() < done:
            continue
        name = "sourcecode" if opening[1] else "code"
        end = ends.get(name)
        if name not in ends or (end and end.start() < opening.end()):
            end = ends[name] = CODE_ENDS[name].search(source, opening.end())
        if end is None:
            continue
        language = CODE_LANGUAGE.search(opening[2])
        look = f' class="language-{language[1].lower()}"' if language else ""
        inside = html.escape(html.unescape(source[opening.end() : end.start()].strip("\r\n")), quote=False)
        out += [source[done : opening.start()], f"<pre><code{look}>{inside}</code></pre>"]
        done = end.end()
    return "".join([*out, source[done:]])


def with_embeds(source: str) -> str:
    if "[" not in source:
        return source

    def video(found: re.Match[str]) -> str:
        named = found[2]
        return f"\n\n{named if '://' in named else VIDEO_PAGES[found[1].lower()] + named}\n\n"

    def embeds(part: str) -> str:
        part = EMBED.sub(lambda found: f"\n\n{found[1]}\n\n", part)
        part = AUDIO.sub(
            lambda found: f'\n\n<audio src="{html.escape(html.unescape(found[1]))}"></audio>\n\n', part
        )
        return VIDEO.sub(video, part)

    return outside_code(source, embeds)


def with_footnotes(source: str, notes: str) -> str:
    """Footnotes of WordPress 6.3 and later, whose texts are stored with the post as JSON."""
    try:
        rows = json.loads(notes) if notes.strip() else []
        texts = {str(row["id"]): str(row["content"]) for row in rows}
    except (ValueError, TypeError, KeyError, RecursionError):
        return source
    order: list[str] = []

    def refer(found: re.Match[str]) -> str:
        if found[1] not in texts or found[1] in order:
            return found[0]
        order.append(found[1])
        number = len(order)
        return f'<sup class="fnref" id="fnref-{number}"><a href="#fn-{number}">{number}</a></sup>'

    source = NOTE.sub(refer, source)
    if not order:
        return source
    items = "".join(
        f'<li id="fn-{number}">{texts[name]} <a href="#fnref-{number}">↩</a></li>'
        for number, name in enumerate(order, 1)
    )
    section = f'<section class="footnotes"><ol>{items}</ol></section>'
    return (
        NOTES_BLOCK.sub(lambda _found: section, source, count=1)
        if NOTES_BLOCK.search(source)
        else source + section
    )
