"""Emails are sent once, whatever the mail server responds, and wherever the worker is killed."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Self

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Follow, User
from core.models import Worker
from core.tasks import periodic
from core.tasks.mail import enqueue_mail
from notifications.email import compose, delivery
from notifications.email.delivery import gather, requeue_abandoned, send_some
from notifications.models import EmailSuppression, FanOut, Notification, OutgoingEmail, ThreadSubscription
from notifications.services.notify import fan_out_batch
from notifications.services.preferences import choose, set_thread_level
from notifications.services.recipients import Draft, recipients_of
from posts.services.publishing import publish_post
from tests.factories import make_comment, make_host, make_member, make_post
from tests.figures import figure
from tests.notifications.killed_worker import send
from tests.notifications.people import later, work, write
from tests.notifications.smtp_server import MailServer
from tests.processes import Forked

pytestmark = pytest.mark.sql


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        yield server


def letters_for(*usernames: str) -> list[OutgoingEmail]:
    """Create an email for each: someone replied to them. The waiting minute is over."""
    post = make_post(author=make_host("hostess", email="hostess@example.org"))
    for username in usernames:
        write(make_member(), post, f"To {username}.", parent=make_comment(post, author=make_member(username)))
    Notification.objects.exclude(member__username__in=usernames).delete()
    FanOut.objects.all().delete()
    past = timezone.now() - timedelta(seconds=1)
    Notification.objects.update(due_at=past, mail_at=past)
    gather()
    return list(OutgoingEmail.objects.order_by("pk"))


def states() -> list[str]:
    return list(OutgoingEmail.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.django_db
class TestTheMailServerSays:
    def test_yes(self, mail_server):
        (email,) = letters_for("kay")
        assert send_some() == 1
        (received,) = mail_server.received
        email.refresh_from_db()
        assert (received.to, received.message_id, email.state, email.address) == (
            "kay@example.org",
            email.message_id,
            "sent",
            "kay@example.org",
        )
        assert send_some() == 0

    def test_no_such_user_and_no_more_is_mailed_there(self, mail_server):
        (email,) = letters_for("kay")
        mail_server.refusals["kay@example.org"] = "550 5.1.1 no such user"
        send_some()
        email.refresh_from_db()
        assert (email.state, email.came_back_at is not None, email.failure) == (
            "failed",
            True,
            "550 5.1.1 no such user",
        )
        stop = EmailSuppression.objects.get()
        assert (stop.email, stop.cause, stop.detail) == (
            "kay@example.org",
            "bounce",
            "550 5.1.1 no such user",
        )
        answered = email.notifications.get().comment.parent
        (kay, _host) = recipients_of(
            Draft(answered.post, email.notifications.get().comment.author, answered)
        ).notified
        assert (kay.name, kay.way) == ("kay", "here")

    @pytest.mark.parametrize("said", ["550 5.7.1 we do not like you", "554 5.7.0 blocked"])
    def test_no_for_our_own_sake_and_the_reader_is_not_blamed(self, mail_server, said):
        letters_for("kay")
        mail_server.refusals["kay@example.org"] = said
        send_some()
        assert (states(), EmailSuppression.objects.count()) == (["failed"], 0)

    @pytest.mark.parametrize("where", ["reader", "words"])
    def test_later_and_it_is_sent_later(self, mail_server, where):
        letters_for("kay")
        if where == "reader":
            mail_server.refusals["kay@example.org"] = "451 4.7.1 come back later"
        else:
            mail_server.answer_to_words = "452 4.3.1 full"
        send_some()
        email = OutgoingEmail.objects.get()
        assert (email.state, email.tries, send_some()) == ("ready", 1, 0)
        mail_server.refusals.clear()
        mail_server.answer_to_words = "250 taken"
        with later(seconds=59):
            assert send_some() == 0
        with later(seconds=61):
            send_some()
        assert (states(), len(mail_server.received)) == (["sent"], 1)

    def test_yes_to_the_others_when_one_is_refused(self, mail_server):
        letters_for("kay", "lea", "mia")
        mail_server.refusals["lea@example.org"] = "550 no"
        send_some()
        assert ([one.to for one in mail_server.received], states()) == (
            ["kay@example.org", "mia@example.org"],
            ["sent", "failed", "sent"],
        )

    def test_nothing_at_all_and_the_pauses_grow(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        with MailServer() as server:
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        letters_for("kay")
        pauses = []
        with later(seconds=0) as clock:
            for _ in range(10):
                now = timezone.now()
                if not send_some() and OutgoingEmail.objects.get().state == "failed":
                    break
                email = OutgoingEmail.objects.get()
                if email.state == "ready":
                    pauses.append((email.due_at - now).total_seconds() / 60)
                    clock.move_to(email.due_at)
        assert (pauses, states()) == ([1, 5, 30, 120, 600, 1440], ["failed"])

    def test_nothing_after_the_last_word_and_nobody_knows(self, mail_server, settings):
        settings.EMAIL_TIMEOUT = 0.3
        letters_for("kay")
        mail_server.hold_at = "taken"
        send_some()
        assert (states(), len(mail_server.received)) == (["unsure"], 1)
        with later(days=2):
            work()
        assert len(mail_server.received) == 1

    def test_nothing_before_the_last_word_and_it_is_sent_again(self, mail_server, settings):
        settings.EMAIL_TIMEOUT = 0.3
        letters_for("kay")
        mail_server.hold_at = "rcpt"
        send_some()
        assert (states(), mail_server.received) == (["ready"], [])
        mail_server.go_on.set()
        with later(minutes=2):
            send_some()
        assert (states(), len(mail_server.received)) == (["sent"], 1)


@pytest.mark.django_db
def test_an_email_taken_over_by_another_worker_is_not_sent_here(mail_server, monkeypatch):
    (email,) = letters_for("kay")
    compose = delivery.compose

    def slowly(one: OutgoingEmail):
        mail = compose(one)
        # The lease expired, and was given again.
        OutgoingEmail.objects.filter(pk=email.pk).update(holder="another worker")
        return mail

    monkeypatch.setattr(delivery, "compose", slowly)
    send_some()
    assert (states(), mail_server.received) == (["open"], [])


@pytest.mark.django_db
def test_a_worker_that_is_asked_to_stop_gives_back_what_it_has_not_begun(mail_server, monkeypatch):
    letters_for("kay", "lea", "mia")
    monkeypatch.setattr(delivery, "is_stopping", lambda: bool(mail_server.received))
    send_some()
    assert (states(), list(OutgoingEmail.objects.order_by("pk").values_list("tries", flat=True))) == (
        ["sent", "ready", "ready"],
        [1, 0, 0],
    )


# --- killed workers ------------------------------------------------------------------


class Sender(Forked):
    """A worker in its own process."""

    all: ClassVar[list[Self]] = []

    def __init__(self, port: int, *, beat_seconds: float = 10, batch: int = 0) -> None:
        super().__init__(send, connection.settings_dict["NAME"], port, beat_seconds, batch, is_heard=False)
        self.all.append(self)

    def kill(self) -> None:
        super().kill()
        self.wait(20)

    def stop(self) -> int:
        self.process.terminate()
        return self.wait(30)


@pytest.fixture(autouse=True)
def no_worker_outlives_its_test() -> Iterator[None]:
    yield
    while Sender.all:
        Sender.all.pop().close()


def let_leases_end() -> None:
    """Let time pass until the dead worker's emails are free again."""
    OutgoingEmail.objects.exclude(leased_until=None).update(
        leased_until=timezone.now() - timedelta(seconds=1)
    )
    requeue_abandoned()


