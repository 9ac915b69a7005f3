"""Text typed without Markdown in mind is displayed as typed, and intended Markdown is understood."""

import html
import re

import pytest

from core.markup.comments import render_markdown


def shown(typed: str) -> str:
    """Return the paragraphs of a comment as lines of text."""
    return "\n\n".join(
        html.unescape(re.sub(r"<br>\n?", "\n", part))
        for part in re.findall(r"<p>(.*?)</p>", render_markdown(typed).html, re.DOTALL)
    )


AS_TYPED = [
    # sums and measures
    "5*3*2 m",
    "3*4=12, 4*5=20",
    "2 * 3 * 4",
    "2**3**4",
    "x*y = 3*z",
    "p*2+q*3",
    "(2+3)*4*(5)",
    "5*(3+2)*4 and 6*(2)",
    "3 * 4 = 12 * 1",
    "*1 *2",
    "5'*3'*2'",
    "f(x)=x^2",
    "~5 minutes ~10",
    "~~5 ~~10",
    "$5 and $10",
    "-5 degrees",
    "+1",
    "+ 5",
    "- 5",
    "#1",
    # years, dates and numbers
    "1986. A great year.",
    "1986. A great year.\n1987. A bad one.",
    "24. Dezember",
    "1. Mai war schön",
    "007. Bond",
    "100. Person",
    "1) first",
    "Year:\n1986. A great year.",
    # emoticons
    r"¯\_(ツ)_/¯",
    "¯_(ツ)_/¯",
    ">_<",
    ">.<",
    ">:(",
    ">:-)",
    ">w<",
    "><>",
    "^_^ and ^_^",
    "-_- and -_-",
    "T_T and o_O",
    ">_> <_<",
    "*_*",
    "(*_*)",
    "(*^_^*)",
    ":-* kisses :-*",
    ":* :*",
    "<3",
    ":>",
    r"\o/ \(^o^)/ \_/",
    "(╯°□°)╯︵ ┻━┻",
    # names and paths
    "a_b_c",
    "snake_case_names",
    "__init__.py and __main__.py",
    "_foo_.bar",
    r"c:\temp\new",
    r"C:\_backup\.git\*.*",
    r"\\server\share\_x",
    "*.* and *.py",
    "a*b*c",
    "M*A*S*H",
    "A* search and B* trees",
    "f*ck and sh*t",
    "f**k and s**t",
    "Student*innen und Lehrer*innen",
    "char *p, *q;",
    "**kwargs and *args",
    # characters that stand alone or at the beginning
    "* without tax",
    "*footnote",
    "Price 5 *\n\n* without tax",
    "#hashtag",
    ">50 people came",
    ">=5",
    ">",
    ">>",
    "-",
    "*",
    "1.",
    "```",
    "~~~",
    "~~~ yes ~~~",
    "``` that is it",
    "_ _ _ _",
    "===",
    "Title\n=====",
    "-- dash",
    # what looks like other markup
    "&amp; and &copy;",
    "<b>bold</b>",
    "[sic]",
    "[x] done",
    "(c) 2024",
    "<user@example.org>",
    "||spoiler||",
    "==marked==",
]


def test_what_is_no_markup_comes_out_as_typed():
    assert {typed: shown(typed) for typed in AS_TYPED} == {typed: typed for typed in AS_TYPED}


# The others start a block if more text follows.
IN_A_LINE = [
    case
    for case in AS_TYPED
    if "\n" not in case and case not in {">", ">>", "-", "*", "1.", "```", "~~~", "==="}
]


@pytest.mark.parametrize("around", ["Well: {}", "{} he said", "So, {}, then", "“{}”"])
def test_also_among_other_text(around):
    texts = [around.format(typed) for typed in IN_A_LINE]
    assert {text: shown(text) for text in texts} == {text: text for text in texts}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("*it*", "<p><em>it</em></p>"),
        ("_it_", "<p><em>it</em></p>"),
        ("(*it*)", "<p>(<em>it</em>)</p>"),
        ("“_it_”, he", "<p>“<em>it</em>”, he</p>"),
        ("he said *no*!", "<p>he said <em>no</em>!</p>"),
        ("*no*, **never**.", "<p><em>no</em>, <strong>never</strong>.</p>"),
        ("__both__ ***all***", "<p><strong>both</strong> <em><strong>all</strong></em></p>"),
        ("**!** *?*", "<p><strong>!</strong> <em>?</em></p>"),
        ("**H**yper**T**ext", "<p><strong>H</strong>yper<strong>T</strong>ext</p>"),
        ("un**believ**able", "<p>un<strong>believ</strong>able</p>"),
        ("中*文*字 **重点。**然后", "<p>中<em>文</em>字 <strong>重点。</strong>然后</p>"),
        ("см. _это_.", "<p>см. <em>это</em>.</p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        (r"\*not\* \_this\_", "<p>*not* _this_</p>"),
        (r"snake\_case \#5 \@ann 1\. x \$5", "<p>snake_case #5 @ann 1. x $5</p>"),
        (r"¯\\\_(ツ)\_/¯", r"<p>¯\_(ツ)_/¯</p>"),
        (r"C:\\temp\\new and \\\\server\\share\\\_x", r"<p>C:\temp\new and \\server\share\_x</p>"),
        (r"**c:\temp**", r"<p><strong>c:\temp</strong></p>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        (">said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        (">“Said”", "<blockquote>\n<p>“Said”</p>\n</blockquote>"),
        (">*said*", "<blockquote>\n<p><em>said</em></p>\n</blockquote>"),
        (">\n> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("> a\n>50 b", "<blockquote>\n<p>a<br>\n50 b</p>\n</blockquote>"),
        ("- one", "<ul>\n<li>one</li>\n</ul>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("* one\n* two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("- 5 eggs\n- 2 leeks", "<ul>\n<li>5 eggs</li>\n<li>2 leeks</li>\n</ul>"),
        ("- a\n  * b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("3) c\n4) d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
        ("1. a\n1. b\n1. c", "<ol>\n<li>a</li>\n<li>b</li>\n<li>c</li>\n</ol>"),
        (
            "1. a\n3. c\n4. d\n9. i",
            '<ol>\n<li>a</li>\n<li value="3">c</li>\n<li>d</li>\n<li value="9">i</li>\n</ol>',
        ),
        ("1. a\n\n   more", "<ol>\n<li>\n<p>a</p>\n<p>more</p>\n</li>\n</ol>"),
        ("---", "<hr>"),
        ("* * *", "<hr>"),
        ("```py\nx = '*'\n```", "<pre><code>x = '*'\n</code></pre>"),
        ("~~~\nx\n~~~", "<pre><code>x\n</code></pre>"),
    ],
)
def test_markdown_that_is_meant_is_understood(typed, expected):
    assert render_markdown(typed).html == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("So\n* without tax\nthen", "<p>So</p>\n<p>* without tax<br>\nthen</p>"),
        ("> * without tax", "<blockquote>\n<p>* without tax</p>\n</blockquote>"),
        (
            "* [x](https://a.example) and *this*",
            '<p>* <a href="https://a.example" rel="nofollow ugc noopener">x</a> and <em>this</em></p>',
        ),
        ("So\n>_<\nthen", "<p>So<br>\n&gt;_&lt;<br>\nthen</p>"),
    ],
)
def test_so_it_does_between_other_blocks(typed, expected):
    assert render_markdown(typed).html == expected
