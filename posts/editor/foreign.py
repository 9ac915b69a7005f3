"""Fetches content of other sites through the safe HTTP client: pasted pictures, and link cards."""

from dataclasses import dataclass, replace
from io import BytesIO
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from core.markup.links import tidy_address
from core.utils import http_client
from core.utils.http_client import FetchError, Page
from core.utils.page_head import page_metadata
from core.utils.text import one_line
from posts.editor.uploads import add_picture
from posts.models.editing import Upload

MAX_SECONDS = 10.0
# A page's <head> with its metadata fits in here.
HEAD_BYTES = 300_000


@dataclass(frozen=True)
class Card:
    """What a page's metadata says."""

    url: str
    title: str
    description: str = ""
    site: str = ""
    picture: Upload | None = None


def fetch_picture(url: str, *, by: User | None) -> Upload:
    """Store a picture that was pasted from another site.

    Raises ValidationError with a message for the host.
    """
    rules = replace(
        http_client.public_web(),
        max_bytes=settings.PICTURE_MAX_BYTES,
        max_seconds=MAX_SECONDS,
        accept="image/webp, image/jpeg, image/png, image/gif",
    )
    page = _fetch(url, rules)
    if page.is_cut:
        raise _refusal(url, _("It is larger than %d MB.") % (settings.PICTURE_MAX_BYTES // 2**20))
    try:
        return add_picture(
            BytesIO(page.body),
            by=by,
            title=urlsplit(url).path.rpartition("/")[2],
            source_url=url,
        )
    except ValidationError as error:
        raise _refusal(url, error.messages[0]) from error


def read_card(url: str, *, by: User) -> Card:
    """The content of a link card. A page without metadata gives only its URL. Raises ValidationError."""
    rules = replace(http_client.public_web(), max_bytes=HEAD_BYTES, max_seconds=MAX_SECONDS)
    page = _fetch(url, rules)
    metadata = page_metadata(page)
    title = (
        metadata.get("og:title")
        or metadata.get("twitter:title")
        or metadata.get("title")
        or tidy_address(url)
    )
    picture = metadata.get("og:image") or metadata.get("twitter:image") or ""
    return Card(
        url=url,
        title=one_line(title)[:200],
        description=one_line(metadata.get("og:description") or metadata.get("description") or "")[:300],
        site=one_line(metadata.get("og:site_name") or (urlsplit(url).hostname or "").removeprefix("www."))[
            :80
        ],
        picture=_card_picture(urljoin(page.url, picture) if picture else "", by),
    )


def _card_picture(url: str, by: User) -> Upload | None:
    """The card's picture. A card is complete without one, so no problem with it is an error."""
    if not url:
        return None
    rules = replace(http_client.public_web(), max_bytes=settings.PICTURE_MAX_BYTES, accept="image/*")
    try:
        page = _fetch(url, rules)
        return add_picture(
            BytesIO(page.body), by=by, title=tidy_address(url), source_url=url, kind=Upload.Kind.CARD
        )
    except ValidationError:
        return None


def _fetch(url: str, rules: http_client.Rules) -> Page:
    """Fetch a page, over HTTPS even if the URL says http. Raises ValidationError."""
    if urlsplit(url).scheme == "http":
        url = "https" + url[4:]
    try:
        page = http_client.fetch(url, rules)
    except FetchError as error:
        reasons = {
            FetchError.NOT_HTTPS: _("Its address doesn’t begin with https://."),
            FetchError.NOT_PUBLIC: _("It isn’t on the public web."),
            FetchError.NO_HOST: _("There is no such site."),
            FetchError.BAD_CERTIFICATE: _("The site’s certificate isn’t valid."),
            FetchError.TOO_SLOW: _("The site took too long."),
            FetchError.TOO_MANY_REDIRECTS: _("The site redirects too many times."),
        }
        raise _refusal(url, reasons.get(error.reason, _("The site can’t be reached right now."))) from error
    if page.status != 200:
        raise _refusal(url, _("The site responded with error %d.") % page.status)
    return page


def _refusal(url: str, why: str) -> ValidationError:
    return ValidationError(
        _("Couldn’t fetch %(address)s. %(reason)s"),
        code="not_fetched",
        params={"address": tidy_address(url) or url[:80], "reason": why},
    )