def wait_until(condition, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.02)


needs_a_file = pytest.mark.skipif(
    django_settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3",
    reason="the other process opens the test database by its file",
)


@needs_a_file
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("held_at", "state_left", "state_then"),
    [
        ("mail", "open", "sent"),
        ("rcpt", "open", "sent"),
        ("data", "open", "sent"),
        ("words", "handed", "unsure"),
        ("taken", "handed", "unsure"),
    ],
)
def test_a_worker_killed_at_any_step_sends_the_email_once(mail_server, held_at, state_left, state_then):
    letters_for("kay")
    mail_server.hold_at = held_at
    sender = Sender(mail_server.port)
    assert mail_server.is_held.wait(60)
    sender.kill()
    mail_server.go_on.set()
    assert states() == [state_left]
    let_leases_end()
    send_some()
    wait_until(lambda: mail_server.received)
    assert (states(), [one.to for one in mail_server.received]) == ([state_then], ["kay@example.org"])


@pytest.mark.full
@needs_a_file
@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_left_is_free_within_a_minute(mail_server):
    letters_for("kay")
    mail_server.hold_at = "rcpt"
    sender = Sender(mail_server.port)
    assert mail_server.is_held.wait(60)
    sender.kill()
    mail_server.go_on.set()
    with later(seconds=30):
        assert requeue_abandoned() == (0, 0)
    with later(seconds=50):  # the lease, and the time between two runs
        assert requeue_abandoned() == (1, 0)
        send_some()
    assert (states(), [one.to for one in mail_server.received]) == (["sent"], ["kay@example.org"])


