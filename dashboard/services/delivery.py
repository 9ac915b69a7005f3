"""Whether emails of this site are likely to arrive, from the DNS records of its domain.

RFC 7208 (SPF), RFC 6376 (DKIM), RFC 7489 (DMARC), RFC 1912 section 2.1 (reverse DNS).
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.tasks.periodic import periodic
from core.utils.http_client import is_public
from core.utils.urls import mail_domain

GOOD, WARN, BAD = "good", "warn", "bad"
KEPT, KEPT_SECONDS = "email-delivery", 3 * 86_400
SECONDS = 5.0

# By code: the severity, the finding, and what to do.
WORDS: dict[str, tuple[str, str | Promise, str | Promise]] = {
    "spf": (GOOD, _("SPF: %(domain)s says which servers may send for it."), ""),
    "spf-none": (
        BAD,
        _("SPF: %(domain)s doesn’t say which servers may send for it."),
        _(
            "Add a TXT record as your mail provider shows it, such as “v=spf1 include:spf.provider.example -all”."
        ),
    ),
    "spf-several": (
        BAD,
        _("SPF: %(domain)s has several records, so none counts."),
        _("Join them into one TXT record that begins with “v=spf1”."),
    ),
    "spf-open": (
        BAD,
        _("SPF: the record of %(domain)s allows every server to send for it."),
        _("End it with “-all” or “~all”."),
    ),
    "dkim": (GOOD, _("DKIM: the key %(selector)s of %(domain)s is published."), ""),
    "dkim-none": (
        BAD,
        _("DKIM: there’s no key %(selector)s at %(domain)s."),
        _("Publish the record that your mail provider shows, and check DKIM_SELECTORS."),
    ),
    "dkim-unknown": (
        WARN,
        _("DKIM: we can’t check the key of your mail server, because its name isn’t set."),
        _("Set DKIM_SELECTORS to the name before “._domainkey” in the record of your mail provider."),
    ),
    "dmarc": (GOOD, _("DMARC: %(domain)s has a policy (%(policy)s)."), ""),
    "dmarc-none": (
        WARN,
        _(
            "DMARC: %(domain)s has no policy. Large providers expect one from anyone who sends a lot of email."
        ),
        _("Add a TXT record at _dmarc.%(domain)s, such as “v=DMARC1; p=none; rua=mailto:you@%(domain)s”."),
    ),
    "mx": (GOOD, _("%(domain)s accepts email, so replies and bounces arrive."), ""),
    "mx-none": (
        WARN,
        _("%(domain)s accepts no email: replies and bounces are lost."),
        _("Add an MX record, or send from an address that can be written to (DEFAULT_FROM_EMAIL)."),
    ),
    "reverse": (GOOD, _("Reverse DNS: %(address)s is called %(name)s, and %(name)s leads back to it."), ""),
    "reverse-none": (
        BAD,
        _("Reverse DNS: %(address)s, from which email is sent, has no name that leads back to it."),
        _("Ask your hosting provider for a PTR record, or send through a mail provider."),
    ),
    "away": (
        WARN,
        _("The name server doesn’t respond, so we don’t know whether emails arrive."),
        _("Run “manage.py check_email_delivery” on the server."),
    ),
}


@dataclass(frozen=True)
class Found:
    """A finding: a code of WORDS, and the values for its sentences."""

    code: str
    values: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """GOOD, WARN or BAD."""
        return WORDS[self.code][0]

    @property
    def text(self) -> str:
        return str(WORDS[self.code][1]) % self.values

    @property
    def advice(self) -> str:
        return str(WORDS[self.code][2]) % self.values


class NameServerUnavailable(Exception):
    """No name server responded."""


Ask = Callable[[str, str], list[str]]


def query_names(name: str, kind: str) -> list[str]:
    """DNS records as text, without quotes. Raises NameServerUnavailable."""
    import dns.exception  # noqa: PLC0415 - used once a day
    import dns.resolver  # noqa: PLC0415

    try:
        answer = dns.resolver.resolve(name, kind, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise NameServerUnavailable(str(error)) from error
    if kind == "TXT":
        return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]
    return [row.to_text().rstrip(".") for row in answer]


def look(ask: Ask = query_names) -> list[Found]:
    """Check the sender's domain. Each query that times out takes some seconds."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or mail_domain()
    try:
        return [_spf(ask, domain), *_dkim(ask, domain), _dmarc(ask, domain), _mx(ask, domain), *_reverse(ask)]
    except NameServerUnavailable:
        return [Found("away")]


def _spf(ask: Ask, domain: str) -> Found:
    records = [text for text in ask(domain, "TXT") if re.match(r"v=spf1(?:\s|$)", text, re.IGNORECASE)]
    if len(records) != 1:
        return Found("spf-several" if records else "spf-none", {"domain": domain})
    is_open = re.search(r"(?:^|\s)\+?all(?:\s|$)", records[0], re.IGNORECASE)
    return Found("spf-open" if is_open else "spf", {"domain": domain})


def _dkim(ask: Ask, domain: str) -> list[Found]:
    if not settings.DKIM_SELECTORS:
        return [Found("dkim-unknown")]
    return [
        Found(
            # An empty key has been revoked.
            "dkim"
            if any(
                re.search(r"(?:^|;)\s*p=\s*[^;\s]", text)
                for text in ask(f"{selector}._domainkey.{domain}", "TXT")
            )
            else "dkim-none",
            {"domain": domain, "selector": selector},
        )
        for selector in settings.DKIM_SELECTORS
    ]


def _dmarc(ask: Ask, domain: str) -> Found:
    """The policy of the domain, or of a parent domain."""
    parts = domain.split(".")
    for start in range(len(parts) - 1):
        above = ".".join(parts[start:])
        for text in ask(f"_dmarc.{above}", "TXT"):
            if text.lower().startswith("v=dmarc1"):
                policy = re.search(r";\s*p=\s*(\w+)", text)
                return Found("dmarc", {"domain": above, "policy": policy[1] if policy else "none"})
    return Found("dmarc-none", {"domain": domain})


def _mx(ask: Ask, domain: str) -> Found:
    servers = [text for text in ask(domain, "MX") if text.split()[-1] not in {"", ".", "0"}]
    return Found("mx" if servers else "mx-none", {"domain": domain})


def _reverse(ask: Ask) -> list[Found]:
    """The reverse DNS of the mail server, if it has a public address.

    A provider's host name may send from other servers, which is the provider's concern.
    """
    host = getattr(settings, "EMAIL_HOST", "")
    found = []
    for address in [*ask(host, "A"), *ask(host, "AAAA")] if "." in host and not _is_address(host) else []:
        if not is_public(ipaddress.ip_address(address)):
            continue
        kind = "AAAA" if ":" in address else "A"
        names = ask(ipaddress.ip_address(address).reverse_pointer, "PTR")
        back = next((name for name in names if address in ask(name, kind)), None)
        values = {"address": address, "name": back or ""}
        found.append(Found("reverse" if back else "reverse-none", values))
    return found


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@periodic(every=timedelta(hours=24))
def check_daily() -> None:
    """Check daily for site health, if the site sends email."""
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        cache.set(KEPT, [(one.code, one.values) for one in look()], KEPT_SECONDS)


def found_last() -> list[Found]:
    """The result of the last check of the sender's domain; empty if there was none recently."""
    stored: list[tuple[str, dict[str, Any]]] = cache.get(KEPT) or []
    return [Found(code, values) for code, values in stored if code in WORDS]
