"""Sanitises the HTML of posts from the editor."""

import re

import nh3

from core.markup.allowlists import HOST_ATTRIBUTES, HOST_TAGS, SELF_DIRECTED_TAGS, _only_what_a_post_may_say
from core.markup.direction import reads_right_to_left_somewhere


def clean_post_html(raw: str) -> str:
    """The editor's HTML, reduced to what a post may contain. Pictures only from our own media."""
    clean = nh3.clean(
        raw,
        tags=HOST_TAGS,
        attributes=HOST_ATTRIBUTES,
        attribute_filter=_only_what_a_post_may_say,
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in SELF_DIRECTED_TAGS}
        if reads_right_to_left_somewhere(raw)
        else {},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    return re.sub(r"<img(?![^>]*\ssrc=)[^>]*>|<p></p>", "", clean).strip()
