"""What moderators do about people, not about comments: suspensions, levels, notes, appeals, and the log that all may read."""
