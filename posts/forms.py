"""Forms of the admin."""

from contextlib import suppress
from typing import Any, cast

from django import forms
from django.conf.locale import LANG_INFO
from django.contrib.admin.widgets import AdminFileWidget
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from core.markup.posts import host_markdown
from core.utils.images import clean_picture
from core.utils.slugs import make_slug
from core.utils.text import search_key
from posts.editor.autosave import BODY_CHARACTERS, content_version, opened_with, settings_of
from posts.editor.widgets import PostEditorWidget
from posts.models import Post, Tag
from posts.publishing_form import SHARE_SIZE, PublishingFormMixin
from posts.services.publishing import COVER_SIZE


def language_choices() -> list[tuple[str, str]]:
    """Every language that Django knows, by its own name."""
    names = [(code, info["name_local"]) for code, info in LANG_INFO.items() if "name_local" in info]
    return [("", _("The site’s language")), *sorted(names, key=lambda choice: search_key(choice[1]))]


def draw_pictures(files: MultiValueDict) -> None:
    """Replace uploads by their processed pictures. One that the form would refuse stays as it is.

    For callers that save inside a transaction: on SQLite no one else could write while pictures are
    processed.
    """
    for name, size in (("cover", COVER_SIZE), ("share_picture", SHARE_SIZE)):
        if upload := files.get(name):
            with suppress(forms.ValidationError):
                files[name] = clean_picture(upload, size=size)


class PostAdminForm(PublishingFormMixin, forms.ModelForm):
    body = forms.CharField(
        label=_("Body"), required=False, strip=False, max_length=BODY_CHARACTERS, widget=PostEditorWidget
    )
    # A plain FileField: forms.ImageField would let Pillow decode any format before we have checked it.
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

    # What someone else has saved since, if anything; and whether more than the text has changed.
    theirs: Post | None = None
    is_outdated = False

    class Meta:
        model = Post
        fields = [
            "title",
            "slug",
            "summary",
            "body",
            "cover",
            "cover_alt",
            "cover_x",
            "cover_y",
            "author",
            "published_at",
            "comments_open",
            "language",
            "visibility",
            "is_pinned",
            "meta_title",
            "meta_description",
            "share_picture",
            "nav_place",
            "nav_order",
        ]
        widgets = {
            "title": forms.TextInput(attrs={"class": "vTextField", "placeholder": _("Title")}),
            "summary": forms.Textarea(attrs={"rows": 2, "placeholder": _("Summary")}),
            "meta_description": forms.Textarea(attrs={"rows": 3}),
            "visibility": forms.RadioSelect,
            "cover_x": forms.NumberInput(attrs={"min": 0, "max": 100}),
            "cover_y": forms.NumberInput(attrs={"min": 0, "max": 100}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        given = self.instance.language
        if "language" in self.fields and given and given not in dict(language_choices()):  # set by an import
            cast(forms.ChoiceField, self.fields["language"]).choices = [*language_choices(), (given, given)]
        if "slug" in self.fields:
            self.fields["slug"].required = False  # Post.save makes one from the title

    def _post_clean(self) -> None:
        """A blank slug is stored as one made from the title; until then, links on the page use the old one."""
        stored = self.instance.slug
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        self.instance.slug = self.instance.slug or (stored if self.errors else "")

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if slug and self.instance.slug_is_reserved(slug):
            raise forms.ValidationError(
                _("The site itself uses this web address. Choose another one."), code="reserved"
            )
        other = self.instance.owner_of_slug(slug) if slug else None
        if other is None:
            return slug
        message = (
            _("“%(title)s” already uses this web address. Choose another one.")
            if other.slug == slug
            else _("This was the web address of “%(title)s”, and links still lead there. Choose another one.")
        )
        raise forms.ValidationError(message, code="taken", params={"title": other.title})

    def clean_cover(self) -> ContentFile | Any:
        cover = self.cleaned_data["cover"]
        return clean_picture(cover, size=COVER_SIZE) if isinstance(cover, UploadedFile) else cover

    def clean_body(self) -> str:
        """HTML as the editor writes it.

        Text typed without scripts that does not start with a tag is Markdown.
        """
        typed = self.cleaned_data["body"].replace("\r\n", "\n")
        if typed == self.instance.body.replace("\r\n", "\n"):
            return self.instance.body
        return typed if typed.lstrip().startswith("<") else host_markdown(typed)

    def clean(self) -> dict[str, Any]:
        """Refuse, once, to overwrite what someone else saved after this form was opened."""
        cleaned = super().clean() or self.cleaned_data  # first, since it parses the date and time
        began_with, began_as = self.data.get("content_version", ""), opened_with(self.data)
        now = Post.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
        if now is None:
            return cleaned
        if began_with and content_version(now) != began_with:
            self.theirs = now
            raise forms.ValidationError(
                _(
                    "This post was changed and saved in another window after you opened it. Your text is below and not saved yet. Save again to replace the other version with yours."
                ),
                code="changed_elsewhere",
            )
        is_as = settings_of(now, self.fields.keys() & began_as.keys())
        if changed := [name for name in self.fields if name in is_as and is_as[name] != began_as[name]]:
            self.is_outdated = True
            if "published_at" in changed:
                self.show_time_of(now)
            raise forms.ValidationError(self._what_changed(now, changed), code="settings_changed_elsewhere")
        return cleaned

    def _what_changed(self, now: Post, names: list[str]) -> list[Any]:
        changes: list[Any] = [
            _(
                "This post was changed after you opened it. What you entered is below and not saved yet. Save again to use it."
            )
        ]
        if "published_at" in names and now.published_at is None:
            changes.append(_("It has since been unpublished."))
        elif "published_at" in names:
            changes.append(
                _("It has since been published.") if now.is_published else _("It has since been scheduled.")
            )
        if labels := [str(self.fields[name].label) for name in names if name != "published_at"]:
            changes.append(_("Changed: %(names)s.") % {"names": ", ".join(labels)})
        return changes


class TagForm(forms.ModelForm):
    cover = forms.FileField(
        label=_("Cover picture"),
        required=False,
        widget=AdminFileWidget(attrs={"accept": "image/jpeg,image/png,image/gif,image/webp"}),
        help_text=_("JPEG, PNG, GIF or WebP. We resize it and remove location and camera data."),
    )

    class Meta:
        model = Tag
        fields = ["name", "slug", "description", "cover", "cover_alt"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False  # scripts fill it in, otherwise the server does

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("slug") and "slug" not in self.errors and cleaned.get("name"):
            stem = make_slug(cleaned["name"])[:50].strip("-_") or "tag"
            others = Tag.objects.exclude(pk=self.instance.pk).filter(slug__startswith=stem)
            taken = set(others.values_list("slug", flat=True))
            names = (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3)))
            cleaned["slug"] = next(name for name in names if name not in taken)
        return cleaned

    def clean_cover(self) -> ContentFile | Any:
        cover = self.cleaned_data["cover"]
        return clean_picture(cover, size=COVER_SIZE) if isinstance(cover, UploadedFile) else cover
