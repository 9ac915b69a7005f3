"""Syntax highlighting in code blocks of posts, added when a page is rendered. Stored HTML has none."""

import html
import re
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String
from pygments.util import ClassNotFound

# As written by clean_post_html.
BLOCK = re.compile(r'(<pre><code class="language-([a-z0-9+#.-]{1,30})">)([^<]*)(</code></pre>)', re.ASCII)
# Longer code is not highlighted.
MAX_CHARACTERS = 20_000
# The kinds that css/blocks.css has a colour for, the more specific first.
KINDS = (
    (Comment, 'class="c-comment"'),
    (Keyword, 'class="c-keyword"'),
    (Operator.Word, 'class="c-keyword"'),
    (String, 'class="c-string"'),
    (Number, 'class="c-number"'),
    (Name.Tag, 'class="c-keyword"'),
    (Name.Function, 'class="c-name"'),
    (Name.Class, 'class="c-name"'),
    (Name.Attribute, 'class="c-name"'),
    (Name.Decorator, 'class="c-name"'),
    (Name.Builtin, 'class="c-name"'),
)


def with_colours(clean_html: str) -> str:
    """Add spans by kind of token to the code in a post. Unknown languages stay as they are."""
    if '<pre><code class="language-' not in clean_html:
        return clean_html
    return BLOCK.sub(lambda block: f"{block[1]}{_coloured(block[3], block[2])}{block[4]}", clean_html)


@lru_cache(maxsize=256)
def _coloured(escaped: str, language: str) -> str:
    if len(escaped) > MAX_CHARACTERS:
        return escaped
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escaped
    pieces: list[str] = []
    tokens = (
        (_kind(token) if text.strip() else "", text) for token, text in lex(html.unescape(escaped), lexer)
    )
    for kind, parts in groupby(tokens, key=itemgetter(0)):
        plain = html.escape("".join(text for _kind_of_it, text in parts), quote=False)
        pieces.append(f"<span {kind}>{plain}</span>" if kind else plain)
    return "".join(pieces)


def _kind(token: Any) -> str:
    return next((name for kind, name in KINDS if token in kind), "")
