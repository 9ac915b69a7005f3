"""What the tests of posts by email share."""

import re
from typing import Any

from django.core.mail import EmailMessage

from notifications.email.delivery import fan_out_next, gather, send_some
from notifications.email.mailings import write_next_batch
from notifications.models import Subscriber


def subscribe(email: str, **fields: Any) -> Subscriber:
    """Somebody who has confirmed, one way or another."""
    return Subscriber.objects.create(email=email, **fields)


def work_off() -> None:
    """All that the worker would do now."""
    while fan_out_next() + gather() + write_next_batch() + send_some():
        pass


def link_in(message: EmailMessage, part: str) -> str:
    """The path of the first link with that in it."""
    found = re.search(rf"http://testserver(\S*{part}\S*)", str(message.body))
    assert found, message.body
    return found[1]


def one_click(message: EmailMessage) -> str:
    """Where an email program posts to when its user clicks "Unsubscribe" (RFC 8058)."""
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return message.extra_headers["List-Unsubscribe"].removeprefix("<http://testserver").removesuffix(">")
