"""What accounts announce. Receivers get the arguments listed here, inside the transaction of the service."""

from django.dispatch import Signal

# member: User. What others see of them beside their words has changed: name, picture, links.
profile_changed = Signal()
