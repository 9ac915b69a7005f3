"""The supported systems. A file is recognised by its contents, never by its name."""

from django.utils.translation import gettext as _

from transfer.imports.bundle import Bundle
from transfer.imports.readers import (
    blogger,
    commento,
    disqus,
    ghost,
    isso,
    markdown,
    medium,
    plain,
    remark42,
    substack,
)
from transfer.imports.readers.base import Format
from transfer.imports.stream import ImportRefused

# In this order: specific formats before general ones.
FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        plain.FORMAT,
        disqus.FORMAT,
        blogger.FORMAT,
        isso.FORMAT,
        substack.FORMAT,
        medium.FORMAT,
        remark42.FORMAT,
        commento.FORMAT,
        ghost.FORMAT,
        markdown.FORMAT,
    )
}


def recognise(bundle: Bundle, wanted: str = "") -> Format:
    """The format of an export, or the requested one if it can be that. Raises ImportRefused."""
    if wanted:
        chosen = FORMATS[wanted]
        if not chosen.matches(bundle):
            raise ImportRefused(_("This doesn’t look like an export of %(label)s.") % {"label": chosen.label})
        return chosen
    for one in FORMATS.values():
        if one.matches(bundle):
            return one
    labels = sorted(["WordPress", *(one.label for one in FORMATS.values())], key=str.casefold)
    raise ImportRefused(
        _("We can’t read this file. You can import from: %(labels)s.") % {"labels": ", ".join(labels)}
    )
