"""The whole site as a documented folder of plain files, and back (docs/site-archive.md)."""
