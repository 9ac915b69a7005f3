"""Link verification: a link is verified if its page links back with rel="me" (docs/decisions/0015).

See https://microformats.org/wiki/rel-me. `fetch_and_check_link` stores the result. Nothing here runs in a request.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils import timezone

from accounts.models import ProfileLink
from accounts.models.networks import bare_host, network_of
from core.utils import http_client
from core.utils.page_reader import PageReader, Unreadable
from core.utils.urls import absolute_url

LOOK_AGAIN_AFTER = timedelta(days=30)
TRY_AGAIN_AFTER = timedelta(days=1)
# After this many consecutive days without a result, or with a missing page, the link's state changes.
MAX_FAILED_CHECKS = 3
# Checks within this time count as one, since several can be requested.
NEXT_DAY_AFTER = timedelta(hours=20)

State, Problem = ProfileLink.State, ProfileLink.Problem
PAGE_TYPES = {"text/html", "application/xhtml+xml"}
# Link: <https://example.org/members/ada/>; rel="me" (RFC 8288)
LINK_HEADER = re.compile(r"<([^<>]*)>([^<]*)")
REL_IN_HEADER = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """The result of a check. If it is uncertain, the link keeps its state for some days.

    is_ours: the check failed on our side and says nothing about the link.
    """

    state: str = State.NOT_VERIFIED
    problem: str = ""
    detail: str = ""
    is_certain: bool = True
    is_ours: bool = False


class BackLinks(PageReader):
    """Finds links with rel="me". Ignores what a browser would show as text or not at all."""

    TEXT = {"textarea", "title", "template", "iframe", "noembed", "noframes", "xmp", "plaintext", "select"}

    def __init__(self, url: str, is_wanted: Callable[[str], bool]) -> None:
        super().__init__()
        self.base, self.has_base = url, False
        self.is_wanted = is_wanted
        self.text_inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Follow rel="me" links (microformats.org/wiki/rel-me), with `<base>` as browsers do."""
        if self.text_inside is not None:
            return
        if tag in self.TEXT:
            self.text_inside = tag
            return
        attributes = {
            name: value or "" for name, value in reversed(attrs)
        }  # of duplicate attributes the first one counts
        href = attributes.get("href", "").strip()
        with suppress(ValueError):
            if tag == "base" and href and not self.has_base:
                self.base, self.has_base = urljoin(self.base, href), True
            elif tag in {"a", "area", "link"} and "me" in attributes.get("rel", "").lower().split():
                self.is_done = self.is_done or self.is_wanted(urljoin(self.base, href))

    def handle_endtag(self, tag: str) -> None:
        if tag == self.text_inside:
            self.text_inside = None

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # "<textarea/>" opens an element all the same

    def find(self, text: str) -> bool:
        """Whether the HTML contains a link back. Raises Unreadable."""
        self.read(text)
        return self.is_done


def is_same_page(url: str, profile_url: str) -> bool:
    """Whether a URL on an external page is a profile here, with http or https and any final slash."""

    def parts(address: str) -> tuple[str, int | None, str, str]:
        found: SplitResult = urlsplit(address)
        port = None if found.port in {80, 443} else found.port
        return (found.hostname or "").rstrip("."), port, found.path.rstrip("/").lower(), found.query

    return urlsplit(url).scheme in {"http", "https"} and parts(url) == parts(profile_url)


def links_back(page: http_client.Page, profile_url: str) -> bool:
    """Whether a page or its Link header links to a profile with rel="me". Raises Unreadable."""

    def is_wanted(url: str) -> bool:
        return is_same_page(url, profile_url)

    for header in page.headers.get_all("Link", []):
        for address, parameters in LINK_HEADER.findall(header):
            rel = REL_IN_HEADER.search(parameters)
            with suppress(ValueError):
                if (
                    rel
                    and "me" in (rel[1] or rel[2] or "").lower().split()
                    and is_wanted(urljoin(page.url, address))
                ):
                    return True
    return page.headers.get_content_type() in PAGE_TYPES and BackLinks(page.url, is_wanted).find(page.text)


