"""What moderation does when comments come and when moderators decide. Work that takes long leaves as a task."""

from typing import Any

from django.conf import settings
from django.dispatch import receiver

from comments.models import Comment
from comments.signals import comment_held, comment_published
from moderation import akismet, learning, tasks
from moderation.models import Decision
from moderation.signals import decided
from moderation.spam.judge import Verdict


@receiver([comment_published, comment_held])
def keep_what_was_thought(comment: Comment, **_kwargs: Any) -> None:
    """Keep the assessment of a new comment, as soon as it has a key."""
    assessed: tuple[Verdict, str] | None = comment.__dict__.pop("assessed", None)
    if assessed is None:
        return
    verdict, network = assessed
    assessment = learning.keep_assessment(verdict, comment, network=network)
    if settings.AKISMET_API_KEY:
        assessment.outside = {"akismet": akismet.question_about(comment)}
        assessment.save(update_fields=["outside"])
        tasks.ask_akismet.enqueue(comment.pk)


@receiver(decided)
def learn_from_decision(decision: Decision, **_kwargs: Any) -> None:
    tasks.learn_decision.enqueue(decision.pk)
