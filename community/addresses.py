"""URLs of servers in the environment. They contain passwords, so no message here quotes one."""

import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

import dj_database_url

from community.env import ConfigurationError

POSTGRES = {"postgres", "postgresql", "pgsql"}


def address_parts(name: str, url: str) -> SplitResult:
    """Parse a URL.

    Raises ConfigurationError if its port is not a number, or its password contains characters that must be
    encoded.
    """
    try:
        parts = urlsplit(url)
        is_whole = parts.port is None or parts.port > 0
    except ValueError:
        is_whole = False
    if not is_whole or (parts.netloc and (parts.fragment or "@" in f"{parts.path}{parts.query}")):
        raise ConfigurationError(
            f"{name} is invalid: the port must be a number, and in a password / is written %2F, # %23 and ? %3F; everywhere @ is %40."
        )
    return parts


def check_redis_address(name: str, url: str) -> None:
    """Raises ConfigurationError if the Redis client cannot use the URL, which would fail on every page.

    Several URLs may be separated by commas, as in Django. No connection is made.
    """
    from redis import ConnectionPool, RedisError  # noqa: PLC0415 - not loaded by sites without Redis

    try:
        for one in re.split("[;,]", url):
            address_parts(name, one)
            ConnectionPool.from_url(one).make_connection()
    except (ValueError, TypeError, RedisError):
        raise ConfigurationError(
            f"{name} must look like redis://host:6379/0, rediss://user:password@host:6379/0 or unix:///run/redis.sock."
        ) from None


def database_at(name: str, url: str, **options: Any) -> dict[str, Any]:
    """Return the entry for DATABASES. Raises ConfigurationError if it is neither PostgreSQL nor SQLite."""
    scheme = url.partition(":")[0]
    if scheme not in POSTGRES and not url.startswith("sqlite:///"):
        raise ConfigurationError(f"{name} must begin with postgres:// or sqlite:///.")
    if scheme in POSTGRES:
        address_parts(name, url)
        options["engine"] = "core.postgresql"
    elif "#" in url:
        raise ConfigurationError(f"{name} is invalid: in a path # is written %23.")
    try:
        found: dict[str, Any] = {**dj_database_url.parse(url, **options)}
    except (ValueError, KeyError) as error:
        raise ConfigurationError(f"{name} is invalid: {error}") from None
    if found["NAME"] in {"", ":memory:"} and "service" not in found.get("OPTIONS", {}):
        raise ConfigurationError(f"{name} must name a database, as in postgres://user:password@host/name.")
    return found


def is_web_address(url: str, *, schemes: tuple[str, ...] = ("http", "https")) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def web_address(name: str, url: str, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """The URL of a page or a server, or "". Raises ConfigurationError if it is invalid."""
    if url and not is_web_address(url, schemes=schemes):
        raise ConfigurationError(f"{name} must be an address that begins with {schemes[-1]}://.")
    return url
