"""Whether an email's sender is authentic, by our mail server's verdict (RFC 8601) or by a known route.

When a notification is forwarded, its recipients learn the signed address and the sender's address, so they
could forge both. They cannot forge the verdict of our own server, or know the Message-ID of our notification,
which only replies to it contain.
"""

import re
from enum import StrEnum

from django.conf import settings

from comments.models import Comment
from notifications.inbound.parse import IncomingEmail
from notifications.models import OutgoingEmail, ReplyMail

COMMENT = re.compile(r"\([^()]*\)")
HOST = r"([a-z0-9](?:[a-z0-9-]{0,62}\.)+[a-z]{2,63}|(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63})"
CAME_FROM = re.compile(rf"from\s+{HOST}\.?(?:\s*\({HOST})?", re.IGNORECASE)
CAME_BY = re.compile(rf"\bby\s+{HOST}", re.IGNORECASE)


class Trust(StrEnum):
    PROVED = "proved"
    UNPROVED = "unproved"
    FORGED = "forged"


def trust_in(incoming: IncomingEmail, member_pk: int, route: str) -> Trust:
    """How authentic the sender's address is. Only the verdict of our own server makes it forged."""
    verdict = _verdict(incoming)
    if verdict == "pass":
        return Trust.PROVED
    if verdict == "fail":
        return Trust.FORGED if settings.REPLY_AUTHSERV_ID else Trust.UNPROVED
    return Trust.PROVED if _is_known(incoming, member_pk, route) else Trust.UNPROVED


def _is_known(incoming: IncomingEmail, member_pk: int, route: str) -> bool:
    if not incoming.received:  # no server relayed it: it was written on this machine
        return True
    if OutgoingEmail.objects.filter(member=member_pk, message_id__in=incoming.references.split()).exists():
        return True
    return ReplyMail.objects.filter(
        member=member_pk, route=route, comment__status=Comment.Status.PUBLIC
    ).exists()


def route_of(incoming: IncomingEmail) -> str:
    """The sender's address, and the domain of the server that delivered the email, as recorded by ours."""
    for line in incoming.received:
        came, by = CAME_FROM.search(line), CAME_BY.search(line)
        host = (came[2] or came[1]).lower() if came else ""
        if host and _domain(host) != (_domain(by[1].lower()) if by else ""):
            return f"{incoming.sender} {_domain(host)}"[:200]
    return incoming.sender[:200]


def _domain(host: str) -> str:
    labels = host.rstrip(".").split(".")
    is_second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if is_second_level else -2 :])


def _verdict(incoming: IncomingEmail) -> str:
    """ "pass", "fail", or "" if nothing was checked.

    Without REPLY_AUTHSERV_ID only a failure in the topmost field counts, since no one forges that.
    """
    ours = settings.REPLY_AUTHSERV_ID.lower()
    fields = [COMMENT.sub(" ", one).lower() for one in incoming.verdicts]
    if not ours:
        return "fail" if fields and _results(fields[0]).get("dmarc", ("",))[0] == "fail" else ""
    results: dict[str, tuple[str, str]] = {}
    for one in fields:
        if (one.split(";")[0].split() or [""])[0] == ours:
            results = {**_results(one), **results}
    if "dmarc" in results and results["dmarc"][0] in {"pass", "fail"}:
        return results["dmarc"][0]
    domain = _domain(incoming.sender.rpartition("@")[2])
    has_seal = any(
        results.get(method, ("", ""))[0] == "pass" and _domain(results[method][1]) == domain
        for method in ("dkim", "spf")
    )
    return "pass" if has_seal else ""


def _results(one: str) -> dict[str, tuple[str, str]]:
    """The result and the checked domain of each method. If a method has several results, one that passed."""
    found: dict[str, tuple[str, str]] = {}
    for part in one.split(";")[1:]:
        result = re.match(r"\s*([a-z0-9-]+)(?:/\d+)?\s*=\s*([a-z]+)", part)
        if result and found.get(result[1], ("",))[0] != "pass":
            looked_at = re.search(
                r"(?:header\.d|header\.i|smtp\.mailfrom|header\.from)\s*=\s*\"?(?:[^\s@\"]*@)?([a-z0-9.-]+)",
                part,
            )
            found[result[1]] = (result[2], looked_at[1] if looked_at else "")
    return found
