"""Search over posts, comments and members."""
