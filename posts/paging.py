"""Where a page of posts begins: after the last post of the page before, wherever that stands by now."""

import re
from datetime import UTC, datetime, timedelta

from posts.models import Post

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
KEY = re.compile(r"(-?[0-9a-f]{1,14})\.([0-9a-f]{1,15})", re.ASCII)


def page_key(post: Post) -> str:
    """The key of the page that comes after this post."""
    return f"{(post.published_at - EPOCH) // MICROSECOND:x}.{post.pk:x}"


def read_page_key(key: str) -> tuple[datetime, int] | None:
    """What page_key wrote: date and id of the last post of the page before. None for anything else."""
    found = KEY.fullmatch(key)
    if found is None:
        return None
    try:
        return EPOCH + int(found[1], 16) * MICROSECOND, int(found[2], 16)
    except OverflowError:  # a date before the year 1
        return None
