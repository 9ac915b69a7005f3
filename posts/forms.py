"""What comes from the host's desk."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django_prose_editor.fields import ProseEditorFormField
from django_prose_editor.widgets import AdminProseEditorWidget

from core.pictures import clean_picture
from posts.models import Post

COVER_SIZE = (1600, 1200)

# What the toolbar offers. Post.save lets nothing more through (core.markup.clean_post_html).
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
}


class PostAdminForm(forms.ModelForm):
    body = ProseEditorFormField(label=_("Body"), required=False, extensions=EDITOR_EXTENSIONS, widget=AdminProseEditorWidget)
    # A plain file field: forms.ImageField would hand any kind of file to a decoder before we have looked at it.
    cover = forms.FileField(
        label=_("Cover picture"),
        required=False,
        widget=AdminFileWidget(attrs={"accept": "image/jpeg,image/png,image/gif,image/webp"}),
        help_text=_("JPEG, PNG, GIF or WebP. It is made smaller, and place and camera are taken out."),
    )

    class Meta:
        model = Post
        fields = ["title", "slug", "summary", "body", "cover", "cover_alt", "tags", "author", "published_at", "comments_open"]
        widgets = {"summary": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False  # Post.save makes one from the title
        if "published_at" in self.fields:  # two boxes, and Django labels neither
            for box, label in zip(self.fields["published_at"].widget.widgets, (_("Date"), _("Time")), strict=True):
                box.attrs["aria-label"] = label

    def clean_cover(self) -> ContentFile | Any:
        cover = self.cleaned_data["cover"]
        return clean_picture(cover, size=COVER_SIZE) if isinstance(cover, UploadedFile) else cover
