"""Reads a WordPress export (WXR 1.0 to 1.3) as a stream, one comment at a time, for files of any size.

It knows the format but not our models. Invalid details are repaired or left empty, which the item records
(`repairs`). Only a file that is no export, is truncated, or is hostile raises a WxrError with one line.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _

from transfer.imports.xml_stream import why_broken
from transfer.wordpress.items import Author, Blog, Note, Term, WpComment, WpItem
from transfer.wordpress.repair import BYTES_MARK, MARKS, Decoder, XmlRepairer, take_marks
from transfer.wordpress.values import moment_of, number_of, shown, with_recording

VERSION = re.compile(r"1(\.[0-9]{1,3}){0,2}")
# A single text (a post with everything in it) or tag that is longer belongs to no real blog.
MAX_TEXT_CHARACTERS = 5_000_000
MAX_TAG_BYTES = 1024 * 1024
MAX_DEPTH = 40
# The item types that are imported, with comments.
KINDS = {"post", "page"}
# Reusable text blocks with an id, which several posts show.
REUSED = "wp_block"
# Taxonomies that WordPress and its plug-ins use internally.
NOT_FOR_READERS = {"", "post_format", "nav_menu", "wp_theme", "wp_pattern_category", "yst_prominent_words"}
# The custom fields that are read; page builders add hundreds.
DESCRIPTIONS = ("_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description")
META = {"_thumbnail_id", "_wp_attachment_image_alt", "enclosure", "footnotes", *DESCRIPTIONS}

NAMESPACES = (
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[^/]*/excerpt/?", re.IGNORECASE), "excerpt"),
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/.*", re.IGNORECASE), "wp"),
    (re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?", re.IGNORECASE), "content"),
    (re.compile(r"https?://purl\.org/dc/elements/1\.1/?", re.IGNORECASE), "dc"),
)


class WxrError(Exception):
    """The file cannot be read. One line says what is wrong and where."""


class _Numbers:
    """Assigns unique ids. One that is missing or taken is replaced by one that is the same in every run."""

    def __init__(self) -> None:
        self.first: dict[int, bytes] = {}
        self.made: set[int] = set()

    def settle(self, number: int, identity: list[str]) -> tuple[int, bool]:
        """The id to use, and whether an identical item came before. identity: what distinguishes the item."""
        digest = blake2b("\0".join(identity).encode(), digest_size=7).digest()
        if number and number not in self.first:
            self.first[number] = digest
            return number, False
        own = -1 - int.from_bytes(digest, "big")
        is_copy = own in self.made or (number != 0 and self.first[number] == digest)
        self.made.add(own)
        return own, is_copy


class _Target:
    """The parser's handlers: collect the texts of the current element, and yield complete items."""

    def __init__(self, legacy: str) -> None:
        self.legacy = legacy
        self.done: list[Any] = []
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.EntityDeclHandler = self.entity
        self.path: list[str] = []
        self.prefixes: dict[str, str] = {}
        self.words: list[str] = []
        self.length = 0
        self.head: dict[str, str] = {}
        self.is_head_done = self.is_wordpress = self.is_closed = False
        self.item: dict[str, Any] = {}
        self.item_count = 0
        self.comment: dict[str, Any] = {}
        self.author: dict[str, str] = {}
        self.meta: dict[str, str] = {}
        self.term: dict[str, str] = {}
        self.posts, self.comments = _Numbers(), _Numbers()

    @property
    def line(self) -> int:
        return self.parser.CurrentLineNumber

    def doctype(
        self, _name: str, _system: str | None, _public: str | None, has_internal_subset: bool
    ) -> None:
        if has_internal_subset:
            self.entity()

    def entity(self, *_declaration: Any) -> None:
        raise WxrError(
            _("line %(line)s: it defines its own document type or entities, which WordPress never does.")
            % {"line": self.line}
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        for name, value in attributes.items():
            if name.startswith("xmlns:") and len(self.prefixes) < 1000:
                self.prefixes[name[6:]] = next(
                    (short for pattern, short in NAMESPACES if pattern.fullmatch(value.strip())), name[6:]
                )
        prefix, mark, rest = tag.partition(":")
        name = f"{self.prefixes.get(prefix, prefix)}:{rest}" if mark else tag
        self.is_wordpress = self.is_wordpress or name.startswith("wp:")
        self.path.append(name)
        if len(self.path) > MAX_DEPTH:
            raise WxrError(
                _("line %(line)s: elements nested %(depth)s deep; this is not a WordPress export.")
                % {"line": self.line, "depth": MAX_DEPTH}
            )
        if len(self.path) == 1 and name != "rss":
            raise WxrError(
                _("line %(line)s: it begins with <%(name)s>, not <rss>; this is not a WordPress export.")
                % {"line": self.line, "name": name[:40]}
            )
        self.words, self.length = [], 0
        if self.path == ["rss", "channel", "item"]:
            self.end_head()
            self.item_count += 1
            self.item = {"line": self.line, "tags": [], "authors": set(), "repairs": set(), "meta": {}}
        elif self.path == ["rss", "channel", "item", "wp:comment"]:
            self.comment = {"line": self.line, "repairs": set()}
        elif self.path == ["rss", "channel", "wp:author"]:
            self.author = {}
        elif self.path in (["rss", "channel", "wp:category"], ["rss", "channel", "wp:tag"]):
            self.term = {}
        elif self.path == ["rss", "channel", "item", "wp:postmeta"]:
            self.meta = {}
        elif self.path == ["rss", "channel", "item", "category"]:
            self.item["category"] = tuple(
                take_marks(attributes.get(name, ""))[0] for name in ("domain", "nicename")
            )

    def data(self, words: str) -> None:
        self.length += len(words)
        if self.length > MAX_TEXT_CHARACTERS:
            raise WxrError(
                _("line %(line)s: a text longer than %(characters)s characters.")
                % {"line": self.line, "characters": f"{MAX_TEXT_CHARACTERS:,}"}
            )
        self.words.append(words)

    def end(self, _tag: str) -> None:
        """Take the text of an element to where its path says, or finish the part of the file it ends."""
        depth, name = len(self.path), self.path[-1]
        inside = self.path[2] if depth > 2 else ""
        text = self.text()
        if depth == 3 and inside == "item":
            self.done.append(self.finished_item())
            self.item = {}
        elif depth == 4 and inside == "item":
            self.end_in_item(name, text)
        elif depth == 5 and self.path[3] == "wp:comment":
            self.comment[name] = self.comment.get(name) or text
        elif depth == 5 and self.path[3] == "wp:postmeta":
            self.meta[name] = text
        elif depth == 4 and inside in {"wp:category", "wp:tag"}:
            self.term[name] = text
        elif depth == 3 and inside in {"wp:category", "wp:tag"}:
            self.done += self.finished_terms()
        elif depth == 3 and inside == "wp:author":
            self.done.append(self.finished_author())
        elif depth == 4 and inside == "wp:author":
            self.author[name] = text
        elif depth == 3:
            self.head.setdefault(name, text.strip())
        self.path.pop()
        self.words, self.length = [], 0
        self.is_closed = not self.path

    def end_in_item(self, name: str, text: str) -> None:
        if name == "wp:comment":
            self.done.append(self.finished_comment())
            self.comment = {}
        elif name == "wp:postmeta":
            if (key := self.meta.get("wp:meta_key", "").strip()) in META:
                self.item["meta"].setdefault(key, self.meta.get("wp:meta_value", ""))
        elif name == "category":
            domain, nicename = self.item.pop("category")
            if domain in {"category", "post_tag", "tag"}:
                self.item["tags"].append((text, nicename))
            elif domain == "author":  # of a plug-in for multiple authors
                self.item["authors"].add(_plain_login(nicename))
            elif domain not in NOT_FOR_READERS:
                message = _("terms of the taxonomy “%(name)s” are left out") % {"name": domain[:40]}
                self.item["repairs"].add(message)
        else:
            self.item[name] = self.item.get(name) or text

    def text(self) -> str:
        """The text of the current element. Repairs in it are recorded."""
        text, marks = take_marks("".join(self.words))
        for mark in marks:
            repair = str(MARKS[mark] % self.legacy if mark == BYTES_MARK else MARKS[mark])
            if self.comment:
                self.comment["repairs"].add(repair)
            elif self.item:
                self.item["repairs"].add(repair)
            else:
                self.done.append(Note(f"Line {self.line}: {repair}."))
        return text

    # --- complete items

    def end_head(self) -> None:
        """Yield the blog before the first item, or at the end."""
        if self.is_head_done:
            return
        self.is_head_done = True
        version = self.head.get("wp:wxr_version", "")
        if version and not VERSION.fullmatch(version):
            raise WxrError(
                _("its WXR version is %(version)s; only 1.0, 1.1, 1.2 and 1.3 are supported.")
                % {"version": shown(version)}
            )
        link = (
            self.head.get("wp:base_blog_url")
            or self.head.get("link")
            or self.head.get("wp:base_site_url")
            or ""
        )
        # Without scheme and final slash: a blog that moved to https is still the same.
        key = (
            re.sub(r"^https?://(www\.)?", "", link.lower()).strip("/ ")
            or self.head.get("title", "")
            or "unnamed"
        )
        self.done.append(Blog(title=self.head.get("title", ""), link=link, key=key))

    def check_wordpress(self) -> None:
        if not self.is_wordpress:
            raise WxrError(
                _(
                    "line %(line)s: no wp:wxr_version before the first item and no other WordPress element; this is not a WordPress export."
                )
                % {"line": self.line}
            )

    def finished_author(self) -> Author:
        return Author(
            number=number_of(self.author.get("wp:author_id", "")),
            login=self.author.get("wp:author_login", "").strip(),
            email=self.author.get("wp:author_email", "").strip(),
            name=self.author.get("wp:author_display_name", "").strip(),
        )

    def finished_terms(self) -> list[Term]:
        get = self.term.get
        slug = get("wp:category_nicename") or get("wp:tag_slug") or ""
        description = get("wp:category_description") or get("wp:tag_description") or ""
        name = get("wp:cat_name") or get("wp:tag_name") or ""
        parent = get("wp:category_parent", "").strip()
        return [Term(slug.strip(), name, description, parent)] if slug.strip() else []

    def finished_item(self) -> WpItem:
        """The item whose end was read. A post with a missing or used ID is given one of its own."""
        self.check_wordpress()
        get, repairs = self.item.get, self.item["repairs"]
        kind = get("wp:post_type", "post").strip()
        typed = get("wp:post_id", "").strip()
        local_date = get("wp:post_date", "").strip()
        number, is_copy = number_of(typed) if kind in {"attachment", REUSED} else 0, False
        if kind in KINDS:
            number, is_copy = self.settle_number(typed)
            if self.item["authors"] - {_plain_login(get("dc:creator", ""))}:
                repairs.add(_("only the first of several authors is kept"))
        return WpItem(
            item=self.item_count,
            line=self.item["line"],
            number=number,
            kind=kind,
            status=get("wp:status", "publish").strip(),
            title=get("title", ""),
            slug=get("wp:post_name", "").strip(),
            link=get("link", "").strip(),
            guid=get("guid", "").strip(),
            author=get("dc:creator", "").strip(),
            content=with_recording(get("content:encoded", ""), self.item["meta"].get("enclosure", "")),
            excerpt=get("excerpt:encoded", ""),
            password=get("wp:post_password", "").strip(),
            is_open=get("wp:comment_status", "open").strip() != "closed",
            written_at=moment_of(get("wp:post_date_gmt", ""), local_date, get("pubDate", ""), repairs)
            if kind in KINDS
            else None,
            local_date=local_date,
            modified_at=moment_of(get("wp:post_modified_gmt", ""), get("wp:post_modified", ""), "", set()),
            tags=self.item["tags"],
            is_copy=is_copy,
            repairs=repairs,
            parent=number_of(get("wp:post_parent", "")),
            is_sticky=get("wp:is_sticky", "").strip() == "1",
            attachment=get("wp:attachment_url", "").strip(),
            meta=self.item["meta"],
        )

    def settle_number(self, typed: str) -> tuple[int, bool]:
        """The number of the post whose end was read, and whether it is a copy of an earlier one.

        typed: its ID in the file. If that is missing or used by another post, the number is negative.
        """
        identity = [
            self.item.get(name, "")
            for name in ("title", "link", "wp:post_date", "wp:post_name", "content:encoded")
        ]
        number, is_copy = self.posts.settle(number_of(typed), identity)
        if number < 0 and not is_copy:
            self.item["repairs"].add(
                _("its ID belongs to another post; it is given a new one")
                if number_of(typed)
                else _("a post without an ID is given one")
            )
        return number, is_copy

    def finished_comment(self) -> WpComment:
        get, repairs = self.comment.get, self.comment["repairs"]
        typed = get("wp:comment_id", "").strip()
        identity = [
            get(f"wp:comment_{name}", "")
            for name in ("author", "author_email", "date", "date_gmt", "content", "type")
        ]
        number, is_copy = self.comments.settle(number_of(typed), identity)
        if number < 0 and not is_copy:
            repairs.add(
                _("its ID belongs to another comment; it is given a new one")
                if number_of(typed)
                else _("a comment without an ID is given one")
            )
        parent = get("wp:comment_parent", "").strip()
        if parent and not re.fullmatch("[0-9]+", parent):
            repairs.add(_("what it replied to is not a number; it becomes a top-level comment"))
        return WpComment(
            item=self.item_count,
            line=self.comment["line"],
            number=number,
            parent=number_of(parent),
            user=number_of(get("wp:comment_user_id", "")),
            name=get("wp:comment_author", ""),
            email=get("wp:comment_author_email", "").strip(),
            url=get("wp:comment_author_url", "").strip(),
            text=get("wp:comment_content", ""),
            approved=get("wp:comment_approved", "1").strip(),
            kind=get("wp:comment_type", "").strip(),
            written_at=moment_of(get("wp:comment_date_gmt", ""), get("wp:comment_date", ""), "", repairs),
            is_copy=is_copy,
            repairs=repairs,
        )


def read_wxr(file: BinaryIO) -> Iterator[Blog | Note | Author | Term | WpComment | WpItem]:
    """Yield the header first, then authors, terms, comments and items as they end. Raises WxrError."""
    decoder, mender = Decoder(file), XmlRepairer()
    target = _Target(decoder.legacy)
    fed = 0
    try:
        for text in decoder.read():
            fed += _feed(target, mender.mend(text), fed)
            yield from target.done
            target.done.clear()
            if target.is_closed:
                break
        else:
            _feed(target, mender.mend("", is_end=True), fed)
            target.parser.Parse(b"", True)
    except expat.ExpatError as error:
        if not target.is_closed:
            raise WxrError(why_broken(error)) from None
        mender.notes.append(_("Text after </rss> (line %(error)s) is ignored.") % {"error": error.lineno})
    except (ValueError, LookupError) as error:
        raise WxrError(_("its encoding cannot be read (%(error)s).") % {"error": shown(str(error))}) from None
    target.end_head()
    target.check_wordpress()
    yield from target.done
    yield from map(Note, decoder.notes + mender.notes)


def _feed(target: _Target, text: str, fed: int) -> int:
    """Pass a piece of XML to the parser. Returns its length in bytes. fed: the bytes passed before."""
    data = text.encode()
    target.parser.Parse(data, False)
    if fed + len(data) - max(target.parser.CurrentByteIndex, 0) > MAX_TAG_BYTES:
        raise WxrError(
            _("line %(line)s: a tag longer than %(tag)s bytes.")
            % {"line": target.line, "tag": f"{MAX_TAG_BYTES:,}"}
        )
    return len(data)


def _plain_login(name: str) -> str:
    """A normalised login name.

    The same for "harry@example.org", its "harryexample-org", and the "cap-harryexample-org" of a plug-in for
    multiple authors.
    """
    return re.sub(r"[\W_]+", "", name.strip().lower().removeprefix("cap-"))
