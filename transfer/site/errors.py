class ArchiveError(Exception):
    """An error message for the user of the command."""
