"""Sixty genuine comments and sixty adverts by new members, from the page and its form to what others see.

Each is submitted forty seconds after the page was opened.
"""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from comments.models import Comment
from posts.models import Post
from tests.factories import make_member
from tests.figures import figure
from tests.moderation import texts
from tests.moderation.languages import comments_in
from tests.moderation.test_form_token import form_of, send

pytestmark = pytest.mark.django_db

Writer = tuple[str, str, str]


def some(writers: list[Writer]) -> list[Writer]:
    """Return all sixty in full runs, otherwise a few of each kind."""
    return writers[:: len(writers) // figure(6, 60)]


def of_english(number: int) -> list[Writer]:
    return [(text, "", "") for text in comments_in("en")[number]]


GENUINE = [*of_english(0), *texts.KIND_READERS[:20]]
ADVERTS = [*of_english(1), *texts.BOT_PRAISE[:10], *((text, "", "") for text in texts.ADVERTISING[:10])]


def public_of(writers: list[Writer], post: Post) -> int:
    """Return how many of these comments a visitor finds."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number, (text, name, url) in enumerate(writers):
            joined = timezone.now() - timedelta(minutes=5)
            member = make_member(f"writer{number}", display_name=name, date_joined=joined)
            if url:
                member.links.create(url=url)
            client = Client()
            client.force_login(member)
            fields = form_of(client, post)
            clock.shift(40)
            send(client, post, **fields | {"body": text})
    return Comment.objects.public().count()


@pytest.mark.slow  # a page and a form for each of them
def test_hardly_a_genuine_comment_waits(post):
    writers = some(GENUINE)
    assert len(writers) - public_of(writers, post) <= 1


@pytest.mark.slow
def test_hardly_an_advert_is_public(post):
    writers = some(ADVERTS)
    assert public_of(writers, post) <= len(writers) // 6
