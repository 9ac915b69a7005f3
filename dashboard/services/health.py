"""Site health in words: what works, what does not, and what to do.

The dashboard and `manage.py check` report the same.
"""

import platform
import shutil
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import django
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import connection
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from api.models import Webhook
from core.models import Worker
from core.services.schema import pending_migrations
from core.utils.dates import date_format
from dashboard.services import delivery, newer
from notifications.models import OutgoingEmail
from transfer.models import Backup

LATE = timedelta(minutes=5)
RECENT = timedelta(days=1)
BACKUP_HOURS = 26
TRIAL_AGE = timedelta(days=15)
DISK_SHARE, DISK_BYTES = 0.1, 2 * 2**30
CLOCK_SECONDS = 60
COUNTED = 1000
# End of security fixes for Django 5.2 (https://www.djangoproject.com/download/#supported-versions).
DJANGO_ENDS = date(2028, 4, 30)
GOOD, WARN, BAD = "good", "warn", "bad"


@dataclass(frozen=True)
class Finding:
    """One finding. state: GOOD, WARN or BAD; advice: what to do, "" if nothing."""

    key: str
    state: str
    text: str
    advice: str = ""


def health() -> list[Finding]:
    """All findings, the worst first."""
    found = [
        *schema(),
        *workers(),
        mail(),
        *delivery_of_mail(),
        disk(),
        backup(),
        *switched_off_webhooks(),
        clock(),
        encryption(),
        version(),
        *risky_settings(),
    ]
    order = [BAD, WARN, GOOD]
    return sorted((finding for finding in found if finding), key=lambda finding: order.index(finding.state))


def schema() -> list[Finding]:
    """Migrations that have not been applied yet."""
    pending = pending_migrations()
    if not pending:
        return []
    return [
        Finding(
            "schema",
            BAD,
            ngettext(
                "The database isn’t up to date: %(count)d migration is missing.",
                "The database isn’t up to date: %(count)d migrations are missing.",
                len(pending),
            )
            % {"count": len(pending)},
            _("Run “manage.py prepare” on the server, then restart the site."),
        )
    ]


def workers() -> list[Finding]:
    """Whether workers are alive and keep up, and which of their periodic tasks currently fail."""
    alive = list(Worker.objects.alive())
    if not alive:
        return [
            Finding(
                "worker",
                BAD,
                _("The worker isn’t running: no emails are sent, sign-in codes included."),
                _("Start it with “manage.py worker”, or restart its service."),
            )
        ]
    failing = {name: found["error"] for one in alive for name, found in one.failing.items()}
    return [
        _overdue_tasks(),
        *(
            Finding(
                "failing",
                BAD,
                _("Part of the worker fails and is being retried: %(name)s (%(error)s).")
                % {"name": name, "error": error},
                _("The log has the details."),
            )
            for name, error in sorted(failing.items())
        ),
    ]


def _overdue_tasks() -> Finding:
    """Whether tasks that are due get done."""
    now = timezone.now()
    late = DBTaskResult.objects.ready().filter(enqueued_at__lt=now - LATE)
    late = late.exclude(run_after__gt=now - LATE, run_after__lte=now)  # it has only just become due
    behind = late.order_by()[:COUNTED].count()
    if not behind:
        return Finding("worker", GOOD, _("The worker is running, and nothing is overdue."))
    text = ngettext(
        "The worker is behind: %(count)d job has waited for more than five minutes.",
        "The worker is behind: %(count)d jobs have waited for more than five minutes.",
        behind,
    )
    return Finding("worker", WARN, text % {"count": behind}, _("Start a second worker if this goes on."))


