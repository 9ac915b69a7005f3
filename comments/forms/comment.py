from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.profile import add_link
from comments.forms.extensions import form_extensions
from comments.forms.images import PicturesMixin
from comments.forms.seen import SeenTextMixin
from comments.models import Comment, PendingComment
from comments.models.submission import Submission
from comments.services.adding import add_to_comment
from comments.services.writing import edit_comment, publish_comment
from core.models import SiteSettings
from core.utils.guessing import KNOWN_LANGUAGES
from core.utils.languages import name_of
from core.utils.locks import lock_row
from core.utils.text import search_key
from posts.models import Post


class BodyField(forms.CharField):
    """The text of a comment. Only the ends are stripped; text that is too long is refused, never cut."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Your comment"),
            help_text=_(
                "You can use Markdown: *italic*, **bold**, > quote, - list. @name mentions a member."
            ),
            widget=forms.Textarea(attrs={"rows": 5, "dir": "auto", "data-words": True}),
            error_messages={"required": _("Write something first.")},
            **kwargs,
        )

    def clean(self, value: str | None) -> str:
        text: str = super().clean(value).replace("\r\n", "\n")
        if len(text) > settings.COMMENT_MAX_CHARACTERS:
            raise ValidationError(
                _(
                    "Your comment is %(count)d characters; the limit is %(limit)d. Shorten it or split it in two."
                ),
                code="too_long",
                params={"count": len(text), "limit": settings.COMMENT_MAX_CHARACTERS},
            )
        return text


class KeyField(forms.UUIDField):
    """The key of a pending comment. An invalid one is ignored, since no one typed it."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            return None


class CommentField(forms.ModelChoiceField):
    """The number of a comment.

    `among` returns the allowed comments. It is called only if a number was sent, which is rare. `known`: an
    allowed comment that was just read.
    """

    known: Comment | None = None
    among: Callable[[], QuerySet[Comment]] = staticmethod(Comment.objects.none)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Comment.objects.none(), required=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        if self.known is not None and value == str(self.known.pk):
            return self.known
        if value not in self.empty_values:
            self.queryset = self.among()
        return super().to_python(value)


class CommentForm(PicturesMixin, forms.Form):
    """A new comment. `parent` must be a public comment of the same post.

    `add_to`, sent by a button, is the author's comment to which the text is added instead. `pending` is a
    pending comment whose author has signed in (comments/forms/pending.py).
    """

    body = BodyField()
    parent = CommentField(
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": _(
                "The comment you’re replying to no longer exists. Your text is below; you can post it as a new comment."
            )
        },
    )

    add_to = CommentField(
        error_messages={
            "invalid_choice": _(
                "The comment you’re adding to no longer exists. Your text is below; you can post it as a new comment."
            )
        },
    )

    pending = KeyField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, post: Post, author: User | None = None, parent: Comment | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("auto_id", f"id_{parent.pk if parent else 'new'}_%s")
        super().__init__(*args, **kwargs)
        self.post, self.author = post, author
        answered, added_to = (cast(CommentField, self.fields[name]) for name in ("parent", "add_to"))
        answered.known = parent
        answered.among = lambda: Comment.objects.for_post(post).public().select_related("author")
        if author:
            added_to.among = lambda: Comment.objects.for_post(post).by(author).not_gone()
        if parent:
            self.fields["body"].label = _("Your reply to %(name)s") % {"name": parent.author_name}
            self.initial.setdefault("parent", parent.pk)
        elif post.kind == Post.Kind.MEMORIAL:
            self.fields["body"].label = _("What you remember")
        for extension in form_extensions():
            self.fields.update(extension.fields(post))

    def save(self, submission: Submission | None = None) -> Comment:
        """Publish the comment or add the text.

        Raises ValidationError and TooFast like publish_comment and add_to_comment.
        """
        if self.author is None:
            raise TypeError("A form without an author is for looking only.")
        if not self.cleaned_data["pending"]:
            return self.write(self.author, submission)
        with transaction.atomic():
            same = PendingComment.objects.waiting().filter(pk=self.cleaned_data["pending"], post=self.post)
            pending = same.select_for_update(no_key=True).first()
            link = pending.link_for(self.author) if pending is not None else ""
            if link:  # the member before the post, as in all locks
                lock_row(User.objects, self.author.pk)
            comment = self.write(self.author, submission, link)
            if link and not comment.was_blocked:
                add_link(self.author, link)
            if pending is not None:
                pending.settle(comment)
        return comment

    def write(self, author: User, submission: Submission | None, link: str = "") -> Comment:
        text = self.cleaned_data["body"]
        if self.cleaned_data["add_to"]:
            return add_to_comment(
                self.cleaned_data["add_to"],
                text=text,
                by=author,
                and_store=partial(self.store_extensions, adds=True),
            )
        parent = self.cleaned_data["parent"]
        return publish_comment(
            post=self.post,
            author=author,
            body=text,
            parent=parent,
            and_store=self.store_extensions,
            submission=submission,
            link=link,
        )

    def store_extensions(self, comment: Comment, *, adds: bool = False) -> None:
        for extension in form_extensions():
            extension.store(comment, self.cleaned_data, adds=adds)

    @property
    def has_unsent_text(self) -> bool:
        """Whether the form contains the author's earlier input, after a refusal or a sign-in."""
        return self.is_bound or bool(self.initial.get("body"))


def _languages() -> list[tuple[str, Any]]:
    """The languages that can be guessed and those of the site, each in its own language. "" is to guess."""
    codes = {*KNOWN_LANGUAGES, *(code.partition("-")[0] for code in SiteSettings.current().offered)}
    names = sorted(((code, name_of(code)) for code in codes), key=lambda one: search_key(one[1]))
    return [("", _("Detect automatically")), *names]


class CommentEditForm(SeenTextMixin, PicturesMixin, forms.Form):
    body = BodyField()
    language = forms.ChoiceField(label=_("Language"), choices=_languages, required=False)

    def __init__(self, *args: Any, comment: Comment, author: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comment, self.author = comment, author
        self.initial.setdefault("body", comment.body)
        self.initial.setdefault("language", comment.language)

    def save(self) -> Comment:
        """Edit the comment. Raises ValidationError and TooFast like edit_comment."""
        # A form opened before this field existed does not change the language.
        language = self.cleaned_data["language"] if "language" in self.data else None
        text, seen = self.cleaned_data["body"], self.cleaned_data["seen"]
        with self.noting_newer_text():
            return edit_comment(self.comment, body=text, by=self.author, language=language, seen=seen)

    @property
    def has_unsent_text(self) -> bool:
        return self.is_bound or self.initial["body"] != self.comment.body
