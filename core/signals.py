"""What the toolbox says to those who use it."""

from django.dispatch import Signal

# A worker wrote its heartbeat. Receivers renew the leases of what the worker is processing.
worker_beat = Signal()

# A mail server refused an email for good. Arguments: address (as the email named it), refusal (core.utils.smtp_replies.Refusal).
mail_refused = Signal()