def mail() -> Finding:
    """Whether emails are sent."""
    if settings.EMAIL_BACKEND.endswith(("filebased.EmailBackend", "console.EmailBackend")):
        return Finding(
            "mail",
            WARN,
            _("Emails aren’t sent: they’re written to files, so no one can confirm an address."),
            _("Set EMAIL_URL on the server, for example smtp+tls://user:password@mail.example.org:587."),
        )
    since = timezone.now() - RECENT
    emails = OutgoingEmail.objects.filter(created_at__gte=since).order_by()
    failed = emails.filter(state=OutgoingEmail.State.FAILED)[:COUNTED].count()
    tasks = DBTaskResult.objects.filter(queue_name="mail", finished_at__gte=since).order_by()
    failed += tasks.filter(status=TaskResultStatus.FAILED)[:COUNTED].count()
    bounced = OutgoingEmail.objects.filter(came_back_at__gte=since).order_by()[:COUNTED].count()
    sent = emails.filter(state=OutgoingEmail.State.SENT)[:COUNTED].count()
    sent += tasks.filter(status=TaskResultStatus.SUCCESSFUL)[:COUNTED].count()
    if failed:
        text = ngettext(
            "%(count)d email couldn’t be sent since yesterday.",
            "%(count)d emails couldn’t be sent since yesterday.",
            failed,
        )
        advice = _("Check the mail server and EMAIL_URL. Its responses are under System, Emails.")
        return Finding("mail", BAD, text % {"count": failed}, advice)
    text = ngettext(
        "Mail works: %(count)d sent since yesterday, %(bounced)d bounced.",
        "Mail works: %(count)d sent since yesterday, %(bounced)d bounced.",
        sent,
    )
    return Finding("mail", GOOD, text % {"count": sent, "bounced": bounced})


def delivery_of_mail() -> list[Finding]:
    """Problems with the domain's DNS records for email, as the worker found them last."""
    return [
        Finding("delivery", one.state, one.text, one.advice)
        for one in delivery.found_last()
        if one.state != GOOD
    ]


def disk() -> Finding:
    """Free space for pictures, the database and backups."""
    usage = shutil.disk_usage(settings.VAR_DIR)
    free = {"free": f"{usage.free / 2**30:.1f}", "percent": round(100 * usage.free / usage.total)}
    if usage.free < min(DISK_SHARE * usage.total, DISK_BYTES):
        return Finding(
            "disk",
            BAD,
            _("The disk is almost full: %(free)s GB left (%(percent)d%%).") % free,
            _("Delete old backups and logs, or get a larger disk, before comments can’t be saved."),
        )
    return Finding("disk", GOOD, _("There’s enough space on the disk: %(free)s GB (%(percent)d%%).") % free)


def backup() -> Finding:
    """The newest backup, and whether the last trial succeeded."""
    made = Backup.objects.order_by("-made_at", "-pk").first()
    if made is None:
        return Finding(
            "backup",
            WARN,
            _("No backup yet."),
            _(
                "Set BACKUP_DIR on the server to a folder on another disk, or BACKUP_BUCKET to a bucket: the worker then makes a backup each day."
            ),
        )
    when = {"when": date_format(timezone.localtime(made.made_at), "DATETIME_FORMAT")}
    if made.error:
        error = when | {"error": made.error}
        text = (
            _("The backup from %(when)s can’t be restored: %(error)s") % error
            if made.path
            else _("The backup from %(when)s couldn’t be made: %(error)s") % error
        )
        return Finding("backup", BAD, text, _("Run “manage.py backup” by hand and check what it says."))
    if (late := _late_backup(made)) is not None:
        return late
    tried = Backup.objects.exclude(tried_at=None).order_by("-tried_at").first()
    if tried is None:
        return Finding("backup", GOOD, _("The last backup is from %(when)s.") % when)
    day = {"day": date_format(timezone.localtime(tried.tried_at), "DATE_FORMAT")}
    text = _("The last backup is from %(when)s. One was restored as a test on %(day)s.")
    return Finding("backup", GOOD, text % (when | day))


def _late_backup(newest: Backup) -> Finding | None:
    """A finding if the newest backup is too old, or none was tested for too long."""
    now, hours = timezone.now(), max(BACKUP_HOURS, settings.BACKUP_HOURS + 2)
    when = {"when": date_format(timezone.localtime(newest.made_at), "DATETIME_FORMAT"), "hours": hours}
    if newest.made_at < now - timedelta(hours=hours):
        return Finding(
            "backup",
            WARN,
            _("The last backup is from %(when)s. It should be less than %(hours)d hours old.") % when,
            _("Check that the worker is running and that there’s space for backups."),
        )
    known = Backup.objects.whole()
    if known.filter(made_at__lt=now - TRIAL_AGE).exists() and not known.filter(tried_at__gt=now - TRIAL_AGE):
        return Finding(
            "backup",
            WARN,
            _("It’s more than two weeks since a backup was restored as a test."),
            _(
                "The worker does that each week: check that it’s running. “manage.py backup --try FILE” does it by hand."
            ),
        )
    return None


