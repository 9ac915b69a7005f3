"""Empty: the modules moved to moderation/spamfilter/engine."""
