"""The kind of a Markdown site, and the URLs of its files."""

import re
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import yaml
from django.utils import timezone

from transfer.imports.bundle import Bundle
from transfer.imports.front_matter import UNREADABLE
from transfer.imports.stream import ImportRefused
from transfer.imports.values import mapping, text, texts

CONFIGS = (
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config/_default/hugo.toml",
    "config/_default/config.toml",
    "_config.yml",
    "_config.yaml",
    "_config.toml",
)
JEKYLL_STYLES = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "none": "/:categories/:title.html",
}
# Folders of programs, not of content.
MACHINERY = {
    "themes",
    "layouts",
    "archetypes",
    "_layouts",
    "_includes",
    "_sass",
    "vendor",
    "_site",
    "public",
    "dist",
}
POST_FOLDERS = {"_posts", "_drafts"}
# "2012-04-25-on-bread.md"
DATED = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})-(.+)")
PAGE_NAMES = {"about", "contact", "imprint", "impressum", "privacy"}
MAX_CONFIG_BYTES = 256 * 1024


@dataclass
class Site:
    """root: the folder of the site in the export, "" or ending in "/"."""

    root: str = ""
    is_jekyll: bool = False
    is_hugo: bool = False
    config: dict[str, Any] = field(default_factory=dict)
    now: datetime = field(default_factory=timezone.now)

    @classmethod
    def of(cls, bundle: Bundle) -> "Site":
        names = bundle.names
        root = _common_folder(names)
        site = cls(root)
        for config in CONFIGS:
            if root + config in bundle.files:
                site.config = _read_config(bundle, root + config)
                site.is_jekyll = config.startswith("_config")
                break
        folders = {part for name in names for part in PurePosixPath(name.removeprefix(root)).parts[:-1]}
        site.is_jekyll = site.is_jekyll or bool(folders & POST_FOLDERS)
        site.is_hugo = not site.is_jekyll and any(name.startswith(f"{root}content/") for name in names)
        return site

    @property
    def address(self) -> str:
        address = text(self.config.get("baseurl")) if self.is_hugo else text(self.config.get("url"))
        folder = text(self.config.get("baseurl")) if self.is_jekyll else ""
        return address.rstrip("/") + folder if address.startswith("http") else ""

    @property
    def title(self) -> str:
        return text(self.config.get("title"))

    def is_machinery(self, name: str) -> bool:
        """Whether a file belongs to a program.

        Not below the posts: there "public" is a section like any other.
        """
        folders = PurePosixPath(name.removeprefix(self.root)).parts[:-1]
        texts_in = {"content"} if self.is_hugo else POST_FOLDERS
        return bool(MACHINERY.intersection(folders)) and folders[0] not in texts_in

    def path_of(self, name: str) -> str:
        """A file's path within the site's content."""
        path = name.removeprefix(self.root)
        return path.removeprefix("content/") if self.is_hugo else path

    def is_draft(self, name: str) -> bool:
        return bool({"_drafts", "drafts"} & set(PurePosixPath(self.path_of(name)).parts[:-1]))

    def is_page(self, name: str, values: dict[str, Any], *, has_date: bool) -> bool:
        parts = PurePosixPath(self.path_of(name)).parts
        kind = text(values.get("layout") or values.get("type"))
        if kind in {"page", "post"}:
            return kind == "page"
        if self.is_jekyll:
            return not POST_FOLDERS & set(parts)
        if self.is_hugo:
            return len(parts) == 1 or (len(parts) == 2 and parts[1].startswith("index.") and not has_date)
        return not has_date and PurePosixPath(parts[-1]).stem.lower() in PAGE_NAMES

    def addresses(
        self, name: str, values: dict[str, Any], slug: str, bare: str, written_at: datetime | None
    ) -> list[str]:
        """The URL of a file, from its front matter or the generator's settings, and its former URLs."""
        own = text(values.get("url")) or text(values.get("permalink"))
        former = [*texts(values.get("aliases")), *texts(values.get("redirect_from"))]
        # Its URL before it was a file, as importers record it.
        former += [old for key in ("blogger_orig_url", "wordpress_url") if (old := text(values.get(key)))]
        if own and ":" not in own:
            return [own, *former]
        day = timezone.localtime(written_at) if written_at else None
        categories = tags_in(values.get("categories")) or tags_in(values.get("category"), is_plural=False)
        path = PurePosixPath(self.path_of(name))
        folder = [part for part in path.parent.parts if part != "."]
        if stem_of(path) == "index":
            folder = folder[:-1]
        if self.is_jekyll:
            pattern = own or text(self.config.get("permalink")) or "date"
            is_post = bool(POST_FOLDERS & set(path.parts))
            patterns = (
                [JEKYLL_STYLES.get(pattern, pattern)] if is_post else ["/".join(["", *folder, bare, ""])]
            )
        else:
            pattern = text(mapping(self.config.get("permalinks")).get(folder[0])) if folder else ""
            patterns = [pattern or "/".join(["", *folder, slug, ""])]
        section = folder[0] if folder else ""
        found = [_filled(pattern, slug, bare, section, categories, day) for pattern in patterns]
        return [address for address in [*found, *former] if address]


