"""Signals of moderation, sent inside the transaction of the service."""

from django.dispatch import Signal

# restriction: Restriction. A member was suspended or banned.
restriction_set = Signal()

# restriction: Restriction. It was lifted before its end.
restriction_lifted = Signal()

# appeal: Appeal. A moderator answered it.
appeal_answered = Signal()

# member: User, decisions: list[Decision]. What happened to their comments; not sent for what was undone in the meantime.
author_concerned = Signal()

# member: User, comments: list[Comment]. A moderator approved these of theirs, which had waited; not sent for what was undone since.
comments_approved = Signal()

# moderator: User, waits: moderation.services.reminders.LongWait. It is time to email this moderator.
waited_long = Signal()

# report: Report. Somebody reported a comment.
comment_reported = Signal()
