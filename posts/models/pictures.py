"""The dimensions of the pictures of posts and tags."""

from functools import lru_cache

from django.core.files.images import get_image_dimensions
from django.core.files.storage import default_storage
from django.db import models


@lru_cache(maxsize=1000)
def _picture_size(name: str) -> tuple[int, int]:
    """Width and height of a stored picture in pixels.

    Cached: names are random, and files never change.
    """
    with default_storage.open(name) as file:
        width, height = get_image_dimensions(file)
    if width is None or height is None:
        raise ValueError(f"{name} is not an image")
    return width, height


def size_of(picture: models.fields.files.ImageFieldFile) -> tuple[int, int] | None:
    """Width and height in pixels, so that the page does not jump when it loads.

    None if the file is missing.
    """
    try:
        return _picture_size(str(picture.name))
    except (OSError, TypeError, ValueError):
        return None
