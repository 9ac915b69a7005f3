"""The body of a post as a form field: HTML from the editor; without JavaScript, HTML or Markdown."""

import json
from typing import Any

from django import forms
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_prose_editor.widgets import importmap as editor_importmap
from js_asset import ImportMap, Media, Script

from posts.editor.words import editor_strings

# Our own modules. The import map gives each its URL, which contains a hash in production.
MODULES = (
    "autosave",
    "blocks",
    "dialogs",
    "dom",
    "figures",
    "find",
    "foreign",
    "html",
    "insert",
    "library",
    "menus",
    "paste",
    "pictures",
    "stops",
    "tables",
    "toolbar",
    "views",
)


class PostEditorWidget(forms.Textarea):
    """The editor.

    `config`: what its scripts need for this post and request (set by posts/editor/admin.py).
    """

    config: dict[str, Any]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 24, "cols": 80} | (attrs or {}))
        self.config = {}

    @property
    def media(self) -> Media:
        own = ImportMap({f"editor/{name}": f"js/editor/{name}.js" for name in MODULES})
        return Media(
            importmap=editor_importmap | own,
            css={"all": ["css/editor.css"]},
            js=[Script("js/editor/main.js", type="module")],
        )

    def use_required_attribute(self, _initial: Any) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        about = self.config | {
            "words": editor_strings(),
            "icons": static("editor-icons.svg"),
            "language": get_language(),
        }
        attrs = (attrs or {}) | {"data-editor": json.dumps(about, separators=(",", ":"))}
        return format_html(
            '{}<noscript><p class="help">{}</p></noscript>{}',
            super().render(name, value, attrs, renderer),
            _("Write Markdown, or HTML that begins with a tag. Pictures are under Uploads."),
            self._hidden_fields(),
        )

    def _hidden_fields(self) -> SafeString:
        """The state in which the form was opened, to compare a later save with."""
        values = {
            "content_version": self.config.get("saved", ""),
            "settings_version": json.dumps(self.config.get("settings", {}), separators=(",", ":")),
            "autosave_key": self.config.get("key", ""),
            "autosave_revision": self.config.get("revision", ""),
            "autosave_window": "",
        }
        return format_html_join("", '<input type="hidden" name="{}" value="{}">', values.items())
