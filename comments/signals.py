"""What comments announce. Receivers get the arguments listed here, inside the transaction of the service."""

from django.dispatch import Signal

# comment: Comment. It can be read by everybody from now on: just written, or released by a moderator.
comment_published = Signal()

# comment: Comment. It waits for a moderator.
comment_held = Signal()

# comment: Comment, by: User. Its words are gone from the pages: withdrawn, removed or marked as spam.
comment_hidden = Signal()