def tags_in(value: Any, *, is_plural: bool = True) -> list[str]:
    """The tags in a value. In Jekyll, a string with several is separated by spaces."""
    if isinstance(value, str) and "," not in value and is_plural:
        return value.split()
    return texts(value)


def _filled(
    pattern: str, slug: str, bare: str, section: str, categories: list[str], day: datetime | None
) -> str:
    """A permalink pattern of Hugo or Jekyll with its values, "" if one is missing."""
    values = {
        "categories": "/".join(one.lower() for one in categories),
        "section": section,
        "title": slug,
        "slug": slug,
        "filename": bare,
        "contentbasename": bare,
        "name": bare,
    }
    if day is not None:
        values |= {
            "year": f"{day:%Y}",
            "month": f"{day:%m}",
            "day": f"{day:%d}",
            "i_month": str(day.month),
            "i_day": str(day.day),
            "short_year": f"{day:%y}",
            "y_day": f"{day:%j}",
            "monthname": f"{day:%B}",
            "yearday": str(int(f"{day:%j}")),
        }
    names = re.findall(r":([a-z_]+)", pattern)
    if any(name not in values for name in names):
        return ""
    filled = re.sub(r":([a-z_]+)", lambda found: values[found[1]], pattern)
    return re.sub("/+", "/", f"/{filled}")


def name_and_day(path: PurePosixPath) -> tuple[str, str]:
    """The name and date of a file: "on-bread" and "2012-04-25" for "2012-04-25-on-bread.md".

    For an index file, the name is its folder's.
    """
    stem = stem_of(path)
    stem = path.parent.name if stem == "index" and path.parent.name else stem
    dated = DATED.fullmatch(stem)
    return (dated[2], dated[1]) if dated else (stem, "")


def stem_of(path: PurePosixPath) -> str:
    """A file's name without extension and language code (index.en.md)."""
    return re.sub(r"\.[a-z]{2}(?:-[a-zA-Z]{2})?$", "", path.stem)


def _common_folder(names: list[str]) -> str:
    """The common top folder, as in the zip of a repository."""
    first = names[0].partition("/")[0]
    if "/" not in names[0] or first in {"content", "_posts", "posts"}:
        return ""
    return f"{first}/" if all(name.startswith(f"{first}/") for name in names) else ""


def _read_config(bundle: Bundle, name: str) -> dict[str, Any]:
    """The site's configuration with lowercase keys; empty if it cannot be read."""
    try:
        source = bundle.read(name, MAX_CONFIG_BYTES).decode("utf-8", "replace")
        values = tomllib.loads(source) if name.endswith(".toml") else yaml.safe_load(source)
        return {str(key).lower(): value for key, value in values.items()} if isinstance(values, dict) else {}
    except (ImportRefused, *UNREADABLE):
        return {}