@pytest.mark.full
@needs_a_file
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lives_keeps_what_it_has_in_hand_however_long_it_takes(mail_server):
    letters_for("kay")
    mail_server.hold_at = "rcpt"
    sender = Sender(mail_server.port, beat_seconds=0.1)
    assert mail_server.is_held.wait(60)
    past = timezone.now() - timedelta(hours=1)
    OutgoingEmail.objects.update(leased_until=past)
    wait_until(lambda: OutgoingEmail.objects.get().leased_until > timezone.now())
    assert Worker.objects.alive().count() == 1
    assert requeue_abandoned() == (0, 0)
    mail_server.go_on.set()
    wait_until(lambda: states() == ["sent"])
    assert (sender.stop(), len(mail_server.received), Worker.objects.count()) == (0, 1, 0)


# --- codes have priority ---------------------------------------------------------------


@pytest.mark.full
@needs_a_file
@pytest.mark.django_db(transaction=True)
def test_a_code_arrives_while_emails_wait_for_a_slow_mail_server(mail_server, settings, client):
    """Checked by order, not by time: the first of many emails is still being accepted when the code arrives."""
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
    }
    letters_for(*(f"member-{number}" for number in range(30)))
    mail_server.hold_at = "rcpt"
    sender = Sender(mail_server.port)
    assert mail_server.is_held.wait(60)
    with transaction.atomic():  # processed by the worker at once
        for number in range(3):
            enqueue_mail(
                EmailMultiAlternatives("News", "Nothing pressing.", to=[f"moderator-{number}@example.org"])
            )
        client.post("/accounts/login/code/", {"email": "member-29@example.org"})
    wait_until(lambda: len(mail_server.received) == 4)
    code, *news = mail_server.received
    assert (code.to, [one.to for one in news]) == (
        "member-29@example.org",
        [f"moderator-{number}@example.org" for number in range(3)],
    )
    assert str(code.message["Subject"]) == "Your code for The Long Table"
    assert code.message_id.endswith("@testserver>")
    assert Counter(states()) == {"open": 25, "ready": 5}
    mail_server.go_on.set()
    assert sender.stop() == 0


@pytest.mark.django_db
def test_an_email_that_kills_every_worker_is_given_up(settings):
    (email,) = letters_for("kay")
    for _ in range(8):
        delivery._take(1)
        let_leases_end()
    email.refresh_from_db()
    assert (email.state, email.tries) == ("failed", 7)


