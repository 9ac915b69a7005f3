class ArchiveError(Exception):
    """Something that whoever runs the command should know, as a sentence for them."""
