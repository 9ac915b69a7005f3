"""Text directions of blocks, such as an English quotation within Arabic text."""

import re
import unicodedata

from markdown_it.token import Token

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff]"
)


def reads_right_to_left_somewhere(text: str) -> bool:
    return _RIGHT_TO_LEFT.search(text) is not None


def _first_strong(text: str) -> str:
    """The direction that browsers derive from dir="auto", by the first letter that has one; "" without.

    See HTML, "auto directionality".
    """
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return ""


def give_directions(tokens: list[Token]) -> None:
    """If a text has letters of a right-to-left script, give each block its own direction.

    A nested block only has the attribute if it differs: a browser that determines the direction of the outer
    one skips blocks that have their own.
    """
    if not any(reads_right_to_left_somewhere(token.content) for token in tokens if token.type == "inline"):
        return
    found: dict[int, str] = {}
    for token, outer in _with_outer(tokens):
        if token.type == "inline" and (
            strong := _first_strong("".join(child.content for child in token.children or []))
        ):
            for block in outer:
                found.setdefault(id(block), strong)
    for token, outer in _with_outer(tokens):
        if token.nesting == 1 and not token.hidden:
            around = next((found[id(block)] for block in reversed(outer) if id(block) in found), "")
            if not outer or found.get(id(token), around) != around:
                token.attrSet("dir", "auto")


def _with_outer(tokens: list[Token]) -> list[tuple[Token, list[Token]]]:
    """Each token with the blocks that contain it, the outermost first."""
    out, outer = list[tuple[Token, list[Token]]](), list[Token]()
    for token in tokens:
        if token.nesting == -1:
            outer = outer[:-1]
        out.append((token, outer))
        if token.nesting == 1:
            outer = [*outer, token]
    return out
