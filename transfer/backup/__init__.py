"""Backups of a whole site: made while it runs, tried by themselves, put back in one step."""
