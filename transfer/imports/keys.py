"""Keys of imported rows, by which a second import recognises them."""

import hashlib

# Post.source_key and Comment.source_key hold 200 characters.
LONGEST = 80


def source_key(system: str, blog: str, kind: str, key: str) -> str:
    """The key, which is the same in every export of the same blog.

    Comment.old_anchor reads the number at its end.
    """
    return f"{system}:{_short(blog)}:{kind}:{_short(key)}"


def _short(text: str) -> str:
    text = text.replace("\x00", "")
    return text if len(text) <= LONGEST else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
