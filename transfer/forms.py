"""Forms for uploading an export and for correcting a pasted page."""

import hashlib
import json
from typing import Any

from django import forms
from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from transfer.imports.pasted import MAX_COMMENTS, FoundPage, PageTooLarge, recognise_page
from transfer.imports.readers.plain import MARK
from transfer.imports.runs import begin, check_recognised
from transfer.imports.services import systems
from transfer.models import ImportRun


class DateTimeInput(forms.DateTimeInput):
    """The browser's native date and time input."""

    input_type = "datetime-local"

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class ImportForm(forms.Form):
    """The upload. The format is detected before the file is stored, so that errors are shown at the field."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "The file or zip that the other system exported. Zip a folder of Markdown files. WordPress: zip the files of the export together with the folder wp-content/uploads, so that pictures are imported too."
        ),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("This file is empty. Export it again, or choose another."),
        },
    )
    system = forms.ChoiceField(label=_("Format"), required=False)
    address = forms.URLField(
        label=_("Address of the old site"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("Only for exports that don’t include it, such as Ghost’s. For links and pictures."),
    )
    fetch_pictures = forms.BooleanField(
        label=_("Fetch pictures from the old site"),
        required=False,
        help_text=_("While it is online. Pictures in the zip are imported anyway."),
    )
    sole_author = forms.BooleanField(
        label=_("All posts are mine"),
        required=False,
        help_text=_("WordPress only. Otherwise each author in the export becomes a member."),
    )
    with_pings = forms.BooleanField(
        label=_("Import pingbacks"),
        required=False,
        help_text=_("WordPress only: pages elsewhere that linked to a post, as comments."),
    )
    with_subscribers = forms.BooleanField(
        label=_("Import subscribers"),
        required=False,
        help_text=_("Only if they agreed to get posts by email, and you can prove it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chooser = self.fields["system"]
        assert isinstance(chooser, forms.ChoiceField)  # noqa: S101 - for the type checker
        chooser.choices = [("", _("Recognise it by its contents")), *systems().items()]

    def clean_file(self) -> File:
        file: File = self.cleaned_data["file"]
        if (file.size or 0) > settings.IMPORT_FILE_MAX_BYTES:
            raise forms.ValidationError(
                _(
                    "The file is larger than %(limit)d MB. Import it on the server: manage.py import_blog FILE, or upload it in parts."
                ),
                code="too_many_bytes",
                params={"limit": settings.IMPORT_FILE_MAX_BYTES // 2**20},
            )
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file is not None and "system" in cleaned:
            try:
                check_recognised(file, file.name or "", cleaned["system"])
            except forms.ValidationError as error:
                self.add_error("file", error)
        return cleaned

    def save(self, by: User) -> ImportRun:
        """Store the upload. Raises ValidationError if that fails."""
        values = self.cleaned_data
        names = ("system", "address", "fetch_pictures", "with_pings", "with_subscribers", "sole_author")
        options = {name: values[name] for name in names}
        return begin(values["file"], by, **options)


# --- a pasted page ----------------------------------------------------------------


class PasteForm(forms.Form):
    source = forms.CharField(
        label=_("Text or HTML of the page"),
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_(
            "A page as you saved it, or its text as you copied it from the browser, with names and dates."
        ),
        error_messages={"required": _("Paste the page.")},
    )

    def clean_source(self) -> str:
        source: str = self.cleaned_data["source"]
        try:
            page = recognise_page(source)
        except PageTooLarge:
            raise forms.ValidationError(
                _("This is too much to read at once. Paste only the part with the post and its comments."),
                code="too_much",
            ) from None
        if not (page.text or page.comments):
            raise forms.ValidationError(
                _(
                    "Nothing in it looks like a post or a comment. Paste more of the page, with the names and dates above the comments."
                ),
                code="nothing",
            )
        self.page = page
        return source


class FoundPostForm(forms.Form):
    """The recognised post of a pasted page, to be corrected."""

    title = forms.CharField(
        label=_("Title"), max_length=200, error_messages={"required": _("Enter a title.")}
    )
    address = forms.CharField(
        label=_("Old web address"),
        required=False,
        max_length=400,
        help_text=_("Such as /2012/04/on-bread.html. Links to it will lead to the post here."),
    )
    author = forms.CharField(
        label=_("Author"),
        required=False,
        max_length=100,
        help_text=_("Noted in the report. The post becomes yours; you can change its author in the editor."),
    )
    written_at = forms.DateTimeField(label=_("Published on"), required=False, widget=DateTimeInput)
    text = forms.CharField(label=_("Text"), required=False, widget=forms.Textarea(attrs={"rows": 8}))
    comments_only = forms.BooleanField(
        label=_("Only the comments"),
        required=False,
        help_text=_("The post is already here: it’s found by its address."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("comments_only") and not cleaned.get("address"):
            self.add_error("address", _("Enter the address, so that the post can be found."))
        return cleaned


class FoundCommentForm(forms.Form):
    """A comment of a pasted page. parent: the number of an earlier comment that it replies to."""

    keep = forms.BooleanField(label=_("Import"), required=False)
    parent = forms.IntegerField(label=_("Reply to comment no."), required=False, min_value=1)
    name = forms.CharField(label=_("Name"), required=False, max_length=100)
    written_at = forms.DateTimeField(label=_("Date"), required=False, widget=DateTimeInput)
    text = forms.CharField(label=_("Comment"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


class BaseFoundComments(forms.BaseFormSet):
    def clean(self) -> None:
        """A reply must be to an earlier comment that is imported too."""
        kept = {number for number, form in enumerate(self.forms, 1) if form.cleaned_data.get("keep")}
        for number, form in enumerate(self.forms, 1):
            parent = form.cleaned_data.get("parent")
            if number in kept and parent is not None and not (parent < number and parent in kept):
                form.add_error(
                    "parent",
                    _("Enter the number of a comment above this one that is imported too, or nothing."),
                )


FoundComments = forms.formset_factory(
    FoundCommentForm, formset=BaseFoundComments, extra=0, max_num=MAX_COMMENTS, absolute_max=MAX_COMMENTS
)


def found_forms(page: FoundPage) -> "tuple[FoundPostForm, forms.BaseFormSet[Any]]":
    """Forms filled with what was recognised."""
    post = FoundPostForm(
        initial={
            "title": page.title,
            "author": page.author,
            "written_at": page.written_at,
            "text": page.text,
        },
        prefix="post",
    )
    rows = [
        {
            "keep": True,
            "parent": one.parent or None,
            "name": one.name,
            "written_at": one.written_at,
            "text": one.text,
        }
        for one in page.comments
    ]
    return post, FoundComments(initial=rows, prefix="comments")


def begin_pasted(post: FoundPostForm, comments: "forms.BaseFormSet[Any]", by: User) -> ImportRun:
    """Convert the corrected page to a file in our own format, which is imported like any other."""
    values = post.cleaned_data
    rows = [
        {
            "id": _digest(
                form.cleaned_data["name"],
                str(form.cleaned_data["written_at"]),
                form.cleaned_data["text"],
                str(number),
            ),
            "number": number,
            "parent": form.cleaned_data["parent"],
            "name": form.cleaned_data["name"],
            "body": form.cleaned_data["text"],
            "written_at": form.cleaned_data["written_at"],
        }
        for number, form in enumerate(comments.forms, 1)
        if form.cleaned_data.get("keep") and form.cleaned_data.get("text")
    ]
    ids = {row["number"]: row["id"] for row in rows}
    found = {
        "id": _digest(values["title"], values["address"]),
        "title": values["title"],
        "body": values["text"],
        "body_format": "text",
        "address": values["address"],
        "author": values["author"],
        "published_at": values["written_at"],
        "comments_only": values["comments_only"],
        "comments": [row | {"parent": ids.get(row["parent"], "")} for row in rows],
    }
    file = {"format": MARK, "version": 1, "site": {"address": "pasted"}, "posts": [found]}
    content = json.dumps(file, default=lambda value: value.isoformat()).encode()
    return begin(ContentFile(content, name=f"{values['title'][:80]}.json"), by, system="json")


def _digest(*texts: str) -> str:
    return hashlib.blake2b("\0".join(texts).encode("utf-8", "replace"), digest_size=8).hexdigest()
