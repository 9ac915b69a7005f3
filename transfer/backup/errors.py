class BackupError(Exception):
    """An error message for the user of the command."""
