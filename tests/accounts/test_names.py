"""Reserved names, names in use, and names that look like another."""

import importlib
import re
import threading
import unicodedata

import pytest
from allauth.utils import generate_unique_username
from django.apps import apps
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains

from accounts.models import RetiredUsername, User
from accounts.models.names import (
    NEUTRAL_NAME,
    digest_of,
    is_disguised,
    validate_display_name,
    validate_free_username,
)
from accounts.services.profile import save_profile
from core.utils.locks import lock_word
from core.utils.text import prototypes, skeleton
from tests.accounts.test_profile import EDIT, typed
from tests.factories import make_host, make_member, make_moderator

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

# Full names in other alphabets, letter pairs, capitals, invisible characters: all look like "Sasha Moor".
DISGUISES = [
    "Ѕаѕһа Мооr",
    "Sasha Мооr",
    "Sasha Rnoor".replace("R", "r"),
    "Sasha M00r",
    "Sasha\u200b Moor",
    "Sa\u034fsha Moor",
    "Sasha\ufe0f Moor",
    "Sasha Mσσr",
    "ꓢasha Moor",
    "Sasha Ｍoor",
    "𝐒asha Moor",
]


def refusal(validate, name: str, **options) -> str:
    """Return the code of the error; "" if the name is accepted."""
    try:
        validate(name, **options)
    except ValidationError as error:
        return error.code or "?"
    return ""


# --- the skeleton -----------------------------------------------------------------


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguise_has_the_skeleton_of_what_it_imitates(disguise):
    assert skeleton(disguise) == skeleton("Sasha Moor")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kai", "Kal"),
        ("José", "Jose"),
        ("Анна", "Инна"),
        ("李明", "李红"),
        ("Ann Lee", "Annlee"),
        ("tom", "tim"),
        ("Lena", "Nela"),
    ],
)
def test_what_a_careful_eye_keeps_apart_has_skeletons_of_its_own(one, other):
    assert skeleton(one) != skeleton(other)


@given(st.text(max_size=60))
def test_a_skeleton_does_not_change_by_being_taken_again(text):
    assert skeleton(skeleton(text)) == skeleton(text)


@given(st.text(max_size=60))
def test_case_and_form_are_no_difference(text):
    assert (
        skeleton(unicodedata.normalize("NFD", text))
        == skeleton(unicodedata.normalize("NFC", text))
        == skeleton(text)
    )


CHARS_BY_PROTOTYPE: dict[str, list[str]] = {}
for number, prototype in prototypes().items():
    CHARS_BY_PROTOTYPE.setdefault(prototype, []).append(chr(number))


@given(st.lists(st.sampled_from(sorted(CHARS_BY_PROTOTYPE)), min_size=1, max_size=12), st.data())
def test_any_character_may_replace_its_look_alike(pieces, data):
    honest = " ".join(pieces)
    disguised = " ".join(data.draw(st.sampled_from([piece, *CHARS_BY_PROTOTYPE[piece]])) for piece in pieces)
    assert skeleton(disguised) == skeleton(honest)


# --- display names ------------------------------------------------------------------


def test_two_members_may_share_a_name(member, signed_in):
    make_member("bob", display_name="Maria Müller")
    for name in ("Maria Müller", "maria müller", "Maria Muller"):
        assert signed_in(member).post(EDIT, typed(display_name=name)).status_code == 302
        member.refresh_from_db()
        assert member.display_name == name


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_one_looks_like_another_member_by_other_characters(member, signed_in, disguise):
    make_member("bob", display_name="Sasha Moor")
    response = signed_in(member).post(EDIT, typed(display_name=disguise, bio="kept words"))
    assertContains(response, 'id="id_display_name_error"', status_code=422)
    assertContains(response, "kept words", status_code=422)
    member.refresh_from_db()
    assert member.display_name == ""
    assert refusal(validate_display_name, disguise) != ""


def test_nor_like_a_user_name(member):
    make_member("sam")
    assert refusal(validate_display_name, "Ѕаrn") == "mixed_alphabets"
    assert refusal(validate_display_name, "Sarn") == "looks_like_a_member"
    assert refusal(validate_display_name, "Sam") == ""


@pytest.mark.parametrize("make", [make_host, make_moderator])
@pytest.mark.parametrize(
    "name",
    [
        "Nora Bloom",
        "NORA BLOOM",
        "NoraBloom",
        "Nóra Bloom",
        "Nora  B1oom",
        "Nora Bl00m",
        "N. o. r. a Bloom",
        "nora",
    ],
)
def test_a_name_of_the_staff_is_nobody_elses_not_even_nearly(make, name):
    make("nora", display_name="Nora Bloom")
    assert refusal(validate_display_name, name) == "staff_name"


def test_the_name_of_those_who_left_is_no_name():
    assert refusal(validate_display_name, "Forrner  MEMBER") == "neutral_name"
    assert refusal(validate_display_name, NEUTRAL_NAME) == "neutral_name"


def test_a_name_from_before_the_rule_can_stay(member, signed_in):
    """Members who already have such a name need not change it when they edit something else."""
    make_member("bob", display_name="Sasha Moor")
    User.objects.filter(pk=member.pk).update(
        display_name="Sasha Rnoor", name_skeleton=skeleton("Sasha Rnoor")
    )
    assert signed_in(member).post(EDIT, typed(display_name="Sasha Rnoor", tagline="Bread")).status_code == 302
    assert signed_in(member).post(EDIT, typed(display_name="Sasha rnoor", tagline="Bread")).status_code == 422


