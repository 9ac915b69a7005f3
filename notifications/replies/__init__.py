"""Empty: the modules moved to
notifications/inbound."""
