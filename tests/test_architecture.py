"""Rules of the code base, checked so that no one has to remember them."""

import ast
import itertools
import re
import tomllib
from collections.abc import Callable, Collection, Iterable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# An app may import itself and the apps to its left.
ARROW = [
    "core",
    "accounts",
    "posts",
    "comments",
    "moderation",
    "notifications",
    "memorials",
    "birthdays",
    "events",
    "party",
    "rooms",
    "giving",
    "board",
    "closer",
    "decisions",
    "search",
    "transfer",
    "api",
    "webmention",
    "embed",
    "dashboard",
    "community",
]
APPS = [name for name in ARROW if (ROOT / name).is_dir()]
# The only places where text may be marked as safe HTML.
DOOR = ROOT / "core" / "markup"
# Template tags whose text is known to be clean, or is escaped by format_html.
CODE = sorted(path for name in APPS for path in (ROOT / name).rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted(
    path
    for folder in [ROOT / "templates", *(ROOT / name for name in APPS)]
    for path in folder.rglob("*")
    if path.suffix in {".html", ".txt"}
)
PAGES = [path for path in TEMPLATES if path.suffix == ".html" and "email" not in path.parts]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> list[tuple[int, str]]:
    """Return every module that a file imports, also inside functions, but not under TYPE_CHECKING."""
    tree = parsed(path)
    only_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if id(node) in only_types:
            continue
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.lineno, "." * node.level + (node.module or "")))
    return found


@pytest.mark.parametrize("app", APPS)
def test_imports_go_one_way(app):
    allowed = ARROW[: ARROW.index(app) + 1]
    if app == "core":
        allowed = ["core"]
    backwards = [
        f"{name_of(path)}:{line} imports {module}"
        for path in CODE
        if path.relative_to(ROOT).parts[0] == app
        for line, module in imports(path)
        if module.partition(".")[0] in ARROW and module.partition(".")[0] not in allowed
    ]
    assert backwards == []


# Inside an app, lower layers do not import higher ones. Files in no layer (admin, urls, tasks) may import
# all.
LAYERS = ["models", "services", "forms", "views"]
OF_A_LAYER = {
    "querysets": "models", "tree": "models", "markup": "models", "utils": "models",
    "spamfilter": "services", "email": "services", "inbound": "views", "push": "services", "thread": "services", "wordpress": "services",
    "imports": "services",
    "web": "views",
}  # fmt: skip


def layer_of(parts: tuple[str, ...]) -> int | None:
    """Return the number of the layer that a module, named by app and path, is in, or None."""
    name = parts[1] if len(parts) > 1 else ""
    name = OF_A_LAYER.get(name, name)
    return LAYERS.index(name) if name in LAYERS else None


@pytest.mark.parametrize("app", APPS)
def test_layers_import_one_way(app):
    backwards = []
    for path in CODE:
        here = path.relative_to(ROOT).with_suffix("").parts
        layer = layer_of(here)
        if here[0] != app or layer is None:
            continue
        for line, module in imports(path):
            there = layer_of(tuple(module.split("."))) if module.split(".")[0] in ARROW else None
            if there is not None and there > layer:
                backwards.append(f"{name_of(path)}:{line} imports {module}")
    assert backwards == []


def test_the_product_needs_neither_its_tests_nor_their_tools():
    forbidden = {"tests", "pytest", "hypothesis", "playwright", "time_machine"}
    assert [
        f"{name_of(path)}:{line}"
        for path in CODE
        for line, module in imports(path)
        if module.partition(".")[0] in forbidden
    ] == []


def test_the_name_of_the_site_is_the_one_that_its_host_chose():
    """The name in the environment is a default: only the code that looks up the host's own name reads it."""
    reads = {name_of(path) for path in CODE if "settings.SITE_NAME" in path.read_text(encoding="utf-8")}
    assert reads == {"core/models/site.py", "core/forms/site_settings.py", "dashboard/forms/first_start.py"}


def test_text_becomes_safe_html_in_one_place_only():
    found = []
    for path in CODE:
        if DOOR in path.parents:
            continue
        for node in ast.walk(parsed(path)):
            if (isinstance(node, ast.Name) and node.id in {"mark_safe", "nh3"}) or (
                isinstance(node, ast.Attribute) and node.attr in {"mark_safe"}
            ):
                found.append(f"{name_of(path)}:{node.lineno} {ast.unparse(node)}")
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {
                "SafeString",
                "SafeText",
                "mark_safe",
            }:
                found.append(f"{name_of(path)}:{node.lineno} {ast.unparse(node)}")
            if isinstance(node, ast.Attribute) and node.attr == "allow_tags":
                found.append(f"{name_of(path)}:{node.lineno} allow_tags")
    assert found == []


