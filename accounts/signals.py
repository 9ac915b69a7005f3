"""Signals of accounts. Receivers get the arguments listed here, inside the transaction of the service."""

from django.dispatch import Signal

# member: User. What is shown beside their comments has changed: name, picture, links. is_same_text (optional): they have changed
# nothing; others see more or less of it.
profile_changed = Signal()

# member: User. They are signed out everywhere, because the account closes or is merged, they are banned, or their password was
# set or taken away, wherever that happened (User.save): whatever else lets somebody in as them ends too.
access_ended = Signal()

# sessions: of a member who signs these devices of theirs out from another one. They exist for a moment longer. Signing out the
# device at hand is django.contrib.auth's user_logged_out.
sessions_end = Signal()

# member: User. The account is being deleted: the last moment at which its name and addresses are known. Their comments and
# related rows are handled by settings.ACCOUNT_DELETION_STEPS.
member_leaves = Signal()
