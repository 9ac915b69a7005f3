"""Bringing a WordPress blog here: reader (the file), words (its mark-up), importer (our rows)."""
