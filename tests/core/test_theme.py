"""The folder "theme" in VAR_DIR: the host's templates and styles override ours."""

from pathlib import Path

from core.utils.build_id import fingerprint_of
from tests.fresh_process import run

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import django; django.setup()
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template
print(settings.THEME_CSS, finders.find("theme/theme.css"), finders.find("css/base.css"), finders.find("theme/js/app.js"))
print(get_template("_footer.html").origin.name)
"""


def asked(folder: Path) -> list[str]:
    """Return what a process started with that VAR_DIR finds."""
    answer = run(ASK, folder, DEBUG="1")
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


def test_its_templates_come_first_and_its_styles_beside_ours(tmp_path):
    (tmp_path / "theme/templates").mkdir(parents=True)
    (tmp_path / "theme/templates/_footer.html").write_text("<footer>Mine</footer>")
    (tmp_path / "theme/static/css").mkdir(parents=True)
    (tmp_path / "theme/static/theme.css").write_text("a { color: red }")
    (tmp_path / "theme/static/css/base.css").write_text("")
    assert asked(tmp_path) == [
        "theme/theme.css",
        str(tmp_path / "theme/static/theme.css"),
        str(ROOT / "static/css/base.css"),
        "None",
        str(tmp_path / "theme/templates/_footer.html"),
    ]


def test_without_it_everything_is_as_it_comes(tmp_path):
    assert asked(tmp_path) == [
        "None",
        str(ROOT / "static/css/base.css"),
        "None",
        str(ROOT / "templates/_footer.html"),
    ]


def test_a_page_loads_its_style_last(client, db, settings):
    settings.THEME_CSS = "theme/theme.css"
    page = client.get("/").content.decode()
    sheets = [line for line in page.splitlines() if 'rel="stylesheet"' in line and "print" not in line]
    assert "/static/theme/theme.css" in sheets[-1]


def test_after_a_change_in_it_no_page_counts_as_unchanged(tmp_path):
    """The theme is part of the ETags: otherwise a browser would keep its page with the old footer."""
    site, theme = tmp_path / "site", tmp_path / "var/theme"
    site.mkdir()
    seen = [fingerprint_of(site, theme)]
    (theme / "templates").mkdir(parents=True)
    footer = theme / "templates/_footer.html"
    (theme / "templates/.#_footer.html").symlink_to("nobody@nowhere.1")  # as an editor leaves it
    for text in ("<footer>Mine</footer>", "<footer>Mine again</footer>"):
        footer.write_text(text)
        seen.append(fingerprint_of(site, theme))
    assert len({*seen}) == 3
