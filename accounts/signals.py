"""Signals of accounts, sent with the arguments listed here inside the service's transaction."""

from django.dispatch import Signal

# member: User. What is shown beside their comments has changed: name, picture, links. is_same_text
# (optional): the member changed nothing; others see more or less of it.
profile_changed = Signal()

# member: User. They are signed out everywhere, because the account is closed or merged, they are banned, or
# their password was set or removed anywhere (User.save). Receivers end any other access.
access_ended = Signal()

# sessions: the sessions a member signs out from another device, sent before they are deleted. Signing out the
# current device sends django.contrib.auth's user_logged_out.
sessions_end = Signal()

# member: User. The account is being deleted: the last moment at which its name and addresses are known.
# settings.ACCOUNT_DELETION_STEPS handle comments and related rows.
member_leaves = Signal()
