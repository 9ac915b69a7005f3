"""Backups of a whole site: made while it runs, tested automatically, restored in one step."""
