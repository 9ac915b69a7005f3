"""Normalisation of words: a text is found in whichever way its words are typed."""

from datetime import UTC, date, datetime

import pytest

from search.documents import days_between, days_of
from search.query import Phrase, read_query
from search.words import words_of


@pytest.mark.parametrize(
    ("written", "typed", "language"),
    [
        ("O’Connor", "O'Connor", "en"),
        ("O’Connor", "oconnor", "en"),
        ("Nora’s table", "Nora table", "en"),
        ("Connections matter", "connection matters", "en"),
        ("Café déjà", "CAFE DEJA", "en"),
        ("cafe\u0301", "café", "en"),
        ("Straße", "strasse", "de"),
        ("Häuser", "Hauser", "de"),
        ("l’amour", "amour", "fr"),
        ("дома", "дом", "ru"),
        ("الْكِتَابُ", "الكتاب", "ar"),
        ("مدرسة", "مدرسه", "ar"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "full width", "en"),
        ("Øresund", "oresund", "da"),
    ],
)
def test_the_same_word_however_it_is_written(written, typed, language):
    assert words_of(written, language) == words_of(typed, language)


def test_text_without_blanks_is_cut_in_pairs():
    assert words_of("日本語 abc") == ["日本", "本語", "語", "abc"]
    assert words_of("語") == ["語"]


def test_nothing_in_a_word_is_an_operator():
    words = words_of("a\"b' (c) d* -e NEAR:f {g} \x00 h_i ^j \\k :l | & !")
    assert all(word.isalnum() for word in words)


def test_a_query_is_read():
    query = read_query(
        'long “big table” -spam -"two words" from:"Nora Brown" in:welcome link:a.example tag:bread before:2013 after:2012-04-25 before:soon -from:x'
    )
    assert query.phrases == [
        Phrase("long"),
        Phrase("big table"),
        Phrase("spam", True),
        Phrase("two words", True),
    ]
    assert (query.authors, query.posts, query.domains, query.tags) == (
        ["Nora Brown"],
        ["welcome"],
        ["a.example"],
        ["bread"],
    )
    assert (str(query.before), str(query.after)) == ("2013-01-01", "2012-04-25")
    assert query.odd == ["before:soon", "-from:x"]


@pytest.mark.parametrize(
    ("after", "before", "asked"),
    [
        (date(2012, 4, 25), date(2012, 6, 2), "m201204 m201205 m201206"),
        (date(2012, 5, 1), date(2012, 6, 1), "m201205"),
        (date(2012, 11, 5), date(2016, 2, 1), "m201211 m201212 m201601 y2013 y2014 y2015"),
        (None, date(1899, 1, 1), ""),
        (None, date.min, ""),
        (date.max, None, ""),
    ],
)
def test_limits_of_dates_become_months_at_the_ends_and_years_between(after, before, asked):
    assert days_between(after, before) == asked.split()


@pytest.mark.parametrize(
    ("moment", "facts"),
    [
        (datetime(2012, 4, 25, 12, tzinfo=UTC), "y2012 m201204"),
        (datetime(2012, 12, 31, 11, tzinfo=UTC), "y2012 m201212 y2013 m201301"),
        (datetime(2013, 1, 1, 11, tzinfo=UTC), "y2012 m201212 y2013 m201301"),
        (datetime(2013, 1, 1, 12, tzinfo=UTC), "y2013 m201301"),
        (datetime.max.replace(tzinfo=UTC), ""),
        (None, ""),
    ],
)
def test_a_row_is_of_each_month_that_it_is_written_in_on_any_clock(moment, facts):
    assert days_of(moment) == facts.split()
