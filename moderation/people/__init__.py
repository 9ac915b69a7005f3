"""Empty: the modules moved to moderation/services."""
