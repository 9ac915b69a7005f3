"""Formats of dates that Django's own files lack (settings.FORMAT_MODULE_PATH)."""
