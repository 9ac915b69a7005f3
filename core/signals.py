"""Signals of core."""

from django.dispatch import Signal

# A worker wrote its heartbeat. Receivers renew the leases of its tasks.
worker_beat = Signal()

# A mail server permanently refused an email. Arguments: address (as in the email),
# refusal (core.utils.smtp_replies.Refusal).
mail_refused = Signal()

# The site's settings were saved. before, after: the values that differ, by field. Sent in the transaction.
settings_changed = Signal()

# A reader chose a language at the end of a page. Arguments: request, language (one of those offered).
language_chosen = Signal()
