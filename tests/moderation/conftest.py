import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from moderation.spam.judge import Judge
from moderation.spam.learner import Learner
from moderation.spam.memory import PlainMemory


@pytest.fixture
def judge() -> Judge:
    """The pipeline of the first day, kept in the process."""
    return Judge([import_string(path) for path in settings.SPAM_CHECKS], Learner(), PlainMemory())
