"""Every interface text is translated in each language of `locale/` (docs/translating.md)."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone, translation
from django.utils.translation import gettext

from core.models import SiteSettings
from core.services.site_settings import save_settings
from core.utils.django_texts import PASSWORDS
from tests.factories import make_comment, make_host, make_member

LOCALE = Path(settings.LOCALE_PATHS[0])
LANGUAGES = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
in_each_language = pytest.mark.parametrize("language", LANGUAGES)
# Placeholders: %(name)s for Python, {name} for scripts.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w+\}")
TAG = re.compile(r"</?\w+")


def catalog(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(text: str | list[str] | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else [*text]


def messages(language: str) -> list[Message]:
    return [message for message in catalog(language) if message.id]


@in_each_language
def test_nothing_is_empty_or_a_guess(language):
    unfinished = [
        message.id for message in messages(language) if message.fuzzy or not all(forms(message.string))
    ]
    assert unfinished == []


def differs(source: list[str], said: str) -> bool:
    """Return whether a translation has other placeholders or tags. A plural form may spell out the number."""
    if not any(Counter(TAG.findall(said)) == Counter(TAG.findall(text)) for text in source):
        return True
    wanted, found = Counter(PLACEHOLDER.findall(source[-1])), Counter(PLACEHOLDER.findall(said))
    if len(source) == 1:
        return found != wanted
    return not ({*found} <= {*wanted} and len({*wanted} - {*found}) <= 1)


@in_each_language
def test_translations_fill_in_the_same_and_have_the_same_tags(language):
    wrong = [
        (message.id, said)
        for message in messages(language)
        for said in forms(message.string)
        if differs(forms(message.id), said)
    ]
    assert wrong == []


@in_each_language
def test_there_are_as_many_forms_as_the_language_has_numbers(language):
    found = catalog(language)
    odd = [
        message.id for message in found if message.pluralizable and len(message.string) != found.num_plurals
    ]
    assert odd == []


@in_each_language
def test_the_compiled_file_says_what_the_text_says(language):
    """It is in the repository, so that installing the site does not require gettext (docs/decisions/0117)."""
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = {(message.context, *forms(message.id)): forms(message.string) for message in read_mo(file)}
    written = {(message.context, *forms(message.id)): forms(message.string) for message in messages(language)}
    # Only the differences: a whole language is ten thousand lines.
    keys = {key for key in compiled if key[1]} | {*written}
    differing = {key: (compiled.get(key), written.get(key)) for key in keys}
    assert {key: both for key, both in differing.items() if both[0] != both[1]} == {}


@pytest.mark.slow  # loads all templates and all code
@pytest.mark.skipif(shutil.which("xgettext") is None, reason="GNU gettext isn’t installed")
@pytest.mark.full
def test_each_language_has_all_texts(tmp_path):
    root = Path(settings.BASE_DIR)
    left_out = shutil.ignore_patterns(".*", "var", "tests", "node_modules", "__pycache__")
    shutil.copytree(root, tmp_path / "site", ignore=left_out)
    subprocess.run(
        [
            sys.executable,
            "manage.py",
            "makemessages",
            "--locale",
            LANGUAGES[0],
            "--no-location",
            "--no-obsolete",
        ],
        cwd=tmp_path / "site",
        env={"PATH": "/usr/bin:/bin", "DEBUG": "1", "VAR_DIR": str(tmp_path / "var")},
        check=True,
        capture_output=True,
    )
    with (tmp_path / "site" / "locale" / LANGUAGES[0] / "LC_MESSAGES" / "django.po").open("rb") as file:
        marked = {(message.context, *forms(message.id)) for message in read_po(file) if message.id}
    for language in LANGUAGES:
        found = {(message.context, *forms(message.id)) for message in messages(language)}
        assert (language, marked - found, found - marked) == (language, set(), set())


def test_texts_that_django_has_wrong_or_not_at_all_are_ours():
    """core/utils/django_texts.py: plurals, and the admin's pages about passwords."""
    now = timezone.now()
    said = {}
    for language in ("de", "es", "fr", "pt-br", "ar", "ja"):
        with translation.override(language):
            times = [naturaltime(now - timedelta(hours=hours)) for hours in (2, 26, 800 * 24)]
            said[language] = [text.replace("\xa0", " ") for text in times]
    assert said == {
        "de": ["vor 2 Stunden", "vor 1 Tag, 2 Stunden", "vor 2 Jahren, 2 Monaten"],
        "es": ["hace 2 horas", "hace 1 día, 2 horas", "hace 2 años, 2 meses"],
        "fr": ["il y a 2 heures", "il y a 1 jour, 2 heures", "il y a 2 ans, 2 mois"],
        "pt-br": ["2 horas atrás", "1 dia, 2 horas atrás", "2 anos, 2 meses atrás"],
        "ar": ["قبل ساعتين", "قبل يوم، ساعتين", "قبل سنتين، شهرين"],
        "ja": ["2時間前", "1日、2時間前", "2年、2ヶ月前"],
    }
    for language in LANGUAGES:
        with translation.override(language.replace("_", "-").lower()):
            same = [text for text in PASSWORDS if gettext(text) == text]
            assert (language, same) == (language, [])


@pytest.mark.django_db
def test_the_admins_page_about_a_password_is_in_one_language(signed_in):
    host = make_host(language="de")
    save_settings({"languages": ["de"]}, by=None)
    page = signed_in(host).get(f"/admin/accounts/user/{make_member().pk}/password/").content.decode()
    assert "Anmeldung mit Passwort" in page
    assert "Ob sich das Mitglied mit einem Passwort anmelden kann." in page
    assert not re.search(r"\b(?:authentication|disabled|the|user will)\b", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.django_db
def test_a_site_is_in_the_language_that_its_host_chose(client):
    comment = make_comment()
    SiteSettings.objects.update_or_create(pk=1, defaults={"language": "de"})
    SiteSettings.forget()
    page = client.get(comment.post.get_absolute_url()).content.decode()
    assert '<html lang="de">' in page
    assert "Zum Inhalt springen" in page
