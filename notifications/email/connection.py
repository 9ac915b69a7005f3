"""A connection to the mail server that knows whether an email was transmitted (docs/decisions/0027)."""

import logging
import smtplib
from collections.abc import Callable
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

logger = logging.getLogger(__name__)


class _CarefulSmtp(smtplib.SMTP):
    """Calls `last_moment` between the server's 354 ("go ahead") and the message itself."""

    last_moment: Callable[[], None] | None = None

    def getreply(self) -> tuple[int, bytes]:
        code, reply = super().getreply()
        if code == 354 and self.last_moment is not None:  # the response to DATA only
            self.last_moment()
        return code, reply


class _CarefulSmtpSsl(smtplib.SMTP_SSL, _CarefulSmtp):
    """The same with TLS from the start."""


class _CarefulBackend(SmtpBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _CarefulSmtpSsl if self.use_ssl else _CarefulSmtp


class MailConnection:
    """A connection to the mail server that tells when an email can no longer be stopped."""

    def __init__(self) -> None:
        backend: BaseEmailBackend = get_connection()
        self.backend = _CarefulBackend() if type(backend) is SmtpBackend else backend
        self.was_handed_over = False

    def open(self) -> None:
        self.backend.open()

    def close(self) -> None:
        try:
            self.backend.close()
        except OSError:
            logger.debug("The connection to the mail server was already closed.")

    def break_off(self) -> None:
        """Close the connection without QUIT, which would become part of an email in transmission."""
        if isinstance(self.backend, _CarefulBackend) and self.backend.connection is not None:
            self.backend.connection.close()
            self.backend.connection = None

    def send(self, mail: EmailMessage, last_moment: Callable[[], None]) -> None:
        """Send an email.

        `last_moment` runs before the message is transmitted; an exception in it prevents that.
        """
        self.was_handed_over = False

        def mark() -> None:
            last_moment()
            self.was_handed_over = True

        if isinstance(self.backend, _CarefulBackend):
            line: Any = self.backend.connection
            line.last_moment = mark
        else:  # files, memory, a provider's API: there is no such moment
            mark()
        self.backend.send_messages([mail])
