"""A message as it arrived, taken apart. Nothing here knows the database; whatever somebody sends, it ends soon."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message
from html.parser import HTMLParser

from core.markup import well_formed

# What is looked at: everything beyond is no letter that somebody wrote.
MOST_PARTS = 200
MOST_CHARACTERS = 100_000
LONGEST_HEADER = 2000
MOST_HEADERS_OF_A_NAME = 20
# Character sets of texts. Others that Python knows are no such thing, or take their time.
CHARSETS = (
    "utf-8",
    "utf8",
    "utf-16",
    "us-ascii",
    "ascii",
    "iso-8859",
    "latin",
    "windows-",
    "cp",
    "koi8",
    "gb",
    "big5",
    "euc-",
    "shift_jis",
    "iso-2022-jp",
)
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Resent-To")
# Signed or encrypted mail carries these; nobody thinks of them as attachments.
SEALS = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-keys"}


@dataclass(frozen=True)
class Incoming:
    """What counts about a message. `automatic`: why no person sent it, in a word; "" for what a person wrote."""

    key: str
    message_id: str
    references: str
    subject: str
    sender: str
    recipients: str
    automatic: str
    is_report: bool
    text: str = field(repr=False, default="")
    has_attachments: bool = False


def read_incoming(raw: bytes) -> Incoming:
    """Take a message apart. May raise anything for what is no message: the caller sets it aside."""
    message = message_from_bytes(raw, policy=policy.compat32)
    message_id = header(message, "Message-ID").strip()[:300]
    sender = header(message, "From")
    senders = re.findall(r"<([^<>\s]+@[^<>\s]+)>", sender) or re.findall(r"[^\s<>(),;:\"]+@[^\s<>(),;:\"]+", sender)
    text, has_attachments = _words(message)
    return Incoming(
        key=hashlib.sha256(message_id.lower().encode() if message_id else raw).hexdigest(),
        message_id=message_id if re.fullmatch(r"<[!-;=?-~]{3,250}>", message_id) else "",
        references=" ".join(re.findall(r"<[!-;=?-~]{3,250}>", header(message, "References"))[-10:]),
        subject=header(message, "Subject")[:200],
        sender=senders[0].lower() if len(senders) == 1 else "",
        recipients=" ".join(header(message, name) for name in RECIPIENTS),
        automatic=why_automatic(message),
        is_report=message.get_content_type() == "multipart/report",
        text=text,
        has_attachments=has_attachments,
    )


def header(message: Message, name: str) -> str:
    """All fields of that name, as text on one line, as far as they are looked at."""
    found = (str(value)[:LONGEST_HEADER] for value in message.get_all(name, [])[:MOST_HEADERS_OF_A_NAME])
    return " ".join(" ".join(found).replace("\x00", "").split()).encode(errors="replace").decode()


def why_automatic(message: Message) -> str:
    """Why a message is an answer of a machine, or goes to many (RFC 3834, RFC 2919, RFC 5321 for the empty return path)."""
    if message.get_content_type() == "multipart/report":
        return "report"
    submitted = header(message, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return "Auto-Submitted"
    if header(message, "Precedence").lower() in {"bulk", "junk", "list", "auto_reply"}:
        return "Precedence"
    if header(message, "Return-Path").replace(" ", "") == "<>":
        return "Return-Path"
    for name in ("List-Id", "List-Unsubscribe", "X-Loop", "X-Autoreply", "X-Autorespond", "X-Failed-Recipients"):
        if name in message:
            return name
    if re.search(r"(?:^|<)(?:mailer-daemon|postmaster|no-?reply|bounces?)@", header(message, "From"), re.IGNORECASE):
        return "From"
    return ""


def _parts(message: Message) -> Iterator[Message]:
    """The leaves, in order. A message inside a message is a leaf: it is somebody else's."""
    waiting = [message]
    for _number in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting += [one for one in reversed(inner) if isinstance(one, Message)]
        else:
            yield part


