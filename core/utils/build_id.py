"""The version of the running code, part of cache keys and ETags."""

import hashlib
from pathlib import Path

from django.conf import settings

SUFFIXES = {".py", ".html", ".css", ".js", ".svg", ".mo"}
LEFT_OUT = {"var", "tests", "docs"}


def _fingerprint(root: Path) -> str:
    """A short hash of names, sizes and times of the files that pages are made from. Takes some milliseconds, once."""
    seen = hashlib.sha256()
    folders = sorted(
        path
        for path in root.iterdir()
        if path.is_dir() and not path.name.startswith(".") and path.name not in LEFT_OUT
    )
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in SUFFIXES:
                status = path.stat()
                seen.update(f"{path.relative_to(root)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:12]


RELEASE = _fingerprint(settings.BASE_DIR)
