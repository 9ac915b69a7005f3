"""Inputs that are slow to process, for tests (which check the result) and `make bench` (how the time grows)."""

HTML = [
    "<b id={}>", "<div>", "<a href=x><p>", "<blockquote>", "<font><table><tr><td>", "<li>", "<p ", "a=1 ", "<span class=gmail_quote>",
    "<img src='cid:x'>", "&nbsp;", "<a href='https://x.example/'>x", "<p><b><i><u>x",
]  # fmt: skip
MAIL = {
    "many parts": (b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n\nx\n"),
    "a long header": (b"From: ", b"("),
    "many headers": (b"", b"To: a@example.org\n"),
    "words of no character set": (b"Content-Type: text/plain; charset=punycode\n\n", b"a-"),
    "blank lines": (b"", b"\n"),
    "colons": (b"\n", b"a: 12:30:\n"),
    "quotes": (b"\n", b"> "),
    "one long line": (b"\n", b"On 12:30 "),
    "open tags": (b"Content-Type: text/html\n\n", b"<a "),
    "open comments": (b"Content-Type: text/html\n\n", b"<!--"),
    "open marks": (b"Content-Type: text/html\n\n", b"<!"),
}
PAGES = ["<", "<a ", '<a b="', "<!--", "</", "<!", "<![", "&#1", "<a =", "<script>", "</script "]
TEXTS = ["a", "a ", "a.", "a@", "1 ", "{a|", "http://", '<a href="', "[url=", "%a_", "\u200b", "e\u0301", "\u0336", "𝐚", "ﷺ", "🎰", "аa ", "-1", "a.com ", "check out my ", "\ud83d", "\x00", ">> ", "中", "अ्"]  # fmt: skip


def repeated(piece: str, length: int) -> str:
    """Repeat the piece up to that many characters; `{}` in it becomes a new number each time."""
    if "{}" in piece:
        return "".join(piece.format(number) for number in range(length // len(piece) + 1))[:length]
    return (piece * length)[:length]


def mail(kind: str, length: int) -> bytes:
    head, piece = MAIL[kind]
    return head + (piece * length)[:length]
