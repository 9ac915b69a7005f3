"""Whatever a member had, and whatever was done with their memorial: an undo restores each row byte for byte."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import CalendarAddress, Follow, Mute, User
from accounts.signals import profile_changed
from api.models import Token
from birthdays.services.wishes import birthday_of
from comments.services.reactions import thank, thank_for_post
from memorials.models import Memorial
from memorials.services.book import request_book
from memorials.services.editing import (
    Text,
    add_picture,
    add_recording,
    edit_memorial,
    remove_picture,
    remove_recording,
)
from memorials.services.erasing import erase_for_family
from memorials.services.keeping import Proposal, confirm, decline, notify_keepers, propose, undo
from memorials.services.memories import choose_for_family, name_custodian
from memorials.tasks import settle_memorials, sweep_old_books
from tests.factories import (
    PASSWORD,
    make_comment,
    make_host,
    make_member,
    make_picture,
    make_post,
    put_comment,
    switch_on,
)
from tests.figures import figure
from tests.memorials.people import a_recording
from tests.memorials.test_memorials import everything, sign_in

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

BOTH = ("memorials", "birthdays")


class World:
    """Otter, a friend, and the memorial's keeper."""

    def __init__(self) -> None:
        switch_on(*BOTH)
        self.host, self.keeper, self.friend = make_host("nora"), make_member("ruth"), make_member("friend")
        self.otter = make_member("otter", display_name="Otter", bio="I keep *otters*.")

    @property
    def memorial(self) -> Memorial:
        return Memorial.objects.with_members().get()

    def open(self) -> None:
        otter = User.objects.get(pk=self.otter.pk)
        confirm(propose(Proposal(otter, self.keeper), by=self.host), by=self.keeper)

    def show_birthday(self, who: str) -> None:
        columns = {"birthday_day": 29, "birthday_month": 2, "birthday_seen_by": who}
        User.objects.filter(pk=self.otter.pk).update(**columns)
        profile_changed.send(sender=User, member=User.objects.get(pk=self.otter.pk))

    def be_wished_well(self) -> None:
        self.show_birthday("all")
        birthday_of(self.otter, 2026)

    def reply_to(self) -> None:
        said = make_comment(make_post(author=self.otter), author=self.otter, body="Good evening, @friend.")
        thank(make_comment(parent=said, author=self.friend, body="Good evening, @otter."), by=self.otter)


IN_LIFE: dict[str, Callable[[World], object]] = {
    "a birthday for all": lambda world: world.show_birthday("all"),
    "a birthday for members": lambda world: world.show_birthday("members"),
    "wishes": World.be_wished_well,
    "a discussion": World.reply_to,
    "a follower": lambda world: Follow.objects.get_or_create(follower=world.friend, followed=world.otter),
    "somebody to follow": lambda world: Follow.objects.get_or_create(
        follower=world.otter, followed=world.friend
    ),
    "somebody to mute": lambda world: Mute.objects.get_or_create(member=world.otter, muted=world.keeper),
    "a session": lambda world: sign_in(Client(), "otter"),
    "a token": lambda world: Token.objects.get_or_create(
        member=world.otter, key_hash="h", defaults={"name": "mine", "begins_with": "p"}
    ),
    "a calendar": lambda world: CalendarAddress.objects.get_or_create(member=world.otter),
    "a custodian": lambda world: name_custodian(world.otter, world.friend),
}


def leave_a_memory(world: World) -> None:
    memory = put_comment(world.memorial.post, author=world.friend, body="We miss you.")
    choose_for_family(memory, is_allowed=True)
    thank(memory, by=world.keeper)


def show_a_picture(world: World) -> None:
    add_picture(world.memorial, make_picture(), "Otter at the pond", by=world.host)


def write_the_letter(world: World) -> None:
    text = Text("In memory of Otter", "1968 to 2025", "Leave a chair for me.", "", "", "members")
    edit_memorial(world.memorial, text, by=world.keeper)


def switch_off_and_on(_world: World) -> None:
    switch_on("birthdays")
    switch_on(*BOTH)


def undo_and_open_again(world: World) -> None:
    undo(world.memorial, by=world.host)
    decline(
        propose(Proposal(User.objects.get(pk=world.otter.pk), world.keeper), by=world.host), by=world.keeper
    )
    world.open()


def wait_three_weeks(_world: World) -> None:
    with time_machine.travel(timezone.now() + timedelta(weeks=3)):
        settle_memorials()
        sweep_old_books()


WITH_THE_MEMORIAL: dict[str, Callable[[World], object]] = {
    "a memory": leave_a_memory,
    "a candle": lambda world: thank_for_post(world.memorial.post, by=world.friend),
    "the letter": write_the_letter,
    "a picture": show_a_picture,
    "pictures removed": lambda world: [
        remove_picture(world.memorial, one.pk, by=world.keeper) for one in world.memorial.pictures.all()
    ],
    "a recording": lambda world: add_recording(world.memorial, a_recording(), by=world.host),
    "no recording": lambda world: remove_recording(world.memorial, by=world.host),
    "the book": lambda world: request_book(world.memorial, by=world.keeper),
    "a word to the keepers": lambda world: notify_keepers(world.memorial, "I am alive.", by=None),
    "an erasure": lambda world: erase_for_family(world.memorial, "erase", by=world.host),
    "somebody who signs in": lambda _world: Client().post(
        "/accounts/login/", {"login": "otter", "password": PASSWORD}
    ),
    "off and on": switch_off_and_on,
    "undone and opened again": undo_and_open_again,
    "three weeks": wait_three_weeks,
}


@pytest.mark.slow
@settings(max_examples=figure(6, 30))
@given(
    life=st.lists(st.sampled_from(sorted(IN_LIFE)), unique=True, min_size=2, max_size=8),
    after=st.lists(st.sampled_from(sorted(WITH_THE_MEMORIAL)), min_size=2, max_size=8),
)
def test_an_undo_restores_everything_after_whatever_was_done(life, after):
    # Without limits: those that are counted in the cache would add up over all examples.
    with override_settings(RATE_LIMITS=False), transaction.atomic():
        check_one_life(life, after)
        transaction.set_rollback(True)


def check_one_life(life: list[str], after: list[str]) -> None:
    world = World()
    for had in life:
        IN_LIFE[had](world)
    before = rows()
    world.open()
    assert before - rows() != set()
    for act in after:
        WITH_THE_MEMORIAL[act](world)
    undo(world.memorial, by=world.keeper)
    assert before - rows() == set()
    assert User.objects.get(pk=world.otter.pk).memorial_since is None


def rows() -> set[tuple[str, str]]:
    """Return each row of each table, except the memorial's own. Actions on the memorial may add some."""
    return {(label, row) for label, text in everything().items() for row in text.splitlines()}
