"""Posts of social networks in a text: an element that a script fills when the page is read, often with nothing in it before."""

import re

from transfer.wordpress.tags import web_address

QUOTED = re.compile(
    r"(?:^|\s)(?:twitter-(?:tweet|video)|instagram-media|tiktok-embed|reddit-(?:card|embed-bq)|bluesky-embed|mastodon-embed"
    r"|text-post-media|imgur-embed-pub)(?:\s|$)"
)
# What an element says of where its post is, beside the link inside it.
PLACES = ("data-instgrm-permalink", "data-text-post-permalink", "data-embed-url", "cite")
# Small pictures in a line of text that stand for what their alternative text says: ":-)", "Smile", "🙂".
SMILEY = re.compile(r"(?:^|\s)(?:wp-smiley|wlEmoticon|emoticon|smiley|emoji)(?=\s|-|$)")
FACEBOOK = re.compile(r"(?:^|\s)fb-(?:post|video)(?:\s|$)")


def quoted_post(attributes: dict[str, str]) -> str | None:
    """Of a <blockquote>: the address of the post it stands for, "" where a link inside says it; None for any other quotation."""
    if not QUOTED.search(attributes.get("class", "")):
        return None
    return next((address for name in PLACES if (address := web_address(attributes.get(name, "")))), "")


def boxed_post(attributes: dict[str, str]) -> str:
    """Of a <div>: the address of the post that it is empty for, "" for any other."""
    is_one = FACEBOOK.search(attributes.get("class", ""))
    return web_address(attributes.get("data-href", "")) if is_one else ""


def smiley(attributes: dict[str, str]) -> str:
    """Of an <img>: the sign that it shows, "" for a picture."""
    return attributes.get("alt", "").strip()[:40] if SMILEY.search(attributes.get("class", "")) else ""
