"""What accounts announce. Receivers get the arguments listed here, inside the transaction of the service."""

from django.dispatch import Signal

# member: User. What is shown beside their comments has changed: name, picture, links.
profile_changed = Signal()

# member: User. They leave for good: the last moment at which their name and addresses are still known. What they wrote and
# what hangs on it is for settings.DEPARTURE_STEPS.
member_leaves = Signal()
