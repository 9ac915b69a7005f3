"""Disqus (Admin, Moderation, Export): only comments, in one XML file.

The posts are here already, or exist only as its threads.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from urllib.parse import unquote

from django.utils.translation import gettext as _

from transfer.imports.addresses import page_of
from transfer.imports.bundle import Bundle
from transfer.imports.readers.base import Format, only_name
from transfer.imports.stream import ForeignComment, ForeignPost, ImportRefused, LeftOut, Source, Thing
from transfer.imports.values import is_true, moment
from transfer.imports.xml_stream import Element, elements

COUNTED_LINK = re.compile(
    r"<a\b[^<>]*\bhref=[\"']https?://(?:www\.)?(?:disq\.us|redirect\.disqus\.com)/url\?url=(?P<address>https?%3[aA][^\"'&<>]{1,3000})"
    r"[^\"'<>]*[\"'][^<>]*>(?P<label>[^<]{0,3000})</a>"
)

SPOILER = re.compile(r"</?spoiler>")


def matches(bundle: Bundle) -> bool:
    name = only_name(bundle, ".xml")
    head = bundle.head(name) if name else b""
    return b"<disqus" in head and b"disqus.com" in head


def read(bundle: Bundle) -> Iterator[Thing]:
    name = only_name(bundle, ".xml")
    by_place: dict[tuple[str, str, str], str] = {}
    same: dict[str, str] = {}
    deleted: set[str] = set()
    has_source = False
    for element in elements(bundle.open(name)):
        key = element.attribute("id")
        match element.bare_name:
            case "category" | "thread" if not has_source and (forum := element.text_at("forum")):
                yield Source(key=forum, title=forum)
                has_source = True
        match element.bare_name:
            case "thread":
                if is_true(element.text_at("isDeleted")):
                    deleted.add(key)
                    continue
                places = _places(element)
                # A page with several URLs (https, tracking parameters, a new domain) has several threads.
                same[key] = first = next((by_place[one] for one in places if one in by_place), key)
                for one in places:
                    by_place.setdefault(one, first)
                if first == key:
                    yield _thread(element, key)
            case "post":
                yield from _post(element, key, same, deleted)
    if not (same or deleted):
        raise ImportRefused(_("There is no thread in it. Export the comments of your Disqus site again."))


def _address(thread: Element) -> str:
    """The URL of the page. The identifier is often its URL too."""
    link, identifier = thread.text_at("link"), thread.text_at("id")
    return link or (identifier if "/" in identifier else "")


def _addresses(thread: Element) -> list[str]:
    """That URL, and the one in the identifiers of WordPress's plug-in: "198 https://a.example/?p=198"."""
    named = next(
        (word for word in thread.text_at("id").split() if word.startswith(("http://", "https://"))), ""
    )
    return list(dict.fromkeys(filter(None, (_address(thread), named))))


def _places(thread: Element) -> list[tuple[str, str, str]]:
    """The page on its host; and, with its title, on any host unless it is the front page.

    One account may serve several sites.
    """
    (host, page), title = page_of(_address(thread)), thread.text_at("title").strip()
    elsewhere = [("", page, title)] if page and title else []
    return [(host, page, ""), *elsewhere] if host or page else []


def _thread(thread: Element, key: str) -> ForeignPost:
    addresses, identifier = _addresses(thread), thread.text_at("id")
    return ForeignPost(
        key=key,
        title=thread.text_at("title") or next(iter(addresses), ""),
        slug=identifier if identifier and "/" not in identifier and " " not in identifier else "",
        addresses=addresses,
        created_at=moment(thread.text_at("createdAt")),
        comments_open=not is_true(thread.text_at("isClosed")),
        is_stub=True,
        losses=sorted(thread.repairs),
    )


def _link_target(found: re.Match[str]) -> str:
    """The target of one of Disqus's tracking links, without the signature and with the full text."""
    address = re.sub(r":[\w-]{20,40}$", "", unquote(found["address"]), flags=re.ASCII)
    label = found["label"]
    cut = label.removesuffix("...").removesuffix("…")
    is_cut = cut != label and unescape(cut) in address
    return f'<a href="{escape(address)}">{escape(address) if is_cut else label}</a>'


def _post(post: Element, key: str, same: dict[str, str], deleted: set[str]) -> Iterator[Thing]:
    thread, parent, author = post.child("thread"), post.child("parent"), post.child("author")
    above = thread.attribute("id") if thread else ""
    if not above:
        yield LeftOut(_("comments that don’t name a thread"))
        return
    if above in deleted:
        yield LeftOut(_("comments of deleted discussions"))
        return
    status = "public"
    if is_true(post.text_at("isSpam")):
        status = "spam"
    elif is_true(post.text_at("isDeleted")):
        status = "deleted"
    elif post.text_at("isApproved").lower() == "false":
        status = "held"
    yield ForeignComment(
        key=key,
        post=same.get(above, above),
        parent=parent.attribute("id") if parent else "",
        name=(author.text_at("name") or author.text_at("username")) if author else "",
        email=author.text_at("email") if author else "",
        url=(author.text_at("link") or author.text_at("url")) if author else "",
        body=SPOILER.sub("", COUNTED_LINK.sub(_link_target, post.text_at("message"))),
        status=status,
        written_at=moment(post.text_at("createdAt")),
        losses=sorted(post.repairs),
    )


FORMAT = Format("disqus", "Disqus", matches, read)
