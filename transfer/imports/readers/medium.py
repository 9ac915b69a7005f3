"""Medium (Settings, Download your information): a zip with HTML files in a folder "posts"."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from core.markup.plain import plain_text
from core.utils.text import one_line
from transfer.imports.bundle import Bundle
from transfer.imports.readers.base import Format
from transfer.imports.stream import ForeignAuthor, ForeignPost, ForeignTag, LeftOut, Source, Thing
from transfer.imports.values import decoded, moment, path_in

# "2020-05-06_On-bread-0123456789ab.html", "draft_On-bread-0123456789ab.html"
NAME = re.compile(r"(?:(\d{4}-\d\d-\d\d)|draft)_(.*?)(?:-*([0-9a-f]{8,14}))?\.html", re.IGNORECASE)
BODY = re.compile(
    r"<section\b[^>]*(?:data-field=\"body\"|class=\"e-content\")[^>]*>(.*)</section>", re.DOTALL
)
SUBTITLE = re.compile(r"<section\b[^>]*data-field=\"subtitle\"[^>]*>(.*?)</section>", re.DOTALL)
TITLE = re.compile(r"<h1\b[^>]*class=\"[^\"]*p-name[^\"]*\"[^>]*>(.*?)</h1>", re.DOTALL)
CANONICAL = re.compile(
    r"<a\b[^>]*href=\"([^\"]+)\"[^>]*class=\"p-canonical\"|<a\b[^>]*class=\"p-canonical\"[^>]*href=\"([^\"]+)\""
)
PUBLISHED = re.compile(r"<time\b[^>]*class=\"dt-published\"[^>]*datetime=\"([^\"]+)\"")
# Medium repeats the title in the text, and puts a rule between sections.
TITLE_INSIDE = re.compile(r"<h[1-4]\b[^>]*class=\"[^\"]*graf--title[^\"]*\"[^>]*>.*?</h[1-4]>", re.DOTALL)
SUBTITLE_INSIDE = re.compile(
    r"<h[1-4]\b[^>]*class=\"[^\"]*graf--subtitle[^\"]*\"[^>]*>.*?</h[1-4]>", re.DOTALL
)
AUTHOR = re.compile(r"<a\b[^<>]*class=\"p-author h-card\"[^<>]*>([^<]*)</a>")
TAG = re.compile(r"<a\b[^<>]*class=\"p-tag\"[^<>]*>([^<]*)</a>")
# The language of code; and the description in a link card, which its URL follows without a space.
CODE = re.compile(r"<pre\b[^<>]*\bdata-code-block-lang=\"([\w+#.-]{1,30})\"[^<>]*>", re.ASCII)
CARD_WORDS = re.compile(r"(<em\b[^<>]*markup--mixtapeEmbed-em[^<>]*>[^<]*</em>)(?=[^\s<])")
DIVIDER = re.compile(r"<div\b[^>]*class=\"section-divider\"[^>]*>\s*<hr[^>]*>\s*</div>")
# In the export, a response to someone else's story is a post of its own whose title is its start.
SHORT = 1000


def matches(bundle: Bundle) -> bool:
    names = [name for name in bundle.matching(".html") if NAME.fullmatch(PurePosixPath(name).name)]
    return any(BODY.search(decoded(bundle.read(name))[0]) for name in names[:3])


def read(bundle: Bundle) -> Iterator[Thing]:
    yield Source(link="https://medium.com", key="medium")
    for name in bundle.matching(".html"):
        found = NAME.fullmatch(PurePosixPath(name).name)
        if found is None:
            if "posts" in PurePosixPath(name).parts:
                yield LeftOut(_("files of an unknown form"))
            continue
        source, is_guessed = decoded(bundle.read(name))
        losses = (
            [_("some characters were not valid UTF-8 and are read as Windows-1252")] if is_guessed else []
        )
        yield from _post(source, found, losses)


def _post(source: str, name: re.Match[str], losses: list[str]) -> Iterator[Thing]:
    body = _first(BODY, source)
    title = plain_text(_first(TITLE, source)).strip()
    is_draft = name[1] is None
    tags = [plain_text(tag).strip() for tag in TAG.findall(source)]
    if not (is_draft or tags or TITLE_INSIDE.search(body)) and _is_reply(title, body):
        yield LeftOut(_("replies to stories of others"))
        return
    body = SUBTITLE_INSIDE.sub("", TITLE_INSIDE.sub("", body, count=1), count=1)
    body = CARD_WORDS.sub(r"\1<br>", _without_divider_above(DIVIDER, body))
    body = CODE.sub(r'<pre><code class="language-\1">', body)
    address = unescape(_first(CANONICAL, source))
    published_at = None if is_draft else moment(_first(PUBLISHED, source)) or moment(name[1])
    path = path_in(address)
    # Medium appends an id to its slugs.
    slug = re.sub(r"-?[0-9a-f]{8,14}$", "", path.rpartition("/")[2]) or name[2]
    author = plain_text(_first(AUTHOR, source)).strip()
    if author:
        yield ForeignAuthor(author, author, "")
    yield ForeignPost(
        key=name[3] or name[0],
        title=title or name[2].replace("-", " "),
        body=body,
        summary=plain_text(_first(SUBTITLE, source)).strip(),
        slug=slug.lower(),
        published_at=published_at,
        created_at=published_at,
        author=author,
        tags=[ForeignTag(tag) for tag in dict.fromkeys(tags) if tag],
        addresses=[address] if address else [],
        losses=losses,
    )


def _is_reply(title: str, body: str) -> bool:
    content = one_line(plain_text(body))
    return bool(title) and len(content) < SHORT and content.startswith(one_line(title).rstrip("… "))


def _first(pattern: re.Pattern[str], source: str) -> str:
    found = pattern.search(source)
    return next((group for group in found.groups() if group), "") if found else ""


def _without_divider_above(divider: re.Pattern[str], body: str) -> str:
    """Remove the rule above the text."""
    return divider.sub("", body, count=1)


FORMAT = Format("medium", "Medium", matches, read)
