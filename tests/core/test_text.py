"""Deceptive names are refused; real names are not."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.utils.text import (
    CAPITAL_LOOK_ALIKES,
    SMALL_LOOK_ALIKES,
    look_alike_key,
    one_header,
    one_line,
    validate_name,
)


@pytest.mark.parametrize(
    "name",
    [
        "Łukasz", "O'Brien", "D’Arcy", "李明", "Анна", "José María", "Νίκος Παπαδόπουλος", "אורי", "محمد", "Nguyễn Thị Hạnh", "Ōta 太郎", "Anne-Marie",
        "J. R. R. Tolkien", "Zoë & Tom", "Ann (Leeds)", "3rd Wheel", "Ștefan", "Þórunn", "x", "Renée 🌻", "李 Ming", "Анна Smith", "सीता", "กานดา", "E5",
        "Ada 👩\u200d👩\u200d👧", "Ada 👩🏽\u200d🚀", "Ada ❤\ufe0f\u200d🔥", "Ada ✈\ufe0f", "Kit 7\ufe0f\u20e3", "Isla 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "علی\u200cرضا", "ක්\u200dරිස්", "র্\u200dযাম", "क्\u200cष",
    ],
)  # fmt: skip
def test_names_of_people_pass(name):
    validate_name(one_line(name))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Nоra", "mixed_alphabets"),  # a Cyrillic o
        ("Αlice", "mixed_alphabets"),  # a Greek capital alpha
        ("pаypal", "mixed_alphabets"),
        ("Bob Ѕmith", "mixed_alphabets"),
        ("No\u200bra", "invisible"),
        ("Nora\u00ad", "invisible"),
        ("No\u200dra", "invisible"),
        ("Nora\ufe0f", "invisible"),
        ("Nora 🌻\u200d", "invisible"),
        ("Nora 🌻\u200d\u200d🌻", "invisible"),
        ("Nora 🏴\U000e0067\U000e007f", "invisible"),
        ("\u202earoN", "invisible"),
        ("Nora\u2066", "invisible"),
        ("No\x07ra", "invisible"),
        ("Nora\ue000", "invisible"),
        ("Nora\U000e0041", "invisible"),
        ("Ｎｏｒａ", "look_alike"),
        ("𝐍𝐨𝐫𝐚", "look_alike"),
        ("ⓃⓄⓇⒶ", "empty_name"),  # circled letters are symbols
        ("Nora ﬁsh", "look_alike"),
        ("Z̷̢̛̩a", "accents"),
        ("N" + "\u0301" * 5, "accents"),
        ("...", "empty_name"),
        ("🌻", "empty_name"),
        ("<b>Nora</b>", "markup"),
        ("Nora > all", "markup"),
        ("https://evil.example", "markup"),
        ("Nora\\n", "markup"),
    ],
)
def test_names_that_deceive_are_refused_with_a_reason(name, code):
    with pytest.raises(ValidationError) as refusal:
        validate_name(one_line(name))
    assert refusal.value.code == code
    assert refusal.value.messages[0].endswith(".") or code == "markup"


def test_a_header_keeps_what_joins_an_emoji_and_nothing_else_unseen():
    assert (
        one_header("👩\u200d👧 and ❤\ufe0f, علی\u200cرضا, No\u200dra\u202e\u200b\n!")
        == "👩\u200d👧 and ❤\ufe0f, علی\u200cرضا, Nora !"
    )


def test_a_name_is_one_line_in_composed_form():
    assert one_line(" Jose\u0301 \n\t Mari\u0301a\u00a0 ") == "José María"


@given(st.text(max_size=80))
def test_making_one_line_of_one_line_changes_nothing(text):
    assert one_line(one_line(text)) == one_line(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nora", "NORA"),
        ("Nora", "Nоrа"),  # Cyrillic о and а
        ("Nora", "n o r a"),
        ("Nora", "Nóra"),
        ("Nora", "Ｎｏｒａ"),
        ("Nora", "N0ra"),
        ("alice", "a1ice"),
        ("alice", "AIice"),  # a capital i
        ("alice", "аlісе"),
        ("modern", "modem"),
        ("savvy", "sawy"),
        ("TOM", "ТОМ"),  # all Cyrillic
        ("BETA", "ΒΕΤΑ"),  # all Greek
        ("Nikos", "νikos".replace("ν", "Ν")),
        ("sam5", "sams"),
        ("scope", "ѕсоре"),
        ("louis", "ӏouis"),
    ],
)
def test_names_that_look_the_same_have_the_same_key(one, other):
    assert look_alike_key(one) == look_alike_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nora", "Dora"),
        ("Anna", "Hanna"),
        ("李明", "李红"),
        ("Анна", "Инна"),
        ("tom", "tim"),
        ("νίκος", "πίκος"),
    ],
)
def test_names_that_differ_have_different_keys(one, other):
    assert look_alike_key(one) != look_alike_key(other)


def test_the_look_alikes_are_letters_of_the_alphabet_that_is_named():
    for table in (CAPITAL_LOOK_ALIKES, SMALL_LOOK_ALIKES):
        for foreign, latin in table.items():
            assert "LATIN" not in unicodedata.name(chr(foreign)) or foreign > 0x7F
            assert latin.isascii()
            assert latin.islower()
    assert all(chr(sign).isupper() for sign in CAPITAL_LOOK_ALIKES)
    assert not any(chr(sign).isupper() for sign in SMALL_LOOK_ALIKES)


@given(st.text(max_size=40))
def test_a_key_does_not_depend_on_blanks_around_it(text):
    assert look_alike_key(f" {text} ") == look_alike_key(text)
