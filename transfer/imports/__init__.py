"""Importers for other systems' exports.

Readers yield a stream of neutral objects (stream.py), which one importer writes (importer.py).
"""
