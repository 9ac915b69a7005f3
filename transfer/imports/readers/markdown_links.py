"""Links between files of a Markdown site: ref and relref, post_url and link, "../first.md".

The first two are Hugo's, the next two Jekyll's.
"""

import posixpath
import re
from pathlib import PurePosixPath

from core.utils.slugs import make_slug
from transfer.imports import front_matter
from transfer.imports.bundle import Bundle
from transfer.imports.readers.markdown_site import Site, name_and_day, stem_of
from transfer.imports.stream import ImportRefused
from transfer.imports.values import decoded, moment, text

TEXTS = (".md", ".markdown", ".mdown", ".mdx", ".html")
# "[first](../first.md#part)", not "[first](https://…)".
TO_A_FILE = re.compile(
    r"(?<=\]\()<?((?:\.{0,2}/)?[^\s()<>:#?]{1,300}\.(?:md|markdown|mdx))>?(?:#[^\s()<>]{0,200})?(?=[\s)])"
)
MAX_BYTES = 5_000_000


class Links:
    """The files of a site by path, and by name if it is unique."""

    def __init__(self, bundle: Bundle, site: Site) -> None:
        self.bundle, self.site = bundle, site
        self.by_path: dict[str, str] = {}
        self.by_name: dict[str, str] = {}
        self.found: dict[str, str] = {}
        for name in bundle.matching(*TEXTS):
            path = PurePosixPath(site.path_of(name))
            if site.is_machinery(name) or stem_of(path) == "_index":
                continue
            self.by_path.setdefault(_bare(path.as_posix()), name)
            own = path.parent.name if stem_of(path) == "index" else stem_of(path)
            # An ambiguous name: each file needs its folder.
            self.by_name[own] = "" if own in self.by_name else name

    def address_of(self, place: str, folder: str = "") -> str:
        """The URL here of the file that is meant, or ""."""
        bare = _bare(place.partition("#")[0].partition("?")[0].strip())
        if bare.startswith("/"):
            name = self.by_path.get(bare.strip("/"))
        else:
            beside = posixpath.normpath(posixpath.join(folder, bare))
            name = self.by_path.get(beside) or self.by_path.get(bare)
        name = name or self.by_name.get(PurePosixPath(bare).name, "")
        if name and name not in self.found:
            self.found[name] = self._address(name)
        return self.found.get(name, "")

    def of_files(self, source: str, folder: str) -> str:
        """The Markdown with its links to other files pointing to the posts here."""

        def address(link: re.Match[str]) -> str:
            return self.address_of(link[1], folder) or link[0]

        return TO_A_FILE.sub(address, source)

    def _address(self, name: str) -> str:
        try:
            values = front_matter.split(decoded(self.bundle.read(name, MAX_BYTES))[0])[0] or {}
        except ImportRefused:  # reported when the file itself is read
            return ""
        bare, day = name_and_day(PurePosixPath(self.site.path_of(name)))
        written_at = moment(values.get("date")) or moment(day)
        slug = text(values.get("slug")) or bare
        if self.site.is_page(name, values, has_date=written_at is not None):
            # A page has its own URL on both sites; the old one redirects to the new one.
            return next(iter(self.site.addresses(name, values, slug, bare, written_at)), "")
        return f"/posts/{make_slug(slug, fold=False)}/"


def _bare(path: str) -> str:
    """A path without its optional parts: the extension, and "index"."""
    path = re.sub(r"(?:\.[a-z]{2})?\.(?:md|markdown|mdown|mdx|html)$", "", path)
    return path.removesuffix("/index") if path != "/index" else path
