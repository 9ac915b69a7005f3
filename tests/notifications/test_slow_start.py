"""The first large mailing is sent slowly; after it went well, later ones are sent at once."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.email.mailings import write_next_batch
from notifications.models import Mailing, OutgoingEmail, Subscriber
from notifications.services.mailings import plan_mailing
from posts.services.publishing import publish_post
from tests.factories import make_host, make_post
from tests.notifications.people import later
from tests.notifications.subscribers import work_off

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def seventy(settings, monkeypatch):
    settings.MAILING_SLOW_START = 10
    monkeypatch.setattr("notifications.email.mailings.SUBSCRIBERS_AT_ONCE", 16)
    with later(minutes=-5):
        Subscriber.objects.bulk_create([Subscriber(email=f"s{number}@example.org") for number in range(70)])
        post = make_post(make_host("hostess", email="hostess@example.org"), published_at=None)
        publish_post(post)
        return plan_mailing(post)


def hours() -> dict[int, int]:
    """Return how many emails are sent in each hour after the start."""
    mailing = Mailing.objects.get(week=None)
    dues = OutgoingEmail.objects.filter(mailing=mailing).values_list("due_at", flat=True)
    return dict(Counter((due - mailing.started_at) // HOUR for due in dues))


def write_all() -> None:
    work_off()
    while write_next_batch():
        pass


def test_each_hour_twice_as_many_leave(seventy, settings):
    write_all()
    assert hours() == {0: 10, 1: 20, 2: 40}


def test_as_many_as_went_well_lately_leave_at_once(seventy):
    earlier = Mailing.objects.create(
        week=timezone.localdate(), is_done=True, started_at=timezone.now() - timedelta(days=7), sent_before=40
    )
    write_all()
    assert hours() == {0: 40, 1: 30}
    OutgoingEmail.objects.all().delete()
    Mailing.objects.filter(pk=earlier.pk).update(started_at=timezone.now() - timedelta(days=70))
    Mailing.objects.filter(week=None).update(is_done=False, done_up_to=0)
    write_all()
    assert hours() == {0: 10, 1: 20, 2: 40}


def test_all_leave_at_once_where_the_host_wants_it(seventy, settings):
    settings.MAILING_SLOW_START = 0
    write_all()
    assert hours() == {0: 70}
