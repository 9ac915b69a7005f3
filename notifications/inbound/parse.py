"""Parses a received message, without the database. The time is limited, whatever the message contains."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr

from notifications.inbound.automatic import REACTION_PART, is_calendar_message, reaction_in, why_automatic
from notifications.inbound.charsets import UNREADABLE, decode
from notifications.inbound.html_text import parts_of_html

# Limits of what is read; no one writes longer emails.
MAX_PARTS = 200
MAX_CHARACTERS = 100_000
LONGEST_HEADER = 2000
LONGEST_HEAD = 256 * 1024
MAX_HEADERS_OF_A_NAME = 20
# An email of REPLY_MAX_BYTES has a third of these lines; parsing more takes Python many seconds.
MAX_LINES, MAX_BOUNDARIES = 400_000, 2_000
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Resent-To")
# Parts of signed or encrypted mail, which do not count as attachments.
SEALS = {
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-keys",
}
PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|heic|heif|avif)$", re.IGNORECASE)
MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,250}>")


@dataclass(frozen=True)
class Attachment:
    """A part besides the text. cid: its name in the HTML; "" for attachments."""

    name: str
    kind: str
    cid: str
    part: Message = field(repr=False)

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, by its type, or by its name if the program did not know the type."""
        return self.kind.startswith("image/") or (
            self.kind == "application/octet-stream" and bool(PICTURE_NAME.search(self.name))
        )

    def content(self) -> bytes:
        found = self.part.get_payload(decode=True)
        return found if isinstance(found, bytes) else b""


@dataclass(frozen=True)
class Head:
    """The headers that tell whether a message is for us."""

    recipients: str
    is_report: bool


@dataclass(frozen=True)
class IncomingEmail:
    """A parsed message. `automatic`: why it counts as automatic; "" if a person wrote it.

    text: the plain text, or that of the HTML if there is none. html_text: that of the HTML if there is also
    plain text. signature: what the HTML marks as a signature; removed from html_text, but not from text.
    verdicts, received: the fields Authentication-Results and Received, the last server first.
    """

    key: str
    message_id: str
    references: str
    subject: str
    sender: str
    recipients: str
    automatic: str
    is_report: bool
    sender_name: str = ""
    reaction: str = ""
    verdicts: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    text: str = field(repr=False, default="")
    html_text: str = field(repr=False, default="")
    signature: str | None = field(repr=False, default=None)
    enclosures: tuple[Attachment, ...] = field(repr=False, default=())

    @property
    def has_attachments(self) -> bool:
        return any(not one.cid for one in self.enclosures)


def read_head(raw: bytes) -> Head:
    """Parse the headers only: most messages that are not for us need no more, however long they are."""
    message = message_from_bytes(_head_of(raw), policy=policy.compat32)
    return Head(recipients=_recipients(message), is_report=message.get_content_type() == "multipart/report")


def is_readable(raw: bytes) -> bool:
    """Whether a message can be parsed in little time."""
    return raw.count(b"\n") <= MAX_LINES and raw.count(b"\n--") <= MAX_BOUNDARIES


def _head_of(raw: bytes) -> bytes:
    end = re.search(rb"\r?\n\r?\n", raw[:LONGEST_HEAD])
    return raw[: end.end() if end else LONGEST_HEAD]


def read_incoming(raw: bytes, *, is_whole: bool = True) -> IncomingEmail:
    """Parse a message, or only its headers if it is incomplete. May raise anything if it is not a message."""
    message = message_from_bytes(
        raw if is_whole and is_readable(raw) else _head_of(raw), policy=policy.compat32
    )
    message_id = header(message, "Message-ID").strip()[:300]
    sender = header(message, "From")
    senders = re.findall(r"<([^<>\s]+@[^<>\s]+)>", sender) or re.findall(
        r"[^\s<>(),;:\"]+@[^\s<>(),;:\"]+", sender
    )
    found = _Body(message)
    return IncomingEmail(
        key=hashlib.sha256(message_id.lower().encode() if message_id else raw).hexdigest(),
        message_id=message_id if MESSAGE_ID.fullmatch(message_id) else "",
        references=" ".join(
            MESSAGE_ID.findall(f"{header(message, 'References')} {header(message, 'In-Reply-To')}")[-10:]
        ),
        subject=readable_header(message, "Subject")[:200],
        sender=senders[0].lower() if len(senders) == 1 else "",
        sender_name=parseaddr(readable_header(message, "From"))[0][:100],
        recipients=_recipients(message),
        automatic=_why_automatic(message) or ("calendar" if found.is_calendar else ""),
        is_report=message.get_content_type() == "multipart/report",
        reaction=found.reaction,
        verdicts=tuple(
            " ".join(str(one)[:LONGEST_HEADER].split())
            for one in message.get_all("Authentication-Results", [])[:MAX_HEADERS_OF_A_NAME]
        ),
        received=tuple(
            " ".join(str(one)[:LONGEST_HEADER].split())
            for one in message.get_all("Received", [])[:MAX_HEADERS_OF_A_NAME]
        ),
        text=found.text[:MAX_CHARACTERS],
        html_text=found.html_text,
        signature=found.signature,
        enclosures=tuple(found.enclosures),
    )


