"""Empty: the modules moved to transfer/wordpress."""
