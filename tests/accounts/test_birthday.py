"""Birthdays: a day and a month, optionally a year, visible to no one, members or everyone."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from accounts.signals import profile_changed
from tests.accounts.test_profile import EDIT, typed
from tests.factories import make_member, make_post, put_comment

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


def birthday(member: User) -> tuple:
    member.refresh_from_db()
    return member.birthday_day, member.birthday_month, member.birthday_year, member.birthday_seen_by


def told(day: object = "", month: object = "", year: object = "", seen_by: str = "") -> dict:
    return typed(birthday_day=day, birthday_month=month, birthday_year=year, birthday_seen_by=seen_by)


@pytest.mark.parametrize(
    ("data", "stored"),
    [
        (told(3, 6, "", "members"), (3, 6, None, "members")),
        (told(29, 2), (29, 2, None, "nobody")),
        (told(29, 2, 2000, "all"), (29, 2, 2000, "all")),
        (told(31, 12, 1900, "all"), (31, 12, 1900, "all")),
        (typed(), (None, None, None, "nobody")),
        (told(seen_by="all"), (None, None, None, "all")),
    ],
)
def test_a_day_of_the_year_is_stored(member, signed_in, data, stored):
    assert signed_in(member).post(EDIT, data).status_code == 302
    assert birthday(member) == stored


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (told(30, 2), "birthday_day"),
        (told(31, 4), "birthday_day"),
        (told(29, 2, 1999), "birthday_day"),
        (told(29, 2, 1900), "birthday_day"),
        (told(1, 1, 9999), "birthday_day"),
        (told(1, 1, 10_000), "birthday_day"),
        (told(1, 1, 1899), "birthday_year"),
        (told(0, 1), "birthday_day"),
        (told(32, 1), "birthday_day"),
        (told(1, 13), "birthday_month"),
        (told(1, "x"), "birthday_month"),
        (told("9" * 40, 1), "birthday_day"),
        (told("²", 1), "birthday_day"),
        (told(3, ""), "birthday_month"),
        (told("", 3), "birthday_day"),
        (told("", "", 1980), "birthday_day"),
        (told(1, 1, "", "friends"), "birthday_seen_by"),
    ],
)
def test_a_day_that_never_was_is_refused_at_its_field(member, signed_in, data, field):
    assertContains(signed_in(member).post(EDIT, data), f'id="id_{field}_error"', status_code=422)
    assert birthday(member) == (None, None, None, "nobody")


@pytest.mark.parametrize("wrong", [{"birthday_day": 1}, {"birthday_month": 1}, {"birthday_year": 1980}, {"birthday_day": 30, "birthday_month": 2}, {"birthday_day": 31, "birthday_month": 6}, {"birthday_day": 1, "birthday_month": 13}])  # fmt: skip
def test_the_database_knows_what_a_birthday_is(member, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=member.pk).update(**wrong)


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(1900, 2200))
def test_everybody_has_a_birthday_every_year(born, year):
    celebrated = User(birthday_day=born.day, birthday_month=born.month).birthday_in(year)
    assert celebrated.year == year
    assert celebrated == (date(year, 2, 28) if (born.month, born.day) == (2, 29) and year % 4 else celebrated)
    assert (born.month, born.day) in {(celebrated.month, celebrated.day), (2, 29)}


SEEN = {"nobody": (False, False, True), "members": (False, True, True), "all": (True, True, True)}


@pytest.mark.parametrize("seen_by", SEEN)
@time_machine.travel(datetime(2026, 6, 3, 12, tzinfo=UTC), tick=False)
def test_only_those_see_it_who_may(client, signed_in, seen_by):
    post = make_post()
    member = make_member(
        "wanda", birthday_day=3, birthday_month=6, birthday_year=1980, birthday_seen_by=seen_by
    )
    put_comment(post=post, author=member)
    readers = client, signed_in(make_member("other")), signed_in(member)
    for reader, sees in zip(readers, SEEN[seen_by], strict=True):
        page = reader.get("/members/wanda/").content.decode()
        talk = reader.get(post.get_absolute_url()).content.decode()
        card = reader.get("/members/wanda/card.vcf").content.decode()
        assert ("Born on 3 Jun 1980" in page, 'class="party"' in page, "BDAY:19800603" in card) == (sees,) * 3
        # The thread is cached for all readers: it shows the hat if everyone may see it.
        assert ('<span class="party">' in talk.partition("<main")[2]) == (seen_by == "all")


def test_the_hat_disappears_from_the_discussion_at_midnight(client):
    with time_machine.travel(datetime(2026, 6, 3, 23, 59, tzinfo=UTC), tick=False) as clock:
        post = make_post()
        put_comment(
            post=post, author=make_member("wanda", birthday_day=3, birthday_month=6, birthday_seen_by="all")
        )
        assertContains(client.get(post.get_absolute_url()), 'class="party"')
        clock.shift(120)
        assertNotContains(client.get(post.get_absolute_url()), 'class="party"')


@time_machine.travel(datetime(2026, 6, 3, 12, tzinfo=UTC), tick=False)
def test_the_faces_above_a_discussion_have_the_current_hats_and_names(client, signed_in):
    """The cached faces contain no hat from a reader who may see more; hiding the day removes it."""
    post, wanda = make_post(), make_member("wanda", display_name="Wanda", birthday_day=3, birthday_month=6)
    for author in (wanda, make_member("other")):
        put_comment(post=post, author=author)
    readers = signed_in(wanda), signed_in(make_member("reader")), client

    def faces(**changes):
        for name, value in changes.items():
            setattr(wanda, name, value)
        wanda.save()
        profile_changed.send(sender=User, member=wanda)
        pages = [reader.get(post.get_absolute_url()).content.decode() for reader in readers]
        found = [page.partition('<span class="faces"')[2].partition("</a>")[0] for page in pages]
        return {('class="party"' in shown, ">W<" in shown, ">M<" in shown) for shown in found}

    assert faces(birthday_seen_by="members") == {(False, True, False)}
    assert faces(birthday_seen_by="all") == {(True, True, False)}
    assert faces(birthday_seen_by="members") == {(False, True, False)}
    assert faces(display_name="Mira") == {(False, False, True)}


@pytest.mark.parametrize(("today", "hat"), [(datetime(2026, 2, 28, 12, tzinfo=UTC), True), (datetime(2026, 3, 1, 12, tzinfo=UTC), False), (datetime(2028, 2, 28, 12, tzinfo=UTC), False), (datetime(2028, 2, 29, 12, tzinfo=UTC), True)])  # fmt: skip
def test_the_paper_hat_is_worn_on_the_day(client, today, hat):
    make_member("wanda", birthday_day=29, birthday_month=2, birthday_seen_by="all")
    with time_machine.travel(today, tick=False):
        response = client.get("/members/wanda/")
    assert ('class="party"' in response.content.decode()) == hat
    assertContains(response, "Birthday on 29 February")
    assertContains(client.get("/members/wanda/card.vcf"), "BDAY:--0229")


def test_the_directory_does_not_tell_whose_birthday_it_is(client):
    with time_machine.travel(datetime(2026, 6, 3, 12, tzinfo=UTC), tick=False):
        make_member("wanda", birthday_day=3, birthday_month=6, birthday_seen_by="members")
        assertNotContains(client.get("/members/"), "party")