def header(message: Message, name: str) -> str:
    """All fields of that name, as text on one line, up to a limit."""
    # Not get_all(), which returns U+FFFD for each byte of UTF-8, which RFC 6532 allows here.
    values = [value for each, value in message.raw_items() if each.lower() == name.lower()][
        :MAX_HEADERS_OF_A_NAME
    ]
    found = (
        str(value)[:LONGEST_HEADER].encode(errors="surrogateescape").decode(errors="replace")
        for value in values
    )
    return " ".join(" ".join(found).replace("\x00", "").split()).encode(errors="replace").decode()


def readable_header(message: Message, name: str) -> str:
    """The same with encoded words (RFC 2047) decoded."""
    plain = header(message, name)
    try:
        return (
            " ".join(str(make_header(decode_header(plain))).replace("\x00", "").split())
            .encode(errors="replace")
            .decode()
        )
    except (LookupError, ValueError):  # not an encoded word, or of an unknown charset
        return plain


def _recipients(message: Message) -> str:
    return " ".join(header(message, name) for name in RECIPIENTS)


def _why_automatic(message: Message) -> str:
    return why_automatic(
        message, lambda name: readable_header(message, name) if name == "Subject" else header(message, name)
    )


def _parts(message: Message) -> Iterator[Message]:
    """The leaves, in order. A message within a message is a leaf, since someone else wrote it."""
    waiting = [message]
    for _number in range(MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting += [one for one in reversed(inner) if isinstance(one, Message)]
        else:
            yield part


class _Body:
    """The text of a message, and its other parts. Plain text is preferred to HTML."""

    def __init__(self, message: Message) -> None:
        plain: list[str] = []
        html: list[str] = []
        self.enclosures: list[Attachment] = []
        self.reaction = ""
        self.is_calendar = False
        for part in _parts(message):
            kind = part.get_content_type()
            is_attached = part.get_content_disposition() == "attachment"
            if kind == REACTION_PART:
                self.reaction = reaction_in(part)
            elif is_calendar_message(part):
                self.is_calendar = True
            elif is_attached or kind not in {"text/plain", "text/html"}:
                self._enclose(part, kind)
            elif kind == "text/plain":
                plain.append(_plain(part))
            else:
                html.append(_decoded(part))
        in_html, self.signature = parts_of_html("\n".join(html)) if html else ("", None)
        self.text = "\n".join(plain)
        self.html_text = in_html if self.text.strip() else ""
        if not self.text.strip():
            self.text = in_html

    def _enclose(self, part: Message, kind: str) -> None:
        if kind in SEALS or (part.is_multipart() and not part.get_content_type().startswith("message/")):
            return
        cid = (
            header(part, "Content-ID").strip("<> ")
            if part.get_content_disposition() != "attachment" or kind.startswith("image/")
            else ""
        )
        self.enclosures.append(Attachment(_name_of(part), kind, cid, part))


def _name_of(part: Message) -> str:
    try:
        name = str(make_header(decode_header(part.get_filename() or "")))
    except (LookupError, ValueError):
        name = ""
    return " ".join(name.replace("\x00", "").split()).encode(errors="replace").decode()[:100]


def _plain(part: Message) -> str:
    text = _decoded(part)
    is_flowed = str(part.get_param("format", "")).lower() == "flowed"
    return unflow(text, is_joined=str(part.get_param("delsp", "")).lower() == "yes") if is_flowed else text


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload[: 4 * MAX_CHARACTERS] if isinstance(payload, bytes) else b""
    if (
        str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64"
        and data[:2000].strip()
        and data[:2000] == _as_sent(part)[:2000]
    ):
        return UNREADABLE  # Python returns what it could not decode
    is_whole = not isinstance(payload, bytes) or len(payload) == len(data)
    return (
        decode(data, str(part.get_content_charset() or "utf-8"), is_whole=is_whole)
        .replace("\x00", "")
        .replace("\r\n", "\n")[:MAX_CHARACTERS]
    )


def _as_sent(part: Message) -> bytes:
    sent = part.get_payload()
    return sent.encode("ascii", errors="replace") if isinstance(sent, str) else b""


def unflow(text: str, *, is_joined: bool) -> str:
    """Unwrap lines (RFC 3676, format=flowed): a space at the end means that the next line continues it."""
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
