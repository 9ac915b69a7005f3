"""Signals of posts. Receivers get the arguments listed here, inside the transaction of the service."""

from django.dispatch import Signal

# post: Post. Never sent for pages and unlisted posts; again when an unlisted post is listed after all.
post_published = Signal()

# post: Post, by: User, who sent the draft for review or asked for changes
review_asked = Signal()
review_returned = Signal()
# post: Post, a contributor's draft that was published or scheduled by somebody else
review_accepted = Signal()

# post: Post, is_open: bool, by: User. The host or a moderator opened or closed the comments, wherever there is a button.
comments_switched = Signal()

# A scheduled post appears at another time than was announced: earlier, later, or now. Sent in the transaction of the
# change with `post`; its followers are notified when it appears.
post_rescheduled = Signal()
