"""Signals of moderation, sent inside the service's transaction."""

from django.dispatch import Signal

# restriction: Restriction. A member was suspended or banned.
restriction_set = Signal()

# restriction: Restriction. It was lifted early.
restriction_lifted = Signal()

# appeal: Appeal. A moderator answered it.
appeal_answered = Signal()

# member: User, decisions: list[Decision] about their comments, without those undone by now.
author_concerned = Signal()

# member: User, comments: list[Comment]. Held comments of theirs that a moderator approved, without those
# undone by now.
comments_approved = Signal()

# moderator: User, waits: moderation.services.reminders.LongWait. It is time to email this moderator.
waited_long = Signal()

# report: Report. A member reported a comment.
comment_reported = Signal()