@pytest.mark.full
@pytest.mark.slow
@needs_a_file
@pytest.mark.django_db(transaction=True)
def test_workers_killed_in_mid_batch_lose_nothing_and_send_nothing_twice(mail_server):
    chance = random.Random(7)  # noqa: S311 - reproducible, not for security
    everybody = [f"member-{number}" for number in range(20)]
    letters_for(*everybody)
    kills = 0
    on_its_way = OutgoingEmail.objects.filter(state__in=["ready", "open", "handed"])
    while on_its_way.exists():
        before = len(mail_server.received)
        sender = Sender(mail_server.port)
        wanted = before + chance.randrange(3, 6)
        wait_until(lambda wanted=wanted: len(mail_server.received) >= wanted or not on_its_way.exists())
        time.sleep(chance.random() / 50)  # into the middle of the next one
        sender.kill()
        kills += 1
        let_leases_end()
    assert kills > 3
    counted = Counter(one.message_id for one in mail_server.received)
    assert {message_id: number for message_id, number in counted.items() if number > 1} == {}
    # What SMTP cannot know is marked as unknown, at most one email for each kill; all others have certainly
    # arrived.
    sure = set(OutgoingEmail.objects.filter(state="sent").values_list("message_id", flat=True))
    unsure = set(OutgoingEmail.objects.filter(state="unsure").values_list("message_id", flat=True))
    assert sure <= set(counted)
    assert sure | unsure == set(OutgoingEmail.objects.values_list("message_id", flat=True))
    assert len(unsure) <= kills


@needs_a_file
@pytest.mark.django_db(transaction=True)
def test_a_worker_asked_to_stop_finishes_its_current_email(mail_server):
    letters_for("kay", "lea")
    mail_server.hold_at = "taken"
    sender = Sender(mail_server.port)
    assert mail_server.is_held.wait(60)
    sender.process.terminate()
    time.sleep(0.2)
    mail_server.go_on.set()
    assert sender.wait(30) == 0
    assert (states(), [one.to for one in mail_server.received]) == (["sent", "ready"], ["kay@example.org"])


# --- many followers ------------------------------------------------------------------


@pytest.mark.django_db
def test_followers_get_their_rows_in_batches_and_a_killed_worker_goes_on(monkeypatch):
    monkeypatch.setattr("notifications.services.notify.FOLLOWERS_AT_ONCE", 4)
    post = make_post()
    followers = [make_member() for _ in range(10)]
    for member in followers:
        set_thread_level(member, post, "following")
    comment = write(make_member("writer"), post)
    assert not Notification.objects.filter(comment=comment, member__in=followers).exists()
    with later(seconds=61):
        delivery.fan_out_next()
        assert Notification.objects.filter(comment=comment, member__in=followers).count() == 4
        with monkeypatch.context() as broken:
            broken.setattr(
                FanOut, "save", lambda *_args, **_kwargs: (_ for _ in ()).throw(SystemExit("killed"))
            )
            with pytest.raises(SystemExit):
                delivery.fan_out_next()
        assert Notification.objects.filter(comment=comment, member__in=followers).count() == 4
        delivery.fan_out_next()
        delivery.fan_out_next()
        assert delivery.fan_out_next() == 0
    assert Notification.objects.filter(comment=comment, member__in=followers).count() == 10


