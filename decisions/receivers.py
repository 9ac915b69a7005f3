from typing import Any

from django.dispatch import receiver

from comments.models import Comment
from comments.signals import comment_published
from core.parts import is_on
from decisions.services.settling import tell_who_took_part


@receiver(comment_published)
def tell_of_outcome(comment: Comment, **_kwargs: Any) -> None:
    if is_on("decisions"):
        tell_who_took_part(comment)
