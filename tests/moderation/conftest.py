import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from moderation.spamfilter.engine.classifier import Learner
from moderation.spamfilter.engine.history import PlainHistory
from moderation.spamfilter.engine.scorer import Scorer


@pytest.fixture
def scorer() -> Scorer:
    """The scorer of a new site, cached in the process."""
    return Scorer([import_string(path) for path in settings.SPAM_CHECKS], Learner(), PlainHistory())
