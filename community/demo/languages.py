"""The demo content in one language."""

from types import SimpleNamespace
from typing import Any

from community.demo import content, german

TEXTS: dict[str, dict[str, str]] = {"en": {}, "de": german.TEXTS}
# Lists that are the same in every language: newcomers and adverts, on which the spam filter is tried.
SAME = {"NEWCOMERS", "BROUGHT"}
# Fields with identifiers: "chess" is also the name of a picture.
KEYS = {"username", "picture", "slug", "cover", "key", "who", "to", "link", "zone", "coming", "maybe"}


def content_in(language: str) -> Any:
    """Everything in capitals in content.py. language: "de", "pt-br"; English if there is no translation."""
    texts = TEXTS.get(language.partition("-")[0], {})
    return SimpleNamespace(
        **{
            name: value if name in SAME else _worded(value, texts)
            for name, value in vars(content).items()
            if name.isupper()
        }
    )


def _worded(value: Any, texts: dict[str, str]) -> Any:
    if isinstance(value, str):
        return texts.get(value, value)
    if isinstance(value, tuple):
        names = getattr(value, "_fields", [""] * len(value))
        parts = [one if name in KEYS else _worded(one, texts) for name, one in zip(names, value, strict=True)]
        return value._make(parts) if hasattr(value, "_make") else tuple(parts)
    return [_worded(one, texts) for one in value] if isinstance(value, list) else value
