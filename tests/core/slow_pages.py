"""The odd pages, with shorter timeouts for slow requests."""

from core import bridge
from tests.core.odd_pages import application  # noqa: F401 - the served application

bridge.BODY_SECONDS = 1
bridge.BODY_BYTES_PER_SECOND = 1000
bridge.BODIES_PER_ADDRESS = 20