def test_the_host_cannot_give_such_a_name_either(host, signed_in, member):
    make_member("bob", display_name="Sasha Moor")
    assert is_disguised("Sasha Rnoor")
    member.display_name = "Sasha Rnoor"
    with pytest.raises(ValidationError) as refused:
        member.full_clean()
    assert "looks_like_a_member" in {
        error.code for errors in refused.value.error_dict.values() for error in errors
    }


def test_whether_a_name_is_free_costs_the_same_among_a_thousand_namesakes(django_assert_num_queries):
    User.objects.bulk_create(
        User(
            username=f"m{n}",
            display_name="Maria",
            name_key="maria",
            name_skeleton=skeleton("Maria"),
            username_skeleton=f"{n}",
        )
        for n in range(1000)
    )
    with django_assert_num_queries(1):
        assert not is_disguised("Maria")
    assert is_disguised("Rnaria")


# --- usernames ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["toni", "ton1", "t0ni", "TONI"])
def test_a_user_name_that_looks_like_a_taken_one_is_not_given(client, name):
    taken = "toni" if name.lower() != "ton1" else "tonl"
    make_member(taken)
    response = client.post(
        "/accounts/signup/", {"email": "new@example.org", "username": name, "password1": ""}
    )
    assert response.status_code in {200, 422}
    assert re.search(r"This (user)?name is taken", response.content.decode())
    assert User.objects.count() == 1


def test_two_letters_that_look_like_one_count_as_one_in_usernames_too(client):
    make_member("modem")
    assert refusal(validate_free_username, "modern") == "looks_like_a_member"
    assert refusal(validate_free_username, "moden") == ""


def test_a_user_name_does_not_imitate_a_display_name():
    make_member("bob", display_name="Sam")
    assert refusal(validate_free_username, "sarn") == "looks_like_a_member"
    assert refusal(validate_free_username, "sam") == ""


def test_a_user_name_that_is_made_for_somebody_looks_like_nobodys():
    """As django-allauth generates one from another site's data."""
    make_member("modem")
    make_host("nora")
    assert generate_unique_username(["Modern"]) not in {"modern", "modem"}
    made = generate_unique_username(["nora", "n0ra"])
    User.objects.create_user(made)
    assert made not in {"nora", "n0ra"}


def test_a_name_that_was_given_up_is_not_given_again():
    RetiredUsername.objects.create(digest=digest_of("wanda"))
    assert refusal(validate_free_username, "wanda") == "looks_like_a_member"
    assert refusal(validate_free_username, "wander") == ""
    assert "wanda" not in RetiredUsername.objects.get().digest


def test_the_database_keeps_two_user_names_that_look_alike_apart():
    make_member("modem")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("modern")


def test_members_from_before_the_rule_keep_their_names():
    User.objects.bulk_create(
        [User(username="modem"), User(username="modern"), User(username="nora", display_name="Ѕаѕһа")]
    )
    importlib.import_module("accounts.migrations.0010_looks_of_names").fill(apps, None)
    old, new, nora = User.objects.order_by("pk")
    assert [old.username_skeleton, new.username_skeleton] == ["rnodern", f"rnodern#{new.pk}"]
    assert [nora.username_skeleton, nora.name_skeleton] == ["nora", "sasha"]
    new.tagline = "Still here"
    new.save()
    new.refresh_from_db()
    assert (new.tagline, new.username_skeleton) == ("Still here", f"rnodern#{new.pk}")


# --- concurrency ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_names_that_look_alike_at_once_one_gets_it():
    """The second waits for the first, and then sees which name it took."""
    first, second = make_member("first"), make_member("second")
    first.display_name, second.display_name = "Sasha Moor", "Sasha Rnoor"
    outcomes: list[str] = []
    has_begun = threading.Event()

    def follow() -> None:
        has_begun.set()
        try:
            save_profile(second, [], fields=["display_name"])
            outcomes.append("second")
        except ValidationError as error:
            outcomes.append(error.code or "?")
        finally:
            connection.close()

    thread = threading.Thread(target=follow)
    with transaction.atomic():
        lock_word(skeleton("Sasha Moor"))
        thread.start()
        has_begun.wait(60)
        save_profile(first, [], fields=["display_name"])
        outcomes.append("first")
    thread.join(30)
    assert outcomes == ["first", "looks_like_a_member"]


# --- addresses ---------------------------------------------------------------------------


def test_adding_the_address_of_another_looks_like_adding_any(member, signed_in):
    make_member("bob", email="bob@example.org")
    answers = []
    for address in ("bob@example.org", "BOB@example.org", "free@example.org"):
        client = signed_in(member)
        mail.outbox.clear()
        response = client.post("/accounts/email/", {"email": address, "action_add": ""}, follow=True)
        answers.append(
            (response.status_code, response.redirect_chain, plain(response.content.decode(), address))
        )
    assert answers[0][:2] == answers[1][:2] == answers[2][:2]
    assert answers[0] == answers[2]
    assert not member.emailaddress_set.filter(email__iexact="bob@example.org", verified=True).exists()


def plain(page: str, address: str) -> str:
    page = re.sub(r'(?:csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)
    return re.sub(re.escape(address), "ADDRESS", page, flags=re.IGNORECASE)
