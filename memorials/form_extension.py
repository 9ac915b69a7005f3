"""The extension of the comment form on a memorial: may the family have this text?"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from memorials.services.memories import choose_for_family
from posts.models import Post


class FamilyChoiceExtension:
    """Implements comments.forms.extensions.FormExtension."""

    def fields(self, post: Post) -> dict[str, forms.Field]:
        if post.kind != Post.Kind.MEMORIAL:
            return {}
        return {"family": forms.BooleanField(required=False, label=_("The family may have this memory"))}

    def store(self, comment: Comment, cleaned: dict[str, Any], *, adds: bool = False) -> None:
        """Store the choice. An empty box is no answer, so an earlier answer stays."""
        if cleaned.get("family"):
            choose_for_family(comment, is_allowed=True)
