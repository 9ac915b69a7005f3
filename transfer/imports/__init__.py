"""Importers of other systems' exports: readers yield one neutral stream (stream.py), one importer writes it (importer.py)."""
