"""Rate limits, locks and checks."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.checks import check_mail, check_proxy, check_rate_limits, check_runtime_folder
from core.utils.locks import lock_row
from core.utils.ratelimit import TooFast, check_rates
from dashboard.services import health
from posts.models import Post
from tests.factories import make_comment

pytestmark = pytest.mark.sql


@pytest.fixture
def times(post, member):
    """Return comments written that many seconds ago."""

    now = timezone.now()

    def write(*seconds_ago: int):
        for seconds in seconds_ago:
            make_comment(post=post, author=member, created_at=now - timedelta(seconds=seconds))
        return Comment.objects.by(member)

    with time_machine.travel(now, tick=False):
        yield write


def wait(rows, *rates: tuple[int, int]) -> int | None:
    try:
        check_rates(rows, rates)
    except TooFast as refusal:
        return refusal.wait_seconds
    return None


def test_as_many_as_allowed_but_one_leave_room_for_one(times):
    assert wait(times(10, 20), (3, 60)) is None


def test_one_too_many_waits_until_the_oldest_that_counts_is_out_of_sight(times):
    assert wait(times(10, 20, 45), (3, 60)) == 15


def test_what_is_long_ago_does_not_count(times):
    assert wait(times(10, 20, 60), (3, 60)) is None


def test_the_wait_is_never_nothing(times):
    assert wait(times(59, 59, 59), (3, 60)) == 1


def test_every_rate_counts(times):
    rows = times(10, 100, 1000)
    assert wait(rows, (5, 60), (3, 3600)) == 2600
    assert wait(rows, (5, 60), (4, 3600)) is None


def test_without_limits_nobody_waits(times, settings):
    settings.RATE_LIMITS = False
    assert wait(times(1, 1, 1), (1, 60)) is None


def test_a_wait_can_be_said():
    assert str(TooFast(7)) == "wait 7 seconds"


@pytest.mark.django_db(transaction=True)
def test_a_row_cannot_be_locked_outside_a_transaction(post):
    with pytest.raises(transaction.TransactionManagementError):
        lock_row(Post.objects, post.pk)


def test_a_locked_row_is_the_row_as_it_is_now(post):
    Post.objects.filter(pk=post.pk).update(title="Later")
    with transaction.atomic():
        assert lock_row(Post.objects, post.pk).title == "Later"
        with pytest.raises(Post.DoesNotExist):
            lock_row(Post.objects.drafts(), post.pk)


def test_a_row_with_an_outer_join_can_be_locked(post):
    comment = make_comment(post=post)
    with transaction.atomic():
        assert lock_row(Comment.objects.select_related("parent", "author"), comment.pk) == comment
        assert lock_row(User.objects, comment.author_id) == comment.author


def test_limits_that_are_off_are_complained_about(settings):
    assert check_rate_limits() == []
    settings.RATE_LIMITS = False
    assert [(note.id, note.is_serious()) for note in check_rate_limits()] == [("core.W001", False)]
    settings.SECRET_KEY = "x" * 20 + "abcdefghijklmnopqrstuvwxyz0123456789"
    with pytest.raises(SystemCheckError, match="RATE_LIMITS is off"):
        call_command("check", deploy=True, fail_level="WARNING")


@pytest.mark.django_db
def test_the_dashboard_says_it_in_the_language_of_its_reader(settings, monkeypatch):
    settings.RATE_LIMITS = False
    monkeypatch.setattr("core.checks._", lambda text: f"[{text[:11]}]")
    [found] = [one for one in health.risky_settings() if "RATE_LIMITS" in one.text]
    assert (found.text, found.advice) == ("[RATE_LIMITS]", "[Remove RATE]")


def test_mail_that_goes_nowhere_is_pointed_out(settings):
    for backend in ("filebased", "console"):
        settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
        assert [note.id for note in check_mail()] == ["core.I001"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert check_mail() == []


@pytest.mark.parametrize(
    ("proxies", "https", "found"), [(0, True, ["core.I002"]), (1, True, []), (0, False, [])]
)
def test_a_proxy_that_is_not_counted_is_pointed_out(settings, proxies, https, found):
    settings.TRUSTED_PROXY_COUNT, settings.HTTPS = proxies, https
    assert [note.id for note in check_proxy()] == found


def test_a_folder_that_cannot_be_written_is_pointed_out(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path / "var"
    assert check_runtime_folder() == []
    monkeypatch.setattr("os.access", lambda *_args: False)
    assert [note.id for note in check_runtime_folder()] == ["core.W002"]
