"""Adverts without link in nine languages, and genuine comments about the same subjects.

A spam line is "kind: text"; "⏎" stands for a line break.
"""

from pathlib import Path


def texts_in(name: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Genuine comments, and spam as (kind, text), in a language."""
    text = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8").replace("⏎", "\v")
    genuine, spam = text.removeprefix("# genuine\n").split("\n# spam\n")
    lines = [line.replace("\v", "\n").partition(": ") for line in spam.strip("\n").split("\n")]
    return [line.replace("\v", "\n") for line in genuine.split("\n")], [
        (kind, text) for kind, _, text in lines
    ]
