"""A post by email to many subscribers, while the worker is killed repeatedly (kill -9)."""

import random
import time
from collections import Counter

import pytest

from notifications.models import Mailing, OutgoingEmail, Subscriber
from notifications.services.mailings import plan_mailing
from posts.services.publishing import publish_post
from tests.factories import make_host, make_post
from tests.notifications.people import later
from tests.notifications.test_delivery import (  # noqa: F401 - fixtures
    Sender,
    let_leases_end,
    mail_server,
    needs_a_file,
    no_worker_outlives_its_test,
    wait_until,
)

SUBSCRIBERS = 400


def is_over() -> bool:
    waiting = OutgoingEmail.objects.filter(state__in=["ready", "open", "handed"])
    return Mailing.objects.filter(is_done=True).exists() and not waiting.exists()


@pytest.mark.full
@pytest.mark.slow  # each worker is a process that loads Django
@needs_a_file
@pytest.mark.django_db(transaction=True)
def test_no_subscriber_is_lost_and_none_gets_it_twice(mail_server):  # noqa: F811
    chance = random.Random(11)  # noqa: S311 - reproducible, not for security
    everybody = [f"s{number}@example.org" for number in range(SUBSCRIBERS)]
    with later(minutes=-5):
        Subscriber.objects.bulk_create([Subscriber(email=email) for email in everybody])
        post = make_post(make_host("hostess", email="hostess@example.org"), published_at=None)
        publish_post(post)
        plan_mailing(post)
    kills = 0
    while not is_over():
        # At first while the rows are written, then while they are sent.
        wanted = chance.choice([0, SUBSCRIBERS // 10, SUBSCRIBERS // 4]) + len(mail_server.received)
        written = OutgoingEmail.objects.count()
        sender = Sender(mail_server.port, batch=max(7, SUBSCRIBERS // 20))
        wait_until(
            lambda wanted=wanted, written=written: (
                (OutgoingEmail.objects.count() > written or len(mail_server.received) >= wanted > 0)
                or is_over()
            ),
            seconds=300,
        )
        time.sleep(chance.random() / 20)
        sender.kill()
        kills += 1
        let_leases_end()
    assert kills >= 3
    states = Counter(OutgoingEmail.objects.values_list("state", flat=True))
    assert set(states) <= {"sent", "unsure"}
    assert states["unsure"] <= kills
    # One row for each. What SMTP cannot know is marked so, at most one for each kill, and is not sent again.
    assert sorted(OutgoingEmail.objects.values_list("subscriber__email", flat=True)) == sorted(everybody)
    sure = {*OutgoingEmail.objects.filter(state="sent").values_list("subscriber__email", flat=True)}
    arrived = Counter(one.to for one in mail_server.received)
    assert max(arrived.values()) == 1
    assert sure <= {*arrived} <= {*everybody}
