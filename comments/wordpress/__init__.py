"""WordPress import: reader (the file), markup, importer (our rows)."""
