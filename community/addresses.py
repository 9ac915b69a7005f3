"""Addresses of servers in the environment. They have passwords in them, so no message here quotes one."""

import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

import dj_database_url

from community.env import ConfigurationError

POSTGRES = {"postgres", "postgresql", "pgsql"}


def address_parts(name: str, url: str) -> SplitResult:
    """The parts of an address.

    Raises ConfigurationError for one whose port is no number, and for characters in a password that begin another part of it.
    """
    try:
        parts = urlsplit(url)
        is_whole = parts.port is None or parts.port > 0
    except ValueError:
        is_whole = False
    if not is_whole or (parts.netloc and (parts.fragment or "@" in f"{parts.path}{parts.query}")):
        raise ConfigurationError(
            f"{name} cannot be understood: the port must be a number, and in a password / is written %2F, # %23 and ? %3F; everywhere @ is %40."
        )
    return parts


def check_redis_address(name: str, url: str) -> None:
    """Raises ConfigurationError for what the client of Redis cannot use: it would be an error on every page. The server is not asked.

    Django takes several addresses with commas between them.
    """
    from redis import ConnectionPool, RedisError  # noqa: PLC0415 - a site without Redis does not load it

    try:
        for one in re.split("[;,]", url):
            address_parts(name, one)
            ConnectionPool.from_url(one).make_connection()
    except (ValueError, TypeError, RedisError):
        raise ConfigurationError(
            f"{name} must be such as redis://host:6379/0, rediss://user:password@host:6379/0 or unix:///run/redis.sock."
        ) from None


def database_at(name: str, url: str, **options: Any) -> dict[str, Any]:
    """What DATABASES says of it. Raises ConfigurationError for what is neither PostgreSQL nor a file of SQLite."""
    scheme = url.partition(":")[0]
    if scheme not in POSTGRES and not url.startswith("sqlite:///"):
        raise ConfigurationError(f"{name} must begin with postgres:// or sqlite:///.")
    if scheme in POSTGRES:
        address_parts(name, url)
    elif "#" in url:
        raise ConfigurationError(f"{name} cannot be understood: in a path # is written %23.")
    try:
        found: dict[str, Any] = {**dj_database_url.parse(url, **options)}
    except (ValueError, KeyError) as error:
        raise ConfigurationError(f"{name} cannot be understood: {error}") from None
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
    """The address of a page or a server, or "" for none. Raises ConfigurationError for what is no address."""
    if url and not is_web_address(url, schemes=schemes):
        raise ConfigurationError(f"{name} must be an address that begins with {schemes[-1]}://.")
    return url
