"""Caches pictures for shared links, one per post, profile or tag. They are drawn again when they change."""

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
    """The JPEG. key: its owner ("post-17"). A new version replaces the cached one."""
    cache = caches["cards"]
    stored: tuple[str, bytes] | None = cache.get(key)
    if stored is not None and stored[0] == card.version:
        return stored[1]
    if stored is not None:
        forget_card(key)
    version, drawn = made_once(cache, key, lambda: (card.version, _draw(card)))
    return drawn if version == card.version else _draw(card)


def forget_card(key: str) -> None:
    """Delete it from the disk, for example when a member's account is deleted."""
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