def _words(message: Message) -> tuple[str, bool]:
    """(the text, whether something is attached). Plain text is taken before HTML."""
    plain: list[str] = []
    html: list[str] = []
    has_attachments = False
    for part in _parts(message):
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or kind not in {"text/plain", "text/html"}:
            is_in_the_text = part.get_content_disposition() != "attachment" and "Content-ID" in part
            has_attachments = has_attachments or not (is_in_the_text or kind in SEALS)
        elif kind == "text/plain":
            text = _decoded(part)
            is_flowed = str(part.get_param("format", "")).lower() == "flowed"
            plain.append(unflow(text, is_joined=str(part.get_param("delsp", "")).lower() == "yes") if is_flowed else text)
        else:
            html.append(_decoded(part))
    text = "\n".join(plain)
    if not text.strip() and html:
        text = text_of_html(html[0])
    return text[:MOST_CHARACTERS], has_attachments


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload[: 4 * MOST_CHARACTERS] if isinstance(payload, bytes) else b""
    charset = (part.get_content_charset() or "utf-8").lower()
    try:
        text = data.decode(charset if charset.startswith(CHARSETS) else "utf-8", errors="replace")
    except (LookupError, ValueError):
        text = data.decode("utf-8", errors="replace")
    return text.replace("\x00", "").replace("\r\n", "\n")[:MOST_CHARACTERS]


def unflow(text: str, *, is_joined: bool) -> str:
    """Lines as they were before they were broken for the way (RFC 3676): a blank at the end says that the next one goes on."""
    lines: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        bare = line.lstrip(">")
        quotes = line[: len(line) - len(bare)]
        bare = bare.removeprefix(" ") if not quotes else bare
        if goes_on and lines and bare not in {"-- ", "--"} and not quotes:
            lines[-1] += bare
        else:
            lines.append(quotes + bare)
        goes_on = bare.endswith(" ") and bare != "-- " and not quotes
        if goes_on and is_joined:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


# --- HTML alone -----------------------------------------------------------------

BLOCKS = {"p", "div", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article", "blockquote", "center", "hr"}
# By these, mail programs mark the mail that is quoted.
QUOTE_CLASSES = {"gmail_quote", "gmail_quote_container", "gmail_attr", "gmail_signature", "moz-cite-prefix", "moz-signature", "yahoo_quoted", "protonmail_quote", "protonmail_signature_block", "zmail_extra", "OutlookMessageHeader"}  # fmt: skip
# From here to the end everything is quoted.
QUOTE_STARTS = {"divRplyFwdMsg", "appendonsend", "x_divRplyFwdMsg", "mail-editor-reference-message-container", "ms-outlook-mobile-signature"}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.skipped = ""
        self.depth = 0
        self.is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.is_over:
            return
        if self.skipped:
            self.depth += tag == self.skipped
            return
        values = {name: value or "" for name, value in attrs}
        if values.get("id") in QUOTE_STARTS:
            self.is_over = True
        elif (tag == "blockquote" and values.get("type") == "cite") or QUOTE_CLASSES.intersection(values.get("class", "").split()):
            self.skipped, self.depth = tag, 1
        elif tag == "br":
            self.pieces.append("\n")
        elif tag == "li":
            self.pieces.append("\n- ")
        elif tag in BLOCKS:
            self.pieces.append("\n\n" if tag in {"p", "blockquote", "ul", "ol", "pre", "hr"} else "\n")

    def handle_endtag(self, tag: str) -> None:
        if self.skipped:
            self.depth -= tag == self.skipped
            if not self.depth:
                self.skipped = ""
        elif tag in BLOCKS:
            self.pieces.append("\n\n" if tag == "p" else "\n")

    def handle_data(self, data: str) -> None:
        if not (self.skipped or self.is_over):
            # Line breaks of the source mean nothing; those of <br> and blocks are put in by themselves.
            self.pieces.append(re.sub(r"\s+", " ", data))


def text_of_html(html: str) -> str:
    """The words of a mail that has no plain text, without what its mail program marks as quoted."""
    parser = _Text()
    parser.feed(well_formed(html))
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
