"""Signals of posts, sent with the arguments listed here inside the service's transaction."""

from django.dispatch import Signal

# post: Post. Not sent for pages and unlisted posts; sent later if an unlisted post becomes listed.
post_published = Signal()

# post: Post, by: User, who sent the draft for review or returned it
review_asked = Signal()
review_returned = Signal()
# post: Post, a contributor's draft that someone else published or scheduled
review_accepted = Signal()

# post: Post, is_open: bool, by: User. The host or a moderator opened or closed the comments, on any page.
comments_switched = Signal()

# post: Post. The date of an announced scheduled post has changed: earlier, later, or now. Sent in the
# transaction of the change; followers are notified when the post appears.
post_rescheduled = Signal()
