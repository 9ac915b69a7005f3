"""Helpers for the tests of posts by email."""

import re
from typing import Any

from django.core.mail import EmailMessage

from notifications.email.delivery import fan_out_next, gather, send_some
from notifications.email.mailings import write_next_batch
from notifications.models import Subscriber


def subscribe(email: str, **fields: Any) -> Subscriber:
    """Create a confirmed subscriber."""
    return Subscriber.objects.create(email=email, **fields)


def work_off() -> None:
    """Run all tasks that are due."""
    while fan_out_next() + gather() + write_next_batch() + send_some():
        pass


def link_in(message: EmailMessage, part: str) -> str:
    """Return the path of the first link that contains `part`."""
    found = re.search(rf"http://testserver(\S*{part}\S*)", str(message.body))
    assert found, message.body
    return found[1]


def one_click(message: EmailMessage) -> str:
    """Return where a mail program sends its POST when its user clicks "Unsubscribe" (RFC 8058)."""
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return message.extra_headers["List-Unsubscribe"].removeprefix("<http://testserver").removesuffix(">")
