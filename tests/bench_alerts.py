"""The cost of notifications: a comment on a post with 10 and with 10,000 followers; emails sent per second.

`python -m tests.bench_alerts`. Uses a database and a mail server of its own.
"""

import itertools
import os
import tempfile
import time

from tests.bench import milliseconds, say

FOLLOWERS = (10, 10_000)
MAILS = 300


def main() -> None:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from allauth.account.models import EmailAddress  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from comments.services.writing import publish_comment  # noqa: PLC0415
    from notifications.email.delivery import fan_out_next, gather, send_some  # noqa: PLC0415
    from notifications.models import (  # noqa: PLC0415
        FanOut,
        Notification,
        NotificationPreference,
        OutgoingEmail,
        ThreadSubscription,
    )
    from notifications.services.preview import Line, read_draft  # noqa: PLC0415
    from tests.factories import make_member, make_post  # noqa: PLC0415
    from tests.notifications.smtp_server import MailServer  # noqa: PLC0415

    settings.RATE_LIMITS = False
    call_command("migrate", verbosity=0)
    writer = make_member("writer")
    reader = Client()
    reader.force_login(writer)
    say("followers   one more comment   the page   the line, all counted   rows for all of them")
    for size in FOLLOWERS:
        post = make_post()
        many = User.objects.bulk_create(
            User(username=f"f{size}-{n}", email=f"f{size}-{n}@example.org") for n in range(size)
        )
        EmailAddress.objects.bulk_create(
            EmailAddress(user=one, email=one.email, verified=True, primary=True) for one in many
        )
        NotificationPreference.objects.bulk_create(
            NotificationPreference(member=one, type="talks", channel="at_once") for one in many[:MAILS]
        )
        ThreadSubscription.objects.bulk_create(
            ThreadSubscription(member=one, post=post, level="following") for one in many
        )
        numbers = itertools.count()

        def write(post=post, numbers=numbers) -> None:
            publish_comment(post=post, author=writer, body=f"One more, {next(numbers)}.")

        (posting,) = milliseconds(write)
        (page,) = milliseconds(lambda post=post: reader.get(post.get_absolute_url()))
        (line,) = milliseconds(
            lambda post=post: Line.of(read_draft(post, writer, body="Hello"), counts_all=True), rounds=5
        )
        newest = FanOut.objects.order_by("-pk").first()
        FanOut.objects.exclude(pk=newest.pk).delete()
        Notification.objects.all().delete()
        FanOut.objects.update(due_at=timezone.now())
        began = time.perf_counter()
        while fan_out_next():
            pass
        took = time.perf_counter() - began
        say(
            f"{size:9}   {posting:13.1f} ms   {page:5.1f} ms   {line:18.1f} ms   {took:10.2f} s for {Notification.objects.count()}"
        )

    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        while gather():
            pass
        letters = OutgoingEmail.objects.count()
        began = time.perf_counter()
        while send_some():
            pass
        took = time.perf_counter() - began
        assert len(server.received) == letters, (len(server.received), letters)
    say(f"{letters} mails in {took:.1f} s: {letters / took:.0f} a second")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
        }
        main()
