"""The blocklist: normalising domains and networks, and checking comments against it."""

import ipaddress
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from comments.models import Comment
from comments.models.submission import Submission
from comments.services.checks import Opinion
from core.markup.links import links_in
from core.utils.dates import date_format
from moderation.models import Restriction
from moderation.services.trust import trust_of
from moderation.spamfilter.engine.hosts import host_of, is_shared_host
from moderation.spamfilter.engine.text import Material, TextAnalysis
from moderation.spamfilter.form_token import network_of

# Narrower networks are widened to these prefixes and stored as a hash. Wider ones are not hashed: they can be
# half a country.
HASHED = {4: 24, 6: 56}
WIDEST = {4: 16, 6: 32}
# Hosts that give each user a subdomain: one subdomain is one person's.
HOMES = frozenset(
    [
        "wordpress.com",
        "blogspot.com",
        "tumblr.com",
        "substack.com",
        "github.io",
        "gitlab.io",
        "typepad.com",
        "livejournal.com",
        "medium.com",
        "bandcamp.com",
        "netlify.app",
        "pages.dev",
        "web.app",
        "vercel.app",
        "herokuapp.com",
        "wixsite.com",
        "weebly.com",
        "jimdofree.com",
        "neocities.org",
        "bearblog.dev",
        "mystrikingly.com",
        "carrd.co",
    ]
)
# Second-level public suffixes, such as .co.uk, which are not a domain.
ENDING = re.compile(r"(?:ac|co|com|edu|go|gob|gov|gouv|ne|net|or|org)\.[a-z]{2}", re.ASCII)
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])", re.ASCII)


def read_domain(text: str, *, may_block_shared: bool) -> str:
    """The normalised domain from what a moderator typed or pasted. Raises ValidationError."""
    host = (
        re.sub(r"^[a-z+]+://", "", text.strip().lower())
        .partition("/")[0]
        .rpartition("@")[2]
        .partition(":")[0]
        .strip(".")
    )
    try:
        host = host.removeprefix("www.").encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if len(host) > 253 or not HOST.fullmatch(host):
        raise ValidationError(_("This isn’t a domain. Write it like example.org."), code="domain")
    if ENDING.fullmatch(host):
        raise ValidationError(
            _(
                "This is a whole top-level domain, like .org, and would block far too many sites. Enter a single domain."
            ),
            code="ending",
        )
    if host in domains_above(urlsplit(settings.SITE_URL).hostname or ""):
        raise ValidationError(_("This is the domain of this site."), code="own")
    if is_of_many(host) and not may_block_shared:
        raise ValidationError(
            _("Many unrelated people have pages there. Only the host can block it."), code="shared"
        )
    return host


def is_of_many(host: str) -> bool:
    """Whether unrelated people share this domain. A blog below wordpress.com belongs to one person."""
    if any(home in HOMES or home.startswith("blogspot.") for home in domains_above(host)[1:]):
        return False
    return host in HOMES or is_shared_host(host)


def read_network(text: str) -> str:
    """The stored form of a network: its keyed hash, or CIDR if it is wider. Raises ValidationError."""
    text = text.strip()
    if re.fullmatch(r"[0-9a-f]{32}", text):
        return text
    try:
        block = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValidationError(
            _("This isn’t an IP range. Write it like 198.51.100.0/24."), code="block"
        ) from None
    if block.prefixlen < WIDEST[block.version]:
        raise ValidationError(
            _("This range is too wide and would block too many people. The widest are /16, or /32 for IPv6."),
            code="wide",
        )
    if not block.is_global:
        raise ValidationError(_("This range isn’t on the public internet."), code="local")
    return network_of(str(block.network_address)) if block.prefixlen >= HASHED[block.version] else str(block)


def refuse_blocked(comment: Comment, submission: Submission | None = None, link: str = "") -> Opinion:
    """Refuse links to blocked domains, and newcomers from blocked networks (for COMMENT_CHECKS).

    Raises ValidationError (codes "closed_domain", "closed_network") for the form. The host and moderators are
    exempt.
    """
    author = comment.author
    if author is not None and (author.is_host or author.is_moderator):
        return Opinion()
    hosts = hosts_named(comment, link)
    address = submission.address if submission else ""
    if not hosts and (trust_of(author, without=comment).level if author else not address):
        return Opinion()  # only links are forbidden to them
    closed = list(Restriction.objects.in_force().of_blocklist())
    is_old = comment.pk and not comment.has_more and comment.is_public
    if not is_old and (domains := {each.domain: each for each in closed if each.domain}):
        hit = next((domains[name] for host in hosts for name in domains_above(host) if name in domains), None)
        if hit is not None:
            why = _("Links to %(domain)s aren’t allowed here: %(why)s Remove the link to post your comment.")
            raise ValidationError(why % {"domain": hit.domain, "why": hit.why}, code="closed_domain")
    networks = [each for each in closed if each.network]
    if (
        networks
        and address
        and (hit := _closed_for(address, networks))
        and (author is None or not trust_of(author, without=comment).level)
    ):
        until = date_format(localtime(hit.ends_at), "DATE_FORMAT")
        why = _(
            "New members and guests can’t post from your network until %(until)s: %(why)s You can post from another network, and reading is open to you."
        )
        raise ValidationError(why % {"until": until, "why": hit.why}, code="closed_network")
    return Opinion()


def hosts_named(comment: Comment, link: str = "") -> set[str]:
    """The hosts that a comment links to or mentions, and that of a new author's link."""
    linked = [*(found.url for found in links_in(comment.html)), *([link] if link else [])]
    return {*TextAnalysis(Material(text=comment.body)).hosts, *map(host_of, linked)}


def domains_above(host: str) -> list[str]:
    """a.b.example.org, b.example.org, example.org, org."""
    parts = host.split(".")
    return [".".join(parts[start:]) for start in range(len(parts))]


def _closed_for(address: str, networks: list[Restriction]) -> Restriction | None:
    hashed = network_of(address)
    if not hashed:
        return None
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return next(
        (
            each
            for each in networks
            if each.network == hashed or ("/" in each.network and ip in ipaddress.ip_network(each.network))
        ),
        None,
    )