@pytest.mark.django_db
def test_posting_costs_the_same_queries_with_any_number_of_followers(django_assert_num_queries):
    post, quiet = make_post(), make_post()
    ThreadSubscription.objects.bulk_create(
        ThreadSubscription(member=make_member(), post=post, level="following") for _ in range(30)
    )
    writer = make_member("writer")
    counts = []
    for talk in (quiet, post):
        write(writer, talk, "One to begin with.")
        with django_assert_num_queries(46, exact=False) as captured:
            write(writer, talk, f"Under {talk.pk}.")
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.django_db
@pytest.mark.parametrize(("followers", "comments"), [(12, 18), (25, 10)])
def test_one_email_a_day_is_one_whatever_is_due(settings, followers, comments, monkeypatch):
    """More rows than fit in one batch, of recipients whose rows are interleaved."""
    monkeypatch.setattr(delivery, "READERS_AT_ONCE", 7)
    settings.COMMENT_RATES = {"member": [], "host": []}
    post, writer = make_post(author=make_host("hostess", email="hostess@example.org")), make_member("writer")
    for number in range(followers):
        set_thread_level(make_member(f"follower-{number}"), post, "following")
    for number in range(comments):
        write(writer, post, f"Comment {number}.")
    with later(seconds=61):
        work()
    mail.outbox.clear()
    with later(days=1, hours=1):
        work()
    told = [message for message in mail.outbox if message.to[0].startswith("follower-")]
    assert Counter(message.to[0] for message in told) == Counter(
        f"follower-{number}@example.org" for number in range(followers)
    )
    assert {message.subject for message in told} == {
        f"{comments} new notifications at The Long Table: writer"
    }


@pytest.mark.django_db
@pytest.mark.parametrize("more", [0, 1, figure(3, 25)])
def test_a_bundle_names_twenty_and_counts_the_rest(settings, more):
    comments = 20 + more
    settings.COMMENT_RATES = {"member": [], "host": []}
    post, writer, kay = make_post(author=make_host("hostess")), make_member("writer"), make_member("kay")
    set_thread_level(kay, post, "following")
    mine = make_comment(post, author=kay)
    for number in range(comments - 1):
        make_comment(post, author=writer, body=f"Comment {number}.")
    make_comment(post, author=writer, parent=mine, body="The only reply.")
    past = timezone.now() - timedelta(seconds=1)
    FanOut.objects.update(due_at=past)
    while delivery.fan_out_next():
        pass
    Notification.objects.exclude(member=kay).delete()
    Notification.objects.update(due_at=past, mail_at=past)
    work()
    (message,) = mail.outbox
    html = message.alternatives[0][0]
    assert message.subject == f"{comments} new notifications at The Long Table: writer"
    for text in (message.body, html):
        assert text.count("/comments/") == 20
        assert "The only reply." in text  # if there are too many, those about the reader come first
        assert (f"And {more} more in your inbox" in text) is (more > 0)
    assert len(message.message().as_bytes()) < 60_000
    assert {row.state for row in Notification.objects.filter(member=kay)} == {"in_letter"}


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["read", "all read", "answered", "replied to, with others", "post answered"])
def test_what_was_read_or_answered_meanwhile_is_not_mailed(signed_in, how):
    hostess = make_host("hostess")
    post, writer, kay = make_post(author=hostess), make_member("writer"), make_member("kay")
    if how == "post answered":
        Follow.objects.create(follower=kay, followed=hostess)
        post = make_post(author=hostess, published_at=None)
        publish_post(post)
        delivery.fan_out_batch(FanOut.objects.get(post=post))
    else:
        reply = write(writer, post, "To Kay.", parent=make_comment(post, author=kay))
    row = Notification.objects.get(member=kay)
    Notification.objects.exclude(pk=row.pk).delete()
    browser = signed_in(kay)
    with later(minutes=2):
        if how == "read":
            browser.post(f"/notifications/{row.pk}/open/")
        elif how == "all read":
            browser.post("/notifications/read/", {"all": "1"})
        elif how == "answered":
            write(kay, post, "I see.", parent=reply)
        elif how == "replied to, with others":
            write(kay, post, "I see.", parent=make_comment(post), also=[reply])
        else:
            write(kay, post, "A good post.")
        work()
    row.refresh_from_db()
    assert ([message.to for message in mail.outbox if message.to == ["kay@example.org"]], row.state) == (
        [],
        "no_mail",
    )