def clock() -> Finding | None:
    """Whether the clock is right, as sign-in codes and schedules need.

    It is compared with the database's clock and the newest row.
    """
    now = timezone.now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            there = cursor.fetchone()[0]
    else:
        # The newest row cannot be from the future.
        there = max(Worker.objects.order_by("-beat_at").values_list("beat_at", flat=True).first() or now, now)
    seconds = abs((there - now).total_seconds())
    if seconds > CLOCK_SECONDS:
        return Finding(
            "clock",
            BAD,
            _("The server’s clock is wrong by about %(time)s.")
            % {"time": timesince(now - timedelta(seconds=seconds), now)},
            _("Switch on time synchronisation (NTP): sign-in codes and scheduled posts depend on it."),
        )
    return Finding("clock", GOOD, _("The server’s clock is right."))


def encryption() -> Finding:
    """Whether the site's URL uses TLS."""
    if settings.HTTPS:
        return Finding("encryption", GOOD, _("Connections are encrypted (HTTPS)."))
    if "127.0.0.1" in settings.SITE_URL or "localhost" in settings.SITE_URL:
        return Finding("encryption", GOOD, _("This site runs on your own machine, without HTTPS."))
    return Finding(
        "encryption",
        BAD,
        _("Connections aren’t encrypted: passwords can be read on the way."),
        _("Get a certificate and set SITE_URL to an address with https://."),
    )


def switched_off_webhooks() -> list[Finding]:
    """Webhooks that were switched off after failing for days."""
    off = Webhook.objects.filter(is_active=False, switched_off_at__isnull=False)
    return [
        Finding(
            "webhook",
            WARN,
            _("The webhook “%(name)s” was switched off, because it failed for days.")
            % {"name": webhook.name},
            _("See its responses under Settings, Webhook deliveries, then switch it on again."),
        )
        for webhook in off.order_by("pk")[:5]
    ]


@cache
def own_version() -> str:
    """The version in pyproject.toml."""
    return str(
        tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"][
            "version"
        ]
    )


def version() -> Finding:
    """The current version, the support of its Django, and a newer version if UPDATE_URL names one."""
    values = {"own": own_version(), "django": django.get_version(), "python": platform.python_version()}
    text = _("Version %(own)s, on Django %(django)s and Python %(python)s.") % values
    if timezone.localdate() > DJANGO_ENDS:
        advice = _("This version of Django no longer gets security fixes. Update the site.")
        return Finding("version", WARN, text, advice)
    if newest := newer.newer_than(own_version()):
        newest_text = _("Version %(newest)s is available. This is %(own)s.") % (values | {"newest": newest})
        return Finding("version", WARN, newest_text, _("Update with “bin/update” on the server."))
    return Finding("version", GOOD, text)


def risky_settings() -> list[Finding]:
    """Warnings of `manage.py check --deploy`, and demo accounts, whose passwords are public."""
    found = [
        Finding("settings", WARN, str(message.msg), str(message.hint or ""))
        for message in run_checks(tags=[Tags.security], include_deployment_checks=True)
        if str(message.id).startswith("core.W")
    ]
    if settings.DEBUG:
        found.append(
            Finding(
                "settings",
                WARN,
                _("DEBUG is on: visitors see details of errors."),
                _("Set DEBUG=0 on a server that others can reach."),
            )
        )
    demo = User.objects.filter(email__endswith=f"@{settings.DEMO_MAIL_DOMAIN}", is_staff=True, is_active=True)
    if demo.exists():
        found.append(
            Finding(
                "settings",
                WARN,
                _("The demo host can sign in, with a password that was printed on the screen."),
                _("Make yourself a host, then close the demo host’s account under Members."),
            )
        )
    return found
