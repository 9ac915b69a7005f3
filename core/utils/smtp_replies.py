"""The meaning of a mail server's refusal (RFC 5321, section 4.2; enhanced codes: RFC 3463)."""

import re
import smtplib
from dataclasses import dataclass

# "550 5.1.1 no such user", "552 5.2.2 mailbox full": about the recipient. "550 5.7.1 blocked" is about us.
ABOUT_THE_READER = re.compile(r"\b5\.[12]\.\d{1,3}\b")
ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
# Raised before any email was offered: wrong settings or an outage, unrelated to the email.
BEFORE_THE_MAIL = (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError)


@dataclass(frozen=True)
class Refusal:
    """A refusal by a mail server.

    `words` may contain an address: for records, never for logs (see `codes`).
    """

    code: int
    words: str
    is_for_good: bool
    is_about_reader: bool

    @property
    def codes(self) -> str:
        """The codes alone, for logs: "550 5.1.1"."""
        enhanced = ENHANCED.search(self.words)
        return f"{self.code} {enhanced[0]}" if enhanced else str(self.code)

    def __str__(self) -> str:
        return f"{self.code} {self.words}"


def refusal_of(error: Exception) -> Refusal | None:
    """The server's refusal, or None if it sent none: the connection broke, or was never made."""
    reply: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, reply = error.smtp_code, error.smtp_error
    else:
        return None
    words = reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)
    is_for_good = code >= 500 and not isinstance(error, BEFORE_THE_MAIL)
    names_reader = bool(ABOUT_THE_READER.search(words)) or (
        isinstance(error, smtplib.SMTPRecipientsRefused)
        and code in {550, 551, 553}
        and not ENHANCED.search(words)
    )
    return Refusal(code, words, is_for_good, is_for_good and names_reader)


def log_text(error: Exception) -> str:
    """An error in sending, without what a mail server may quote: addresses and names."""
    refusal = refusal_of(error)
    kind = type(error).__name__
    if refusal is not None:
        return f"{kind}: {refusal.codes}"
    return (
        f"{kind}: {error}"
        if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)
        else kind
    )
