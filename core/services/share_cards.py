"""Keeps the pictures for shared links: one for each post, profile or tag, drawn again when its facts have changed."""

import logging
from contextlib import suppress

from django.core.cache import caches
from django.core.files.storage import default_storage
from PIL import Image

from core.pagecache.making import made_once
from core.utils.image_decoding import room_for
from core.utils.images import FORMATS
from core.utils.share_cards import Card, draw

logger = logging.getLogger(__name__)


def share_card(key: str, card: Card) -> bytes:
    """The JPEG. key: whose it is ("post-17"); what was kept for an earlier version gives way to this one."""
    cache = caches["cards"]
    kept: tuple[str, bytes] | None = cache.get(key)
    if kept is not None and kept[0] == card.version:
        return kept[1]
    if kept is not None:
        forget_card(key)
    version, drawn = made_once(cache, key, lambda: (card.version, _draw(card)))
    return drawn if version == card.version else _draw(card)


def forget_card(key: str) -> None:
    """Remove it from the disk, as when a member has left."""
    with suppress(OSError):
        caches["cards"].delete(key)


def _draw(card: Card) -> bytes:
    if not card.picture:
        return draw(card)
    try:
        with (
            default_storage.open(card.picture) as file,
            Image.open(file, formats=FORMATS) as picture,
            room_for(picture),
        ):
            return draw(card, picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        logger.warning("share card: the picture %s cannot be read", card.picture)
        return draw(card)
