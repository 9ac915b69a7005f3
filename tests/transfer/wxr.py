"""Creates small WordPress exports for the tests."""

from pathlib import Path
from typing import Any

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Ida's notes</title><link>https://ida.example.org</link><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_blog_url>https://ida.example.org</wp:base_blog_url>
"""
TAIL = "</channel></rss>\n"


def cdata(text: object) -> str:
    return "<![CDATA[" + str(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def author(number: int = 1, login: str = "ida", email: str = "ida@example.org", name: str = "Ida") -> str:
    return (
        f"<wp:author><wp:author_id>{number}</wp:author_id><wp:author_login>{cdata(login)}</wp:author_login>"
        f"<wp:author_email>{cdata(email)}</wp:author_email><wp:author_display_name>{cdata(name)}</wp:author_display_name></wp:author>\n"
    )


def comment(number: int, text: str = "Words.", **fields: Any) -> str:
    values = {
        "comment_id": number,
        "comment_author": "Per",
        "comment_author_email": "per@example.org",
        "comment_author_url": "",
        "comment_date": "2012-04-26 10:00:00",
        "comment_date_gmt": f"2012-04-26 {8 + number % 1000 // 60 % 12:02}:{number % 60:02}:00",
        "comment_content": text,
        "comment_approved": "1",
        "comment_type": "comment",
        "comment_parent": 0,
        "comment_user_id": 0,
    } | fields
    return (
        "<wp:comment>"
        + "".join(f"<wp:{name}>{cdata(value)}</wp:{name}>" for name, value in values.items())
        + "</wp:comment>\n"
    )


def post(
    number: int = 10,
    *comments: str,
    title: str = "On bread",
    content: str = "Flour and water.",
    tags: str = "",
    **fields: Any,
) -> str:
    values = {
        "post_id": number,
        "post_date": "2012-04-25 14:00:00",
        "post_date_gmt": "2012-04-25 12:00:00",
        "comment_status": "open",
        "post_name": "on-bread",
        "status": "publish",
        "post_type": "post",
    } | {name: value for name, value in fields.items() if name not in {"creator", "excerpt", "link", "guid"}}
    return (
        f"<item><title>{cdata(title)}</title><link>{fields.get('link', '')}</link><guid>{fields.get('guid', '')}</guid><dc:creator>{cdata(fields.get('creator', 'ida'))}</dc:creator><content:encoded>{cdata(content)}</content:encoded>"
        f"<excerpt:encoded>{cdata(fields.get('excerpt', ''))}</excerpt:encoded>"
        + "".join(f"<wp:{name}>{cdata(value)}</wp:{name}>" for name, value in values.items())
        + tags
        + "".join(comments)
        + "</item>\n"
    )


def wxr(path: Path, *parts: str, head: str = HEAD, tail: str = TAIL) -> Path:
    """Write a file with these parts; add the author Ida if no part is an author."""
    people = "" if any("<wp:author>" in part for part in parts) else author()
    path.write_text(head + people + "".join(parts) + tail, encoding="utf-8")
    return path