def may_follow(here: str, there: str) -> bool:
    """Whether a redirect stays with the same owner.

    Otherwise any page could verify any other through an open redirect. "www." makes no difference, and the
    hosts of one network (twitter.com, x.com) count as one.
    """
    hosts = bare_host(here), bare_host(there)
    network = network_of(here)
    return hosts[0] == hosts[1] or (network is not None and set(hosts) <= set(network.hosts))


def look(url: str, profile_url: str, rules: http_client.Rules) -> Finding:
    """Fetch the page at `url` and check whether it links back to `profile_url`."""
    network = network_of(url)
    if network and network.is_closed:
        return Finding(State.UNAVAILABLE, Problem.NETWORK_GONE, network.name)
    try:
        page = http_client.fetch(url, rules, may_follow=may_follow)
    except http_client.FetchError as error:
        state = State.UNAVAILABLE if error.reason == error.NO_HOST else State.NOT_VERIFIED
        is_certain = error.reason not in {error.BAD_CERTIFICATE, error.NO_ANSWER, error.NO_HOST, *error.OURS}
        return Finding(state, error.reason, error.detail, is_certain, is_ours=error.reason in error.OURS)
    if page.status in http_client.REDIRECTS and page.headers.get("Location"):
        return Finding(
            State.NOT_VERIFIED,
            Problem.LEADS_ELSEWHERE,
            http_client.bare(urljoin(page.url, page.headers["Location"])),
        )
    if page.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return Finding(State.UNAVAILABLE, Problem.NOT_THERE, str(page.status), is_certain=False)
    if not 200 <= page.status < 300:
        problem = Problem.SERVER_ERROR if 500 <= page.status < 600 else Problem.REFUSED
        return Finding(State.NOT_VERIFIED, problem, str(page.status), is_certain=False)
    try:
        if links_back(page, profile_url):
            return Finding(State.VERIFIED)
    except Unreadable:
        return Finding(State.NOT_VERIFIED, Problem.UNREADABLE)
    if page.headers.get_content_type() not in PAGE_TYPES:
        return Finding(State.NOT_VERIFIED, Problem.NOT_A_PAGE, page.headers.get_content_type()[:80])
    return Finding(State.NOT_VERIFIED, Problem.TOO_LARGE if page.is_cut else Problem.NO_LINK)


def _failed_checks(link: ProfileLink, finding: Finding, now: datetime) -> int:
    """The number of consecutive days without a result, including this check."""
    if finding.is_ours:
        return link.failed_checks
    if finding.is_certain:
        return 0
    is_another_day = (
        not link.failed_checks or link.checked_at is None or now - link.checked_at >= NEXT_DAY_AFTER
    )
    return link.failed_checks + is_another_day


def fetch_and_check_link(pk: int) -> None:
    """Check one link and store the result, unless the link has been changed since."""
    link = ProfileLink.objects.select_related("user").filter(pk=pk, user__is_active=True).first()
    if link is None:
        return
    finding = look(link.url, absolute_url(link.user.get_absolute_url()), http_client.public_web())
    now = timezone.now()
    failed_checks = _failed_checks(link, finding, now)
    is_patient = not finding.is_certain and failed_checks < MAX_FAILED_CHECKS
    # Without a result, a verification can be removed but no other state is set. A missing page counts for any
    # link.
    changes = finding.is_certain or (
        not is_patient and (link.state == State.VERIFIED or finding.state == State.UNAVAILABLE)
    )
    state = finding.state if changes and not finding.is_ours else link.state
    goes_on = (
        link.verified_at is not None
        or finding.state == State.VERIFIED
        or (finding.state == State.UNAVAILABLE and is_patient)
    )
    found = {
        "state": state,
        "checked_at": now,
        "failed_checks": failed_checks,
        "problem": finding.problem,
        "problem_detail": finding.detail[:100],
        "next_check_at": now + (TRY_AGAIN_AFTER if is_patient or finding.is_ours else LOOK_AGAIN_AFTER)
        if goes_on or finding.is_ours
        else None,
    }
    if finding.state == State.VERIFIED:
        found["verified_at"] = now
    ProfileLink.objects.filter(pk=link.pk, url=link.url).update(**found)
