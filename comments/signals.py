"""Signals of comments. Receivers get the arguments listed here, inside the transaction of the service."""

from django.dispatch import Signal

# comment: Comment. Not stored yet, and the post is not locked, but it will be published unless it is
# refused. For what comment_published needs and can be read before the lock.
comment_prepared = Signal()

# comment: Comment. It is now public: just written, or approved by a moderator.
comment_published = Signal()

# comment: Comment. It is held for a moderator.
comment_held = Signal()

# comment: Comment, by: User. Someone thanked for it, for the first time or again after withdrawing.
comment_thanked = Signal()

# post: Post, by: User. Someone thanked for the post itself.
post_thanked = Signal()

# comments: list[int]. The text, author or post of these was changed by an UPDATE, without saving each.
comments_rewritten = Signal()

# comment: Comment, members: list[User]. A public comment was edited and newly mentions these members, or no
# longer mentions others.
comment_called = Signal()

# comment: Comment, by: User. It was marked as the host's choice.
comment_chosen = Signal()

# comment: Comment, by: User. A host or moderator changed its text.
comment_corrected = Signal()

# email: str, comments: list[int]. A guest erases what is stored about them. The numbers are comments whose
# text is erased, in batches; without numbers it is about the address alone.
guest_erased = Signal()
