"""Forms of the admin."""

from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.contrib.admin.widgets import AdminFileWidget
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django_prose_editor.fields import ProseEditorFormField
from django_prose_editor.widgets import AdminProseEditorWidget

from core.utils.images import clean_picture
from posts.models import Post

COVER_SIZE = (1600, 1200)

# What the toolbar offers. Post.save lets nothing more through (core.markup.posts.clean_post_html).
EDITOR_EXTENSIONS: dict[str, Any] = {
    "Bold": True,
    "Italic": True,
    "Strike": True,
    "Subscript": True,
    "Superscript": True,
    "Code": True,
    "CodeBlock": True,
    "Heading": {"levels": [2, 3, 4]},
    "BulletList": True,
    "OrderedList": {"enableListAttributes": False},
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "HardBreak": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto"]},
    "History": True,
    # Pictures that a post has already, from an import: without these the editor would drop them when it is opened.
    "Image": True,
    "Figure": True,
    "Caption": True,
}

# Shown by static/js/admin.js when somebody pastes or drops a picture.
EDITOR_ATTRS = {
    "data-no-pictures": _(
        "Pictures can’t be added to the text yet, so this one was left out. You can add one picture as the cover picture, below."
    )
}


def language_choices() -> list[tuple[str, str]]:
    """Every language that Django knows, by the name that its own readers use."""
    names = [(code, info["name_local"]) for code, info in LANG_INFO.items() if "name_local" in info]
    return [("", _("The site’s language")), *sorted(names, key=lambda choice: choice[1].casefold())]


class PostAdminForm(forms.ModelForm):
    body = ProseEditorFormField(
        label=_("Body"),
        required=False,
        extensions=EDITOR_EXTENSIONS,
        widget=AdminProseEditorWidget(attrs=EDITOR_ATTRS),
    )
    # A plain file field: forms.ImageField would hand any kind of file to a decoder before we have looked at it.
    cover = forms.FileField(
        label=_("Cover picture"),
        required=False,
        widget=AdminFileWidget(attrs={"accept": "image/jpeg,image/png,image/gif,image/webp"}),
        help_text=_("JPEG, PNG, GIF or WebP. We resize it and remove location and camera data."),
    )

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=language_choices,
        help_text=_("For screen readers, search engines and the direction of the text."),
    )

    class Meta:
        model = Post
        fields = [
            "title",
            "slug",
            "summary",
            "body",
            "cover",
            "cover_alt",
            "tags",
            "author",
            "published_at",
            "comments_open",
            "language",
        ]
        widgets = {"summary": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.instance.language
        if "language" in self.fields and given and given not in dict(language_choices()):  # from an import
            self.fields["language"].choices = [*language_choices(), (given, given)]
        if "slug" in self.fields:
            self.fields["slug"].required = False  # Post.save makes one from the title
        if "published_at" in self.fields:  # two boxes, and Django labels neither
            for box, label in zip(
                self.fields["published_at"].widget.widgets, (_("Date"), _("Time")), strict=True
            ):
                box.attrs["aria-label"] = label

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        other = self.instance.owner_of_slug(slug) if slug else None
        if other is None:
            return slug
        said = (
            _("“%(title)s” already uses this web address. Choose another one.")
            if other.slug == slug
            else _("This was the web address of “%(title)s”, and links still lead there. Choose another one.")
        )
        raise forms.ValidationError(said, code="taken", params={"title": other.title})

    def clean_cover(self) -> ContentFile | Any:
        cover = self.cleaned_data["cover"]
        return clean_picture(cover, size=COVER_SIZE) if isinstance(cover, UploadedFile) else cover
