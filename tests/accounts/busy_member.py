"""A member who has used every feature: every table that can have a row of a member has one of hers."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import CalendarAddress, EmailCode, Introduction, ProfileLink, User
from accounts.models.images import SHAPES
from accounts.services.profile import count_following, store_chosen_picture, store_topics
from accounts.services.relations import follow, mute
from api.models import Token
from birthdays.services.wishes import birthday_of
from closer.models import Choice, DeclinedLink, Reminder
from comments.models import Bookmark, Comment, CommentClaim, PendingComment, PostThanks, ThreadVisit
from comments.services.images import add_picture, picture_markdown
from comments.services.reactions import thank
from comments.services.writing import delete_comment, edit_comment, set_status
from core.utils.images import CropBox
from decisions.services.positions import take_position
from decisions.services.voting import cast_vote
from events.services.answers import give_answer
from events.services.planning import propose_event
from giving.models import Pledge
from memorials.models import Custodian
from memorials.services.keeping import Proposal, confirm, decline, notify_keepers, propose
from moderation.models import Assessment, ProfileReview
from moderation.services.decisions import decide
from moderation.services.members import lift, make_appeal, report_profile, set_level, suspend, write_note
from moderation.services.reports import report_comment
from notifications.models import (
    Device,
    EmailSuppression,
    GuestConsent,
    Notification,
    OutgoingEmail,
    ReplyFeed,
    ReplyMail,
    Subscriber,
)
from notifications.services.preferences import choose, follow_tag, set_thread_level
from notifications.services.timing import choose_timing
from posts.models import Autosave, Post, Tag
from rooms.models import Room
from rooms.services.presence import enter_room
from tests.decisions.factories import make_poll, make_proposal
from tests.events.plans import a_plan
from tests.factories import PASSWORD, make_comment, make_member, make_moderator, make_picture, make_post
from tests.settings import RUN_DIR
from tests.shared_rows import made_once

NAME = "wanda"
EMAIL = "wanda@walrus.example"
# Unique strings: a test that finds one has found something of hers.
TRACES = ["wanda", "walrus", "Wawrzyniak", "purple otters"]


def live() -> User:
    """Create the member, and all others around her."""
    host_post = make_post(slug="table")
    friend, moderator = make_member("friend", takes_introductions=True), make_moderator("mod")
    wanda = make_member(
        NAME, email=EMAIL, display_name="Wanda Wawrzyniak", tagline="purple otters", bio="I keep *purple otters*.",
        birthday_day=3, birthday_month=4, birthday_year=1980, takes_introductions=True, avatar_alt="purple otters", cover_alt="purple otters",
    )  # fmt: skip
    for shape, drawing in SHAPES.items():
        drawn = drawing.draw(make_picture(), CropBox())
        getattr(wanda, shape).save(drawn.name, drawn)
    # An image in a profile form that was not saved yet. Its file has a random name, as on a site.
    store_chosen_picture(wanda, "avatar", SHAPES["avatar"].draw(make_picture(), CropBox()))
    EmailAddress.objects.create(user=wanda, email="second@walrus.example", verified=True)
    Autosave.objects.create(key="new-wanda", editor=wanda, title="Purple", body="purple otters", window="w")
    sign_in(Client())  # a row in the list of devices
    Authenticator.objects.create(user=wanda, type="totp", data={"secret": "sealed"})
    SocialAccount.objects.create(
        user=wanda, provider="github", uid="walrus-77", extra_data={"name": "wanda-walrus"}
    )
    link = ProfileLink.objects.create(user=wanda, url="https://walrus.example/me", label="purple otters")
    count_following(link)
    store_topics(wanda, "help", ["purple otters"])
    User.objects.create(username="wanda-before", is_active=False, merged_into=wanda)
    follow(wanda, friend, on=True)
    follow(friend, wanda, on=True)
    mute(wanda, moderator, on=True)
    mute(moderator, wanda, on=True)
    Introduction.objects.create(asker=wanda, asked=friend, words="purple otters")
    Introduction.objects.create(asker=friend, asked=wanda, words="We met at the pond.")

    root = make_comment(host_post, author=friend, body="What lives in your pond?")
    picture = add_picture(make_picture(), by=wanda, alt="purple otters")
    said = make_comment(
        parent=root, author=wanda, body=f"We have purple otters.\n\n{picture_markdown(picture)}"
    )
    edit_comment(said, body=f"We have two purple otters.\n\n{picture_markdown(picture)}", by=wanda)
    set_status(said, Comment.Status.PUBLIC)  # the spam filter checks newcomers' images
    make_comment(parent=said, author=friend, body="Two, @wanda, is not many.")
    delete_comment(make_comment(host_post, author=wanda, body="purple otters, and regrets"), by=wanda)
    make_comment(host_post, author=wanda, body="purple otters that wait", status="held")
    removed = make_comment(parent=root, author=wanda, body="purple otters for sale: https://walrus.example/")
    report_comment(removed, reporter=friend, reason="spam", note="She sells purple otters.")
    decide(
        removed,
        "remove",
        by=moderator,
        note="Nobody sells purple otters here.",
        word="Keep your purple otters.",
    )
    Assessment.objects.update_or_create(
        comment=said,
        defaults={
            "score": 0.2,
            "outcome": "publish",
            "reasons": [{"code": "x", "values": {"text": "purple otters"}}],
        },
    )
    report_comment(root, reporter=wanda, reason="other", note="Nothing about purple otters.")
    report_profile(friend, reporter=wanda, reason="other", note="No purple otters here.")
    report_profile(wanda, reporter=friend, reason="spam", note="Only purple otters here.")
    set_level(wanda, 1, by=moderator, words="Knows purple otters.")
    ProfileReview.objects.create(member=wanda, cause="assessed", is_hiding=False)
    write_note(wanda, "Asks everybody about purple otters.", by=moderator)
    restriction = suspend(
        wanda, by=moderator, ends_at=timezone.now() + timedelta(days=1), words="No purple otters for a day."
    )
    make_appeal(wanda, restriction, "But they are purple otters.")
    lift(restriction, by=moderator)
    wanda.refresh_from_db()
    guest = make_comment(host_post, author=wanda, body="purple otters, long ago")
    Comment.objects.filter(pk=guest.pk).update(
        guest_name="Wanda W.", guest_email=EMAIL, guest_url="https://walrus.example/", source_key="wp:7"
    )
    CommentClaim.objects.create(member=wanda, email=EMAIL, answer="yes")
    add_picture(make_picture(size=(500, 500)), by=wanda, alt="purple otters, not sent")
    thank(root, by=wanda)
    thank(said, by=friend)
    PostThanks.objects.create(post=host_post, member=wanda)
    Bookmark.objects.create(member=wanda, post=host_post)
    ThreadVisit.objects.create(
        member=wanda, post=host_post, new_since=timezone.now(), looked_at=timezone.now()
    )

    choose(wanda, talks="weekly")
    ReplyFeed.objects.create(member=wanda)
    CalendarAddress.objects.create(member=wanda)
    birthday_of(wanda, 2026)
    Pledge.objects.create(member=wanda, amount=5)
    Choice.objects.create(member=wanda, letter_due_at=timezone.now())
    DeclinedLink.objects.create(member=wanda, address="walrus.example")
    for one, other in ((wanda, make_member()), (User.objects.filter(pk__lt=wanda.pk).earliest("pk"), wanda)):
        Reminder.objects.create(first=one, second=other, sent_at=timezone.now())
    Custodian.objects.create(member=wanda, custodian=friend)
    Custodian.objects.create(member=friend, custodian=wanda)
    memorial = propose(Proposal(make_member("otter"), wanda), by=host_post.author)
    confirm(memorial, by=wanda)
    notify_keepers(memorial, "Otter liked purple otters.", by=wanda)
    mistaken = propose(Proposal(wanda, friend), by=host_post.author)
    decline(mistaken, by=friend)
    enter_room(wanda, Room.objects.create(name="Pond", address="https://meet.example/pond"))
    gathering = propose_event(a_plan("Gathering"), by=host_post.author)
    give_answer(gathering.occurrences.get(), wanda, "yes")
    poll = make_poll("Ducks", "Geese", post=host_post, by=host_post.author)
    cast_vote(poll, wanda, poll.options.filter(text="Ducks"))
    proposal = make_proposal(post=host_post, by=host_post.author)
    take_position(proposal, stance="agree", reason="purple otters agree", by=wanda)
    Token.objects.create(member=wanda, name="purple otters", key_hash="h", begins_with="p")
    choose_timing(wanda, time_zone="Asia/Tokyo", quiet_from=22, quiet_until=7)
    set_thread_level(wanda, host_post, "following")
    follow_tag(wanda, Tag.objects.create(name="Ponds", slug="ponds"), follows=True)
    Notification.objects.get_or_create(
        member=wanda,
        comment=root,
        defaults={"kind": "talks", "way": "here", "state": "no_mail", "due_at": timezone.now()},
    )
    OutgoingEmail.objects.create(member=wanda, address=EMAIL, message_id="<1@testserver>", state="sent")
    OutgoingEmail.objects.create(guest_email="second@walrus.example", message_id="<2@testserver>")
    EmailSuppression.objects.create(email="second@walrus.example", cause="bounce")
    GuestConsent.objects.create(email=EMAIL)
    Subscriber.objects.create(email="second@walrus.example")
    Device.objects.create(
        member=wanda,
        endpoint="https://push.example/walrus",
        key="k",
        p256dh="p",
        auth="a",
        name="Walrus browser",
    )
    ReplyMail.objects.create(key="k", member=wanda, outcome="refused", detail="purple otters")
    EmailCode.objects.create(email=EMAIL, sender="x", digest="y")
    PendingComment.objects.create(post=host_post, body="purple otters, pending", name="Wanda W.", email=EMAIL)
    return wanda


def lived(request: pytest.FixtureRequest) -> Iterator[Callable[[], User]]:
    """For a fixture of wider scope, like `made_once`: create the rows and images of `live` once.

    It takes 0.6 s.
    """
    folder = Path(mkdtemp(dir=RUN_DIR))

    def make() -> User:
        for each in caches.all(initialized_only=True):
            each.clear()  # rate limits counted by earlier tests
        with override_settings(MEDIA_ROOT=str(folder)):
            return live()

    for hand_out in made_once(make, request):

        def with_pictures(hand_out: Callable[[], User] = hand_out) -> User:
            shutil.copytree(folder, settings.MEDIA_ROOT, dirs_exist_ok=True)
            mail.outbox.clear()
            return hand_out()

        yield with_pictures


def sign_in(client: Client, username: str = NAME) -> None:
    response = client.post(
        "/accounts/login/",
        {"login": username, "password": PASSWORD},
        headers={"user-agent": "Walrus browser"},
    )
    assert response.status_code == 302


def picture_files() -> set[str]:
    """Return all stored images. Only she has any."""
    found = set()
    for folder in ("avatars", "covers", "comments"):
        if default_storage.exists(folder):
            found |= {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
    return found


def talk() -> Post:
    return Post.objects.get(slug="table")
