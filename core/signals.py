"""What the toolbox says to those who use it."""

from django.dispatch import Signal

# A worker wrote down that it lives. Whoever keeps leases for what a worker has in hand renews them now.
worker_beat = Signal()

# A mail server refused a mail for good. Arguments: address (as the mail named it), refusal (core.utils.smtp_replies.Refusal).
mail_refused = Signal()
