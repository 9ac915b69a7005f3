"""Storage of evaluation runs."""

import os
from pathlib import Path

from moderation.spamfilter.evaluation_store import FolderSite
from moderation.spamfilter.training import checks


def site_for_measuring() -> FolderSite | None:
    """With SPAM_EVAL=1, a site stored in the folder SPAM_EVAL_DIR. Otherwise None: the real one."""
    if os.environ.get("SPAM_EVAL") != "1":
        return None
    folder = Path(os.environ["SPAM_EVAL_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    return FolderSite(folder, checks())
