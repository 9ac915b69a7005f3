"""Replies by email (docs/decisions/0028).

`imap` fetches them, `parse` reads a message, `strip_quotes` finds the new text, `authenticity` checks the
sender, `services` posts the comment. `bounces` reads delivery reports.
"""
