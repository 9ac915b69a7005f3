"""Punctuation of lists, sentences and numbers in each language."""

import pytest
from django.utils import translation

from core.utils.punctuation import grouped, marks, with_commas, with_semicolons
from transfer.imports.report import Report


@pytest.mark.parametrize(
    ("language", "commas", "semicolons", "number", "stop", "space"),
    [
        ("en-gb", "a, b", "a; b", "12,345", ".", " "),
        ("de", "a, b", "a; b", "12.345", ".", " "),
        ("ar", "a، b", "a؛ b", "12345", ".", " "),
        ("ja", "a、b", "a；b", "12,345", "。", ""),
    ],
)
def test_lists_and_numbers(language, commas, semicolons, number, stop, space):
    with translation.override(language):
        said = (
            with_commas(["a", "b"]),
            with_semicolons(["a", "b"]),
            grouped(12_345),
            marks().stop,
            marks().space,
        )
    assert said == (commas, semicolons, number, stop, space)


def test_the_report_of_an_import():
    report = Report(posts=1200, known_posts=1)
    assert report.summary(is_dry_run=False) == "1,200 posts imported; 1 post was already here."
    with translation.override("de"):
        assert report.summary(is_dry_run=False).startswith("1.200 Beiträge")
