"""Text blocks shared by several posts ("synced patterns", formerly "reusable blocks").

Each is an item of its own in the export.
"""

import re

REUSED_BLOCK = re.compile(r'<!--\s*wp:block\s+\{"ref":([0-9]{1,15})\b[^>]{0,1000}-->', re.ASCII)
# The limits of a text with its nested blocks.
MAX_CHARACTERS, DEEPEST = 5_000_000, 3


def with_reused(source: str, reused: dict[int, str], above: frozenset[int] = frozenset()) -> str:
    """Insert the shared blocks into a text. They may contain others, except those around them (above)."""
    if not (reused and "wp:block" in source and len(above) < DEEPEST):
        return source
    most = MAX_CHARACTERS - len(source)

    def part(found: re.Match[str]) -> str:
        nonlocal most
        number = int(found[1])
        if most <= 0 or number in above or not (inside := reused.get(number, "")):
            return found[0]
        inside = with_reused(inside, reused, above | {number})
        most -= len(inside)
        return inside if most > 0 else found[0]

    return REUSED_BLOCK.sub(part, source)
