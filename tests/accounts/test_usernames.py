"""The rules for usernames."""

import string

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models.validators import RESERVED_USERNAMES, bare, username_validators

pytestmark = pytest.mark.sql

ENDS = string.ascii_lowercase + string.digits
CHARS = ENDS + "-_"


def is_allowed(name: str) -> bool:
    try:
        for validate in username_validators:
            validate(name)
    except ValidationError:
        return False
    return True


@given(
    st.builds("".join, st.tuples(st.sampled_from(ENDS), st.text(CHARS, max_size=28), st.sampled_from(ENDS)))
)
def test_small_letters_numbers_and_dashes_make_a_name(name):
    assert is_allowed(name) == (bare(name) not in {bare(reserved) for reserved in RESERVED_USERNAMES})


@given(st.text())
def test_nothing_else_does(name):
    if is_allowed(name):
        assert 2 <= len(name) <= 30
        assert set(name) <= set(CHARS)
        assert {name[0], name[-1]} <= set(ENDS)


@given(st.sampled_from(sorted(RESERVED_USERNAMES)), st.randoms())
def test_no_spelling_of_a_reserved_name_passes(name, random):
    spelt = "".join(random.choice([char, char.upper()]) + random.choice(["", "", "-", "_"]) for char in name)
    assert not is_allowed(spelt)
    assert not is_allowed(spelt.lower())


@pytest.mark.parametrize("name", ["alice\n", "\nalice", "alice\x00", "", " ", "alice "])
def test_white_space_is_no_part_of_a_name(name):
    assert not is_allowed(name)
