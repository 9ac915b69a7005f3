"""Converts details of an export: titles, names, URLs."""

from collections.abc import Callable
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.markup.plain import excerpt, plain_text
from core.utils.text import one_line
from core.utils.urls import WebAddressValidator
from posts.models import OldAddress
from posts.models.old_addresses import old_address_key
from transfer.wordpress.items import WpItem
from transfer.wordpress.reader import DESCRIPTIONS
from transfer.wordpress.tags import web_address

validate_web_address = WebAddressValidator()


def title_of(item: WpItem) -> str:
    title = one_line(plain_text(item.title)) or _("Untitled")
    return title if len(title) <= 200 else title[:199].rsplit(" ", 1)[0] + "…"


def has_whole_title(item: WpItem) -> bool:
    return len(title_of(item)) >= len(one_line(plain_text(item.title)))


def name_of(text: str) -> str:
    """A guest's name on one line, without invisible characters."""
    name = one_line("".join(sign for sign in plain_text(text) if sign.isprintable() or sign.isspace()))
    return name if len(name) <= 100 else name[:99] + "…"


def email_of(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text if len(text) <= 254 else ""


def guest_url(text: str) -> str:
    """A guest's URL, "" if it is not a web URL. Without a scheme ("www.x.example"), http is assumed."""
    text = text.strip()
    if "://" not in text:
        if "@" in text.partition("/")[0]:
            return ""
        text = f"http://{text.lstrip('/')}"
    if " " in text.partition("://")[2].partition("/")[0]:
        return ""  # browsers remove tabs and line breaks; a host with a space is invalid
    scheme, mark, rest = web_address(text).partition("://")
    url = scheme.lower() + mark + rest
    try:
        validate_web_address(url)
    except ValidationError:
        return ""
    return url if len(url) <= 300 else ""


def free_name(base: str, room: int, is_taken: Callable[[str], bool]) -> str:
    """The name itself, with a number appended if it is taken."""
    base = base[: room - 7].strip("-_")
    name, number = base, 1
    while is_taken(name):
        number += 1
        name = f"{base}-{number}"
    return name


def old_addresses_of(item: WpItem, blog: str) -> list[str]:
    """The post's URLs on the blog as keys of posts.models.old_addresses.

    By id, as in the export, and by its original URL (guid). If the blog is in a folder, also without the
    folder.
    """
    folder = getattr(_parts(blog), "path", "").rstrip("/")
    numbers = [f"p={item.number}"] if item.number > 0 else []
    addresses = [(path, number) for path in dict.fromkeys(["", folder]) for number in numbers]
    for parts in filter(None, (_parts(item.link, blog), _parts(item.guid))):
        addresses.append((parts.path, parts.query))
        if folder and parts.path.startswith(f"{folder}/"):
            addresses.append((parts.path.removeprefix(folder), parts.query))
    if not item.link and item.slug and len(item.local_date) >= 10:  # WordPress's default
        addresses.append((f"/{item.local_date[:10].replace('-', '/')}/{item.slug}/", ""))
    keys = dict.fromkeys(old_address_key(unquote(path), query) for path, query in addresses)
    return [
        key
        for key in keys
        if key and key != folder.strip("/") and len(key) <= OldAddress.KEY_CHARACTERS and "\x00" not in key
    ]


def _parts(address: str, blog: str = "") -> SplitResult | None:
    """A parsed web URL; None for anything else. blog: the base for a URL without a host."""
    try:
        parts = urlsplit(urljoin(blog, address) if blog and address.startswith("/") else address)
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.netloc else None


def description_of(source: WpItem) -> str:
    """The meta description of SEO plug-ins; "" if it consists of placeholders."""
    description = next(filter(None, (source.meta.get(name, "") for name in DESCRIPTIONS)), "")
    return "" if "%%" in description else excerpt(description, 300)


def is_out(source: WpItem) -> bool:
    """Whether visitors could read it, or will when it is due."""
    return source.status in {"publish", "future"} and not source.password
