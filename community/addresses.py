"""Addresses of servers in the environment. They have passwords in them, so no message here quotes one."""

import re
from urllib.parse import SplitResult, urlsplit

from community.env import ConfigurationError


def address_parts(name: str, url: str) -> SplitResult:
    """The parts of an address, split where its password did not want to be split.

    Raises ConfigurationError for one whose port is no number, and for signs in a password that begin another part of an address.
    """
    try:
        parts = urlsplit(url)
        is_whole = parts.port is None or parts.port > 0
    except ValueError:
        is_whole = False
    if not is_whole or (parts.netloc and (parts.fragment or "@" in f"{parts.path}{parts.query}")):
        raise ConfigurationError(
            f"{name} cannot be understood: the port must be a number, and in a password / is written %2F, # %23, ? %3F and @ %40."
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
