"""Stylesheets and scripts: everything is used by some page, and no page loads too much or too little."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client

from core.markup.allowlists import HOST_CLASSES
from core.web.staticfiles import LenientManifestStorage
from tests.factories import make_comment, make_host, make_member, make_post

ROOT = Path(__file__).resolve().parents[1]
STYLES = ROOT / "static" / "css"
# The site's own stylesheets; Django's admin has its own, with other class names.
OURS = sorted(path for path in STYLES.glob("*.css") if not path.name.startswith(("admin", "editor")))
# Classes that other programs write into our pages: Django's forms.
WRITTEN_BY_OTHERS = {"errorlist"}
# accounts/templatetags/account_tags.py chooses one of eight colours for a member without a picture.
TONES = {f"t{number}" for number in range(1, 9)}
# Limits for the page of a post with a discussion, in bytes of the uncompressed files; without htmx.
MAX_STYLE, MAX_SCRIPT = 38_000, 40_000


def plain(css: str) -> str:
    """Return the CSS without comments, strings and URLs, in which a dot does not start a class name."""
    return re.sub(r"/\*.*?\*/|url\(.*?\)|\"[^\"]*\"", "", css, flags=re.DOTALL)


def classes_in(css: str) -> set[str]:
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", plain(css)))


@cache
def classes_of(path: Path) -> set[str]:
    return classes_in(path.read_text(encoding="utf-8"))


def classes_on(page: str) -> set[str]:
    return {name for value in re.findall(r'class="([^"]*)"', page) for name in value.split()}


def loaded(page: str, kind: str) -> list[Path]:
    """Return our files that a page loads, in order. kind: css or js."""
    pattern = (
        r'<link rel="stylesheet" href="/static/(css/[^"]+)"'
        if kind == "css"
        else r'<script src="/static/(js/[^"]+)"'
    )
    return [Path(finders.find(name)) for name in re.findall(pattern, page)]


@cache
def written_somewhere() -> set[str]:
    """Return every word in class attributes of templates, and in strings of Python code and scripts."""
    words = set().union(*HOST_CLASSES.values())
    for path in (ROOT / "templates").rglob("*.html"):
        # A class attribute may contain template tags with quotation marks in them.
        text = re.sub(r"\{[%{].*?[%}]\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        words |= classes_on(text)
        # What a tag chooses or passes on: {% if x %} class="y"{% endif %}, {% include … with kind="held" %}.
        words |= set(
            re.findall(r"[\w-]+", " ".join(re.findall(r"\{[%{].*?[%}]\}", path.read_text(encoding="utf-8"))))
        )
    apps = ("accounts", "comments", "core", "moderation", "notifications", "posts", "search", "dashboard")
    for path in [path for app in apps for path in (ROOT / app).rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        words |= {
            word
            for value in re.findall(r'class="([^"]*)"|"class": "([^"]*)"|\(" (\w+)", node\.', text)
            for part in value
            for word in part.split()
        }
    for path in (ROOT / "static" / "js").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        for value in re.findall(
            r'className = "([^"]*)"|className: "([^"]*)"|classList\.\w+\("([^"]*)"|toggleAttribute\("([^"]*)"',
            text,
        ):
            words |= {word for part in value for word in part.split()}
    return words


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_every_class_that_is_styled_is_used(path):
    assert classes_of(path) - written_somewhere() - WRITTEN_BY_OTHERS - TONES == set()


def test_a_class_that_nobody_uses_would_be_found():
    assert "seats" in classes_in(".me .seats > li { color: red }") - written_somewhere()


def test_every_file_is_loaded_by_a_page_or_a_script():
    sources = [
        path
        for folder in ("templates", "static")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in {".html", ".js"}
    ]
    sources += (ROOT / "posts" / "admin").glob("*.py")
    sources += [ROOT / "posts" / "editor" / "widgets.py", ROOT / "embed" / "views.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    files = [
        f"{path.parent.name}/{path.name}"
        for kind in ("css", "js")
        for path in (ROOT / "static" / kind).iterdir()
    ]
    assert [name for name in files if name not in text] == []


@pytest.fixture
def page_of_a_post(db) -> str:
    """The fullest page of a post: a member reads a thread, with the form below it."""
    post = make_post(author=make_host("nora"))
    make_comment(post, parent=make_comment(post, author=make_member("bob")), author=make_member("kay"))
    client = Client()
    client.force_login(make_member("alice"))
    return client.get(post.get_absolute_url()).content.decode()


def test_the_page_of_a_post_loads_few_bytes(page_of_a_post):
    style, script = ([path.stat().st_size for path in loaded(page_of_a_post, kind)] for kind in ("css", "js"))
    assert (sum(style) <= MAX_STYLE, sum(script) <= MAX_SCRIPT) == (True, True), (sum(style), sum(script))
    assert (len(style), len(script)) == (8, 6)


def missing_on(page: str) -> set[str]:
    """Return classes on a page that our stylesheets define, but not those that the page loads."""
    known = {name for path in OURS for name in classes_of(path)}
    here = {name for path in loaded(page, "css") for name in classes_of(path)}
    return (classes_on(page) & known) - here


def test_sides_are_named_by_the_direction_of_writing():
    """Physical sides are wrong from right to left. Four lengths use them, and rtl.css mirrors these."""
    sides = re.compile(
        r"\b(?:padding|margin|inset):((?: [^\s;]+){4});|\b(?:padding|margin|border)-(?:left|right)\b"
    )
    found: Counter[str] = Counter()
    for path in (ROOT / "static/css").glob("*.css"):
        for match in sides.finditer(path.read_text(encoding="utf-8")):
            lengths = (match[1] or "0 left 0 right").split()
            found[path.name] += lengths[1] != lengths[3]
    assert +found == Counter({"thread.css": 2, "components.css": 1})


def test_the_sheet_that_orders_the_layers_comes_first(page_of_a_post):
    assert loaded(page_of_a_post, "css")[0].name == "tokens.css"
    assert (
        plain((STYLES / "tokens.css").read_text(encoding="utf-8")).strip().startswith("@layer reset, tokens,")
    )


def test_the_page_of_an_error_needs_no_more_than_it_loads():
    assert missing_on(render_to_string("500.html", {"site_name": "The Long Table"})) == set()


def test_the_address_of_a_file_is_that_of_its_version_and_composed_once(tmp_path, monkeypatch):
    storage = LenientManifestStorage(location=tmp_path, base_url="/static/")
    storage.hashed_files = {"base.css": "base.5f3.css"}
    composed = []
    hashed_name = LenientManifestStorage.stored_name

    def count(self, name):
        composed.append(name)
        return hashed_name(self, name)

    monkeypatch.setattr(LenientManifestStorage, "stored_name", count)
    asked = [storage.url(name) for name in ("base.css", "none.css", "base.css", "none.css")]
    assert asked == ["/static/base.5f3.css", "/static/none.css"] * 2
    assert composed == ["base.css", "none.css"]
