"""Every text of ours is marked for translation: in a pseudo-locale, untranslated English is noticed."""

import ast
import contextlib
import inspect
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.contrib import admin
from django.db import models
from django.urls import NoReverseMatch, reverse

from core.models.site import time_zones
from core.utils.languages import name_of, name_of_interface
from notifications.management.commands import preview_mails
from tests.pseudo_locale import BREAK, Known, Texts, pseudo, pseudo_locale, unmarked
from tests.shared_rows import made_once
from tests.test_permissions import ROLES, Readers, make_rows, pages_of
from tests.test_static import missing_on

pytestmark = pytest.mark.django_db

# Names of programs and formats, Django's own alternative texts, and text that the site wrote in its own
# language.
SAME_EVERYWHERE = {
    *(
        "Blogger",
        "Commento or Comentario",
        "Discord",
        "Disqus",
        "Ghost",
        "Isso",
        "Jitsi",
        "Markdown files (Hugo, Jekyll",
        "Matrix",
    ),
    *(
        "Mattermost",
        "Medium",
        "Mumble",
        "Plain JSON",
        "Remark42",
        "Slack",
        "Substack",
        "TeamSpeak",
        "Telegram",
        "WordPress",
    ),
    *("True", "False", "Search", "Vote and see the", "example", "example ( .example"),
}
# Pages of packages without translations, names of permissions, and the API's texts (docs/translating.md).
OF_OTHERS = re.compile(r"/(?:api/$|admin/(?:mfa|usersessions|auth)/)")
IN_ADMIN_OF_OTHERS = {"Authenticators", "User"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Save", "⟦Sáàvéè⟧"),
        ("%(name)s wrote in <b>%(title)s</b>", "⟦%(name)s wróòtéè íìn <b>%(title)s</b>⟧"),
        ("{count} posts", "⟦{count} póòsts⟧"),
        ("month\x04May", "⟦Máày⟧"),
        ("N j, Y", "N j, Y"),
    ],
)
def test_the_language_keeps_what_is_filled_in(text, shown):
    assert pseudo(text) == shown
    assert unmarked(shown) == []


def test_plain_english_stands_out():
    page = '<p>⟦Sáàvéè⟧ now</p><img alt="A pot"><p lang="fr">Bonjour</p><code>None</code>'
    assert Texts(page).unmarked() == ["now", "A pot"]
    assert Texts("<p>⟦Sáàvéè <a>it⟧</a> by Nora</p>").unmarked(Known(["Nora"])) == ["by"]


@pytest.fixture(scope="module")
def made(request):
    yield from made_once(make_rows, request)


def admin_pages() -> list[str]:
    pages = []
    for model in admin.site._registry:
        for what in ("changelist", "add"):
            with contextlib.suppress(NoReverseMatch):
                pages.append(
                    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}").lstrip("/")
                )
    return pages


def said_by_people() -> set[str]:
    """Return the content of all text columns: user content and names of rows."""
    words: set[str] = {
        settings.SITE_NAME,
        settings.SITE_TAGLINE,
        *time_zones(),
        *(zone.replace("_", " ") for zone in time_zones()),
    }
    words |= {named(code) for named in (name_of, name_of_interface) for code in LANG_INFO} | {
        info.get("name_local", "") for info in LANG_INFO.values()
    } - {""}
    for model in apps.get_models():
        columns = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
        ]
        for row in model._default_manager.values_list(*columns) if columns else ():
            for value in filter(None, row):
                plain = re.sub(r"<[^>]+>", BREAK, value)
                words |= {piece.strip() for piece in plain.split(BREAK) if len(piece.strip()) > 2}
    return words


@pytest.fixture(scope="module")
def known_pages() -> dict[tuple[str, str], str]:
    return {}


@pytest.fixture
def pages(db, made, known_pages) -> dict[tuple[str, str], str]:
    """Return the HTML of every page by role and path, requested by the first test and only read by all."""
    if known_pages:
        return known_pages
    people, rows = made()
    readers = Readers(people)
    with pseudo_locale():
        for who in ROLES:
            # Only the host can open the admin pages that READING does not list.
            for path in dict.fromkeys([*pages_of(who).values(), *(admin_pages() if who == "host" else [])]):
                for key, pk in rows.items():
                    path = path.replace(key, str(pk))
                with readers.come(who) as client:
                    response = client.get(f"/{path}")
                if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
                    known_pages[who, f"/{path}"] = response.content.decode()
    return known_pages


def test_every_page_of_every_role(pages):
    found, known = dict[str, list[str]](), Known(said_by_people())
    for (who, path), page in pages.items():
        if not OF_OTHERS.match(path):
            for text in Texts(page).unmarked(known):
                found.setdefault(text, []).append(f"{who} {path}")
    for same in SAME_EVERYWHERE | IN_ADMIN_OF_OTHERS:
        found.pop(same, None)
    assert {text: places[:2] for text, places in found.items()} == {}


def test_every_page_loads_the_sheets_of_what_is_on_it(pages):
    """Not a test of the language, but of the same pages."""
    found = {
        key: missing_on(page)
        for key, page in pages.items()
        if "/static/css/base.css" in page  # a whole page, and not one of Django's admin
    }
    assert len(found) > 90
    assert {key: classes for key, classes in found.items() if classes} == {}


def test_every_email(monkeypatch):
    """The content comes from the command that prints the emails, so its text is known."""
    monkeypatch.setattr(preview_mails, "WORDS", "Ω")
    source = ast.walk(ast.parse(inspect.getsource(preview_mails)))
    samples = {
        node.value for node in source if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    pieces = {piece for text in samples for piece in re.split(r"\n|<[^>]+>", text) if len(piece) > 2}
    known = Known(pieces | {settings.SITE_NAME})
    found = {}
    with pseudo_locale():
        for name, message in preview_mails.Command().make_mails().items():
            html = "".join(str(part[0]) for part in message.alternatives)
            text = unmarked(f"{message.subject}{BREAK}{message.body}", known)
            found |= dict.fromkeys([*text, *Texts(html).unmarked(known)], name)
    assert {text: name for text, name in found.items() if text not in SAME_EVERYWHERE} == {}


def test_no_text_is_worded_before_its_reader_is_known():
    """`gettext` in a module or class body is called once at import, so it must be lazy there."""
    early = []
    for path in settings.BASE_DIR.glob("*/**/*.py"):
        place = str(path.relative_to(settings.BASE_DIR))
        if not place.startswith((".", "tests/", "var/")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            early += [
                f"{place}:{call.lineno} {ast.unparse(call)}"
                for call in called_at_once(tree, eager_names(tree))
            ]
    assert early == []


def eager_names(tree: ast.AST) -> set[str]:
    imports = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
    )
    return {
        name.asname or name.name for node in imports for name in node.names if name.name.endswith("gettext")
    }


def called_at_once(node: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    """Yield calls outside of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and getattr(child.func, "id", "") in names:
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from called_at_once(child, names)
