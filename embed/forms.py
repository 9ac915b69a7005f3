"""The admin's form of a page elsewhere."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from embed.models import EmbeddedPage
from embed.services import post_here
from posts.models import Post


class PostAddressField(forms.Field):
    """A post by its web address: works without scripts, and for any number of posts."""

    widget = forms.TextInput(attrs={"class": "vTextField", "maxlength": 500})
    default_error_messages = {"unknown": _("This post doesn’t exist. Choose another.")}

    def prepare_value(self, value: Any) -> Any:
        post = Post.objects.filter(pk=value).first() if isinstance(value, int) else None
        return post.get_canonical_url() if post else value

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        if post := post_here(value):
            return post
        raise ValidationError(self.error_messages["unknown"], code="unknown")


class EmbeddedPageForm(forms.ModelForm):
    post = PostAddressField(label=_("Post"), help_text=_("Paste its web address on this site."))

    class Meta:
        model = EmbeddedPage
        fields = ["address", "post"]
