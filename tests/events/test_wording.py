"""Dates of events are worded as usual in each language, not in English order."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from events.services.wording import in_words


@pytest.mark.django_db
def test_the_day_is_written_as_the_language_does():
    begin, end = datetime(2026, 12, 15, 17, tzinfo=UTC), datetime(2026, 12, 15, 21, tzinfo=UTC)
    said = {}
    for language in ("en-gb", "de", "es", "fr", "pt-br", "ar", "ja"):
        with translation.override(language):
            said[language] = in_words(begin, end)
    assert said == {
        "en-gb": "Tuesday, 15 December 2026, 5 p.m. to 9 p.m.",
        "de": "Dienstag, 15. Dezember 2026, 17:00 bis 21:00",
        "es": "martes, 15 de diciembre de 2026, de 17:00 a 21:00",
        "fr": "mardi 15 décembre 2026, de 17:00 à 21:00",
        "pt-br": "terça-feira, 15 de dezembro de 2026, das 17:00 às 21:00",
        "ar": "الثلاثاء، 15 ديسمبر 2026، من 5:00 م إلى 9:00 م",
        "ja": "2026年12月15日（火曜日） 17:00～21:00",
    }
