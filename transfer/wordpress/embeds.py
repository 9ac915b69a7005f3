"""Embedded posts of social networks: elements that a script fills in, often empty before."""

import re

from transfer.wordpress.tags import web_address

QUOTED = re.compile(
    r"(?:^|\s)(?:twitter-(?:tweet|video)|instagram-media|tiktok-embed|reddit-(?:card|embed-bq)|bluesky-embed|mastodon-embed"
    r"|text-post-media|imgur-embed-pub)(?:\s|$)"
)
# Attributes with the URL of the post, besides the link inside the element.
PLACES = ("data-instgrm-permalink", "data-text-post-permalink", "data-embed-url", "cite")
# Small inline pictures that stand for their alt text: ":-)", "Smile", "🙂".
SMILEY = re.compile(r"(?:^|\s)(?:wp-smiley|wlEmoticon|emoticon|smiley|emoji)(?=\s|-|$)")
FACEBOOK = re.compile(r"(?:^|\s)fb-(?:post|video)(?:\s|$)")


def quoted_post(attributes: dict[str, str]) -> str | None:
    """The URL of the post that a <blockquote> embeds; "" if a link inside has it; None for other quotes."""
    if not QUOTED.search(attributes.get("class", "")):
        return None
    return next((address for name in PLACES if (address := web_address(attributes.get(name, "")))), "")


def boxed_post(attributes: dict[str, str]) -> str:
    """The URL of the post that an empty <div> embeds, or ""."""
    is_one = FACEBOOK.search(attributes.get("class", ""))
    return web_address(attributes.get("data-href", "")) if is_one else ""


def smiley(attributes: dict[str, str]) -> str:
    """The emoji or emoticon that an <img> shows, "" for a picture."""
    return attributes.get("alt", "").strip()[:40] if SMILEY.search(attributes.get("class", "")) else ""
