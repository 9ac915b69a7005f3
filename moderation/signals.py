"""What moderation announces, inside the transaction of the service."""

from django.dispatch import Signal

# decision: Decision. A moderator decided about a comment, or took a decision back (action "undo").
decided = Signal()
