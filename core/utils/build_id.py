"""The version of the running code, for cache keys and ETags."""

import hashlib
from pathlib import Path

from django.conf import settings

SUFFIXES = {".py", ".html", ".css", ".js", ".svg", ".mo"}
LEFT_OUT = {"var", "tests", "docs"}


def fingerprint_of(root: Path, theme: Path) -> str:
    """A short hash of names, sizes and times of the files that pages are made from.

    Takes a few milliseconds, once.

    theme: the host's own folder; a change there must change the ETags, too.
    """
    seen = hashlib.sha256()
    folders = sorted(
        path
        for path in root.iterdir()
        if path.is_dir() and not path.name.startswith(".") and path.name not in LEFT_OUT
    )
    for folder in [*folders, theme]:
        for path in sorted(folder.rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                status, name = path.stat(), path.relative_to(folder.parent)
                seen.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:12]


RELEASE = fingerprint_of(settings.BASE_DIR, settings.THEME_DIR)