def test_format_html_is_given_a_fixed_text():
    found = []
    for path in CODE:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"format_html", "html.format_html"}:
                first = node.args[0]
                if not isinstance(first, ast.Constant):
                    found.append(f"{name_of(path)}:{node.lineno} {ast.unparse(node)}")
    assert found == []


def found_in(
    paths: Iterable[Path], find: Callable[[Path, str], Collection[str]]
) -> dict[str, Collection[str]]:
    """Return what is found in each file. A test for each file would take longer than reading it."""
    paths = sorted(paths)
    assert paths
    found = {name_of(path): find(path, path.read_text(encoding="utf-8")) for path in paths}
    return {name: faults for name, faults in found.items() if faults}


def test_templates_escape_everything():
    def unescaped(path: Path, text: str) -> list[str]:
        text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
        found = re.findall(r"\|\s*safe(?:seq)?\b", text)
        if path.suffix == ".html":  # nothing to escape in a plain-text email
            found += re.findall(r"\{%\s*autoescape\s+off", text)
        return found

    assert found_in(TEMPLATES, unescaped) == {}


def test_templates_of_comments_load_no_tags_of_later_apps():
    """Later apps fill slots there (settings.COMMENT_SLOTS)."""
    later = {
        tags.stem
        for app in ARROW[ARROW.index("comments") + 1 :]
        for tags in (ROOT / app).glob("templatetags/*.py")
    }

    def loaded_of_later(_path: Path, text: str) -> set[str]:
        return later & {
            name for names in re.findall(r"\{%\s*load ([^%]*)%\}", text) for name in names.split()
        }

    assert found_in((ROOT / "templates" / "comments").rglob("*.html"), loaded_of_later) == {}


class Strictness(HTMLParser):
    """Collects what our content security policy forbids, and requests to other hosts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.found += [
            f"<{tag} {name}>" for name in attributes if name == "style" or name.startswith(("on", "hx-on"))
        ]
        if tag == "style" or (
            tag == "script" and "src" not in attributes and "json" not in (attributes.get("type") or "")
        ):
            self.found.append(f"<{tag}> inline")
        loads = {
            "script": "src",
            "img": "src",
            "iframe": "src",
            "link": "href",
            "source": "src",
            "video": "src",
            "audio": "src",
            "object": "data",
            "embed": "src",
        }
        address = attributes.get(loads.get(tag, "")) or ""
        if address.startswith(("http:", "https:", "//")) and attributes.get("rel") not in {
            "canonical",
            "alternate",
        }:
            self.found.append(f"<{tag}> from {address}")


def test_pages_keep_to_the_content_security_policy_and_to_this_host():
    def faults(_path: Path, text: str) -> list[str]:
        # Template tags would confuse the HTML parser, so they are replaced by a letter.
        return Strictness(re.sub(r"\{[%{#].*?[%}#]\}", "x", text, flags=re.DOTALL)).found

    assert found_in(PAGES, faults) == {}


def test_styles_load_nothing_from_elsewhere():
    foreign = re.compile(r"@import|url\(\s*['\"]?(?:https?:)?//")
    assert found_in((ROOT / "static").rglob("*.css"), lambda _path, text: foreign.findall(text)) == {}


def test_scripts_make_no_code_of_text():
    made = re.compile(r"\beval\(|new Function\(|document\.write\(|(?:fetch|import)\(\s*['\"](?:https?:)?//")
    assert found_in((ROOT / "static").rglob("*.js"), lambda _path, text: made.findall(text)) == {}


def test_every_app_has_a_row_in_the_arrow():
    from django.conf import settings  # noqa: PLC0415 - read when the tests are set up

    ours = {
        name.partition(".")[0] for name in settings.INSTALLED_APPS if (ROOT / name.partition(".")[0]).is_dir()
    }
    assert ours <= set(ARROW)


def test_the_types_of_every_app_are_checked():
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert sorted(mypy["files"]) == sorted([*APPS, "manage.py"])


def test_an_ignored_type_names_its_error_and_gives_its_reason():
    reasons = re.compile(r"# type: ignore(?!\[[a-z, -]+\]  # \S)")
    lines = [(path, line) for path in CODE for line in path.read_text(encoding="utf-8").splitlines()]
    # The reason may be in a comment above.
    assert [
        f"{name_of(path)}: {line.strip()}"
        for (_path, above), (path, line) in itertools.pairwise(lines)
        if reasons.search(line) and not above.strip().startswith("#")
    ] == []
