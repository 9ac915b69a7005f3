"""A form field that tells which version of a comment's text was edited."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms

from comments.models import Comment
from comments.services.seen import EditConflict, text_version


class SeenTextMixin(forms.Form):
    """If the text changed, the form shows the newer one once; sent again, it replaces that.

    Without the field (older pages, the API) nothing is compared.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    comment: Comment
    newer: str | None = None

    @property
    def began_with(self) -> str:
        """The value of the field `seen`."""
        if self.newer is not None:
            return text_version(self.newer)
        if self.is_bound:
            return str(self.data.get("seen", ""))
        return self.initial.get("seen") or text_version(self.comment.body)

    @contextmanager
    def noting_newer_text(self) -> Iterator[None]:
        try:
            yield
        except EditConflict as error:
            self.newer = error.newer
            raise
