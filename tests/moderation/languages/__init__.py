"""Typical comments on blogs in nine languages, to test an untrained filter. Never edited to suit it."""

from pathlib import Path

NAMES = ["ar", "de", "en", "es", "fr", "ja", "pt", "ru", "zh"]


def comments_in(name: str) -> tuple[list[str], list[str]]:
    """Genuine comments and spam in a language."""
    text = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8")
    genuine, spam = text.removeprefix("# genuine\n").split("\n# spam\n")
    return genuine.splitlines(), spam.splitlines()