@pytest.mark.django_db
def test_what_another_wrote_or_the_reader_said_elsewhere_does_not_count_as_an_answer():
    post, writer, kay = make_post(author=make_host("hostess")), make_member("writer"), make_member("kay")
    reply = write(writer, post, "To Kay.", parent=make_comment(post, author=kay))
    with later(minutes=2):
        write(make_member("lea"), post, "I see.", parent=reply)
        write(kay, post, "Something else.")
        work()
    assert [message.subject for message in mail.outbox if message.to == ["kay@example.org"]] == [
        f"writer replied to you on “{post.title}”"
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["fan_out_batch", "item_of"])
def test_a_row_that_breaks_holds_up_no_other(monkeypatch, step):
    post, writer = make_post(author=make_host("hostess")), make_member("writer")
    for name in ("kay", "lea", "mia"):
        set_thread_level(make_member(name), post, "following")
        choose(User.objects.get(username=name), talks="at_once")
    comments = [
        write(writer, post, f"Comment {number}.") for number in range(2 if step == "fan_out_batch" else 1)
    ]
    sound = getattr(compose if step == "item_of" else delivery, step)

    def broken(what, *args):
        if what.comment == comments[0] and (step == "fan_out_batch" or what.member.username == "lea"):
            raise ValueError("no way to write this")
        return sound(what, *args)

    monkeypatch.setattr(compose if step == "item_of" else delivery, step, broken)
    with later(seconds=61):
        work()
        told = {message.to[0] for message in mail.outbox} - {"hostess@example.org"}
        waits = FanOut.objects.filter(is_done=False, due_at__gt=timezone.now() + timedelta(minutes=9)).count()
    if step == "item_of":
        assert (told, states().count("failed")) == ({"kay@example.org", "mia@example.org"}, 1)
    else:
        assert (told, waits) == ({"kay@example.org", "lea@example.org", "mia@example.org"}, 1)


@pytest.mark.django_db
def test_readers_whose_rows_cannot_be_gathered_wait_and_the_others_do_not(monkeypatch):
    post = make_post(author=make_host("hostess"))
    for name in ("kay", "lea"):
        write(make_member(), post, "Hello.", parent=make_comment(post, author=make_member(name)))
    lea = User.objects.get(username="lea")
    sound = delivery._emails_of_the_hour

    def broken(readers):
        if any(member == lea.pk for member, _email in readers):
            raise ValueError("no way to count these")
        return sound(readers)

    monkeypatch.setattr(delivery, "_emails_of_the_hour", broken)
    with later(seconds=61):
        work()
        assert "kay@example.org" in {message.to[0] for message in mail.outbox}
        assert Notification.objects.get(member=lea).mail_at == timezone.now() + timedelta(minutes=10)


@pytest.mark.django_db
def test_an_announcement_that_vanishes_is_nobodys_trouble():
    comment = write(make_member(), make_post())
    fan_out = FanOut.objects.get(comment=comment)
    FanOut.objects.all().delete()
    assert fan_out_batch(fan_out) is False


@pytest.mark.django_db
def test_a_flood_becomes_one_mail(mail_server, settings):
    settings.COMMENT_RATES = {"member": [], "host": []}
    kay, writer = make_member("kay"), make_member("writer")
    mine = make_comment(make_post(author=make_host("hostess")), author=kay)
    with later(minutes=2) as clock:
        for number in range(8):
            write(writer, mine.post, f"Answer {number}.", parent=mine)
            clock.shift(timedelta(minutes=2))
            work()
        to_kay = [one for one in mail_server.received if one.to == "kay@example.org"]
        assert len(to_kay) == settings.ALERT_MAILS_PER_HOUR == 6
        clock.shift(timedelta(hours=1))
        work()
    to_kay = [one for one in mail_server.received if one.to == "kay@example.org"]
    assert [str(one.message["Subject"]) for one in to_kay[6:]] == [
        "2 new notifications at The Long Table: writer"
    ]


def test_the_worker_knows_its_periodic_tasks():
    assert [task.run.__name__ for task in periodic.PERIODIC_TASKS if task.run.__module__ == "notifications.email.delivery"] == [
        "announce", "write_emails", "send_emails", "requeue_abandoned", "delete_old_emails",
    ]  # fmt: skip
