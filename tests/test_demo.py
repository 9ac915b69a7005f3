"""`manage.py demo`: whoever tries the site finds each of its rooms lived in."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command

from accounts.models import User
from comments.models import Comment
from moderation.models import Appeal, Decision, Report, Restriction
from moderation.services.stats import stats_of
from moderation.spamfilter.training import near_copies

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


# At noon: what was decided two hours later is of the same day.
@time_machine.travel(datetime(2026, 6, 3, 12, tzinfo=UTC))
def test_there_is_something_to_read_to_decide_and_to_learn_from_and_a_second_run_changes_nothing(capsys):
    call_command("demo", password="wooden spoons for seven")  # noqa: S106 - it stands on the screen
    assert "member1 … member12" in capsys.readouterr().out
    assert {
        status for status in Comment.Status.values if Comment.objects.filter(status=status).exists()
    } == set(Comment.Status.values)
    assert [Report.objects.open().count(), Appeal.objects.count(), Restriction.objects.count()] == [1, 1, 1]
    campaign = Comment.objects.held().order_by("-created_at").first()
    assert len(near_copies(campaign)) == 2
    month = stats_of(30)
    assert (month.held_right, month.held_wrong, month.missed) == (7, 1, 1)
    assert len([bar for bar in month.plot.bars if bar.spam]) == 6
    before = [model.objects.count() for model in (User, Comment, Decision)]
    call_command("demo")
    assert [model.objects.count() for model in (User, Comment, Decision)] == before
