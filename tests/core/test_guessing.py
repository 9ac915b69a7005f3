"""Language detection from script and function words; it gives no result if it is not sure."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.utils.guessing import KNOWN_LANGUAGES, LOOKED_AT, guess_language
from tests.moderation.languages import NAMES, comments_in


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", ""),
        ("👍👍👍", ""),
        ("OK", ""),
        ("https://example.org/the/and/of/you", ""),
        ("@the @and @you", ""),
        ("`for i in the_list: print(i)`", ""),
        ("Thanks, that was exactly what I needed for my kitchen.", "en"),
        ("Danke, das war genau das, was ich für die Küche gebraucht habe.", "de"),
        ("Merci, c’est exactement ce qu’il me fallait pour ma cuisine.", "fr"),
        ("Gracias, era justo lo que necesitaba para mi cocina.", "es"),
        ("Obrigado, era exatamente o que eu precisava para a minha cozinha.", "pt"),
        ("Grazie, era proprio quello che mi serviva per la cucina.", "it"),
        ("Dank je wel, dit was precies wat ik nodig had voor mijn keuken.", "nl"),
        ("Dziękuję, to było dokładnie to, czego potrzebowałem do mojej kuchni.", "pl"),
        ("شكرا، هذا بالضبط ما كنت أحتاج إليه في مطبخي.", "ar"),
        ("ممنون، این دقیقا همان چیزی بود که برای آشپزخانه‌ام می‌خواستم.", "fa"),
        ("תודה, זה בדיוק מה שהייתי צריך למטבח שלי.", "he"),
        ("Спасибо, это было именно то, что мне нужно для кухни.", "ru"),
        ("Дякую, це саме те, що мені було потрібно для моєї кухні.", "uk"),
        ("ありがとうございます。台所にちょうど必要だったものです。", "ja"),
        ("谢谢，这正是我厨房需要的东西。", "zh"),
        ("감사합니다. 제 부엌에 꼭 필요했던 것이에요.", "ko"),
        ("The word “Schadenfreude” has no English sister, and that is a pity.", "en"),
    ],
)
def test_short_texts(text, language):
    assert guess_language(text) == language


def test_comments_in_nine_languages_are_known_or_nothing_is_said():
    """Real blog comments (tests/moderation/languages), most of about ten words."""
    said = [(name, guess_language(text)) for name in NAMES for text in comments_in(name)[0]]
    wrong = [(name, guess) for name, guess in said if guess not in {name, ""}]
    known = sum(name == guess for name, guess in said)
    assert (len(said), known > 0.9 * len(said), len(wrong) <= 2) == (360, True, True)


@given(st.text())
def test_any_text_has_a_language_or_none(text):
    assert guess_language(text) in {"", *KNOWN_LANGUAGES}


@pytest.mark.parametrize("unit", ["the ", "ß", "a" * 50, "語", "и ", "'d'", "https://", "`"])
def test_of_a_long_text_only_the_beginning_is_looked_at(unit):
    """The time is linear: a backtracking pattern would take minutes instead of the millisecond it takes."""
    text = unit * 20_000
    began = time.process_time()
    assert guess_language(text) == guess_language(text[:LOOKED_AT])
    assert time.process_time() - began < 2
