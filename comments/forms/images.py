"""Pictures sent together with the text in one form, without JavaScript. With it, each is uploaded first."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.urls import reverse_lazy
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from comments.models import CommentPicture
from comments.services.images import ALT_CHARACTERS, add_picture, picture_markdown
from core.utils.htmx import is_htmx
from core.utils.ratelimit import TooFast


class PicturesInput(forms.FileInput):
    allow_multiple_selected = True


class PicturesMixin(forms.Form):
    """Two fields beside the text. `with_pictures` stores their uploads before the form is bound."""

    pictures = forms.FileField(
        label=gettext_lazy("Pictures"),
        required=False,
        help_text=gettext_lazy("JPEG up to 30 MB; PNG, GIF or WebP up to 10 MB. We remove location data."),
        widget=PicturesInput(
            attrs={
                "multiple": True,
                "accept": "image/jpeg,image/png,image/gif,image/webp",
                "data-pictures": reverse_lazy("comments:picture-create"),
            }
        ),
    )
    picture_alt = forms.CharField(
        label=gettext_lazy("Describe the pictures"),
        required=False,
        max_length=ALT_CHARACTERS,
        help_text=gettext_lazy(
            "For people who can’t see them. You can edit it between the brackets in your text."
        ),
    )

    def __init__(self, *args: Any, refused_pictures: Iterable[ValidationError] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused_pictures = refused_pictures

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for refusal in self.refused_pictures:
            self.add_error("pictures", refusal)
        return {name: value for name, value in cleaned.items() if name not in {"pictures", "picture_alt"}}


def with_pictures(request: HttpRequest) -> tuple[QueryDict, list[ValidationError]]:
    """The POST data with a line of Markdown for each uploaded picture, and the errors of the others.

    Members only; visitors have no such field. Not for htmx: pictures were uploaded before, and lines added
    here would not reach the page.
    """
    files = request.FILES.getlist("pictures")
    if not files or not request.user.is_authenticated or is_htmx(request):
        return request.POST, []
    lines: list[str] = []
    refused: list[ValidationError] = []
    body = request.POST.get("body", "")
    for file in files[: settings.COMMENT_MAX_PICTURES]:
        try:
            picture = _store(file, by=request.user, alt=request.POST.get("picture_alt", ""))
        except ValidationError as refusal:
            refused.append(refusal)
        else:
            if f"](picture:{picture.pk})" not in body:
                lines.append(picture_markdown(picture))
    if len(files) > settings.COMMENT_MAX_PICTURES:
        refused.append(
            ValidationError(
                _("A comment can have up to %(limit)d pictures."),
                params={"limit": settings.COMMENT_MAX_PICTURES},
            )
        )
    data = request.POST.copy()
    data["body"] = "\n\n".join(part for part in (body.rstrip(), "\n".join(lines)) if part)
    data["picture_alt"] = ""
    return data, refused


def _store(file: UploadedFile, *, by: User, alt: str) -> CommentPicture:
    """Store an upload. Raises ValidationError with the name of the file, since several are sent together."""
    name = Truncator(file.name or "").chars(60)
    try:
        return add_picture(file, by=by, alt=alt, came_with_text=True)
    except ValidationError as error:
        raise ValidationError(
            _("%(name)s: %(why)s"), params={"name": name, "why": error.messages[0]}
        ) from None
    except TooFast:
        raise ValidationError(
            _("%(name)s: You’ve added many pictures in a short time. Try again later."),
            params={"name": name},
        ) from None
