"""The service behind the queue and the admin, and its invariants."""

import pytest
from django.core.exceptions import PermissionDenied

from comments.models import Comment
from comments.services.writing import delete_comment
from comments.signals import comment_published
from moderation.models import Decision, Report
from moderation.services.decisions import decide, decide_many, undo
from moderation.services.reports import report_comment
from posts.models import Post
from tests.factories import make_moderator, put_comment
from tests.moderation.helpers import make_held, make_report

pytestmark = pytest.mark.sql


@pytest.fixture
def published():
    heard: list[int] = []

    def hear(comment: Comment, **_kwargs: object) -> None:
        heard.append(comment.pk)

    comment_published.connect(hear)
    yield heard
    comment_published.disconnect(hear)


def count(post: Post) -> int:
    return Post.objects.values_list("comment_count", flat=True).get(pk=post.pk)


def test_approving_announces_a_comment_once_and_counts_it(post, moderator, published):
    held = make_held(post=post)
    assert (published, count(post)) == ([], 0)
    decide(held, "approve", by=moderator)
    decide(held, "approve", by=moderator)
    assert (published, count(post)) == ([held.pk], 1)
    assert Post.objects.get(pk=post.pk).last_comment_at == held.created_at


def test_every_decision_and_undo_keeps_the_count_true(post, moderator):
    put_comment(post=post)
    comment = put_comment(post=post)
    removed = decide(comment, "remove", by=moderator)
    assert count(post) == 1
    undo(removed, by=moderator)
    assert count(post) == 2
    decide(comment, "spam", by=moderator)
    decide(comment, "remove", by=moderator)
    assert count(post) == 1


def test_two_moderators_at_once_make_one_decision(post, moderator):
    held = make_held(post=post)
    mine, colleagues = Comment.objects.get(pk=held.pk), Comment.objects.get(pk=held.pk)
    assert decide(colleagues, "remove", by=make_moderator()) is not None
    assert decide(mine, "remove", by=moderator) is None
    assert Decision.objects.count() == 1


def test_decide_many_answers_with_what_was_decided(post, moderator):
    held, public = make_held(post=post), put_comment(post=post)
    decisions = decide_many([held, public], "approve", by=moderator, note="Fine.")
    assert [(decision.comment, decision.note) for decision in decisions] == [(held, "Fine.")]


def test_one_decision_answers_all_reports(post, moderator):
    comment = put_comment(post=post)
    reports = [make_report(comment), make_report(comment)]
    decision = decide(comment, "remove", by=moderator)
    assert set(decision.reports.all()) == set(reports)
    undo(decision, by=moderator)
    assert Report.objects.open().count() == 2


def test_undo_works_once(post, moderator):
    decision = decide(make_held(post=post), "approve", by=moderator)
    assert undo(decision, by=moderator).undoes == decision
    assert undo(decision, by=make_moderator()) is None
    assert Comment.objects.get(pk=decision.comment_id).status == "held"


def test_an_undo_is_not_undone_but_decided_again(post, moderator):
    decision = decide(make_held(post=post), "approve", by=moderator)
    undone = undo(decision, by=moderator)
    assert undo(undone, by=moderator) is None
    assert decide(decision.comment, "approve", by=moderator) is not None


def test_only_the_last_decision_is_undone(post, moderator):
    comment = put_comment(post=post)
    first = decide(comment, "remove", by=moderator)
    decide(comment, "spam", by=moderator)
    assert undo(first, by=moderator) is None


def test_undo_does_not_bring_back_what_its_author_withdrew(post, moderator):
    held = make_held(post=post)
    decision = decide(held, "approve", by=moderator)
    delete_comment(held, by=held.author)
    assert undo(decision, by=moderator) is None
    assert Comment.objects.get(pk=held.pk).status == "deleted"


def test_undo_opens_no_second_report_by_the_same_member(post, moderator, member):
    comment = put_comment(post=post)
    report_comment(comment, reporter=member, reason="spam")
    decision = decide(comment, "approve", by=moderator)
    again = report_comment(comment, reporter=member, reason="unkind")
    assert undo(decision, by=moderator) is not None
    assert list(Report.objects.open()) == [again]


def test_ones_own_comments_are_refused_by_the_service_too(post, moderator):
    comment = make_report(put_comment(post=post, author=moderator)).comment
    with pytest.raises(PermissionDenied):
        decide(comment, "approve", by=moderator)
    assert Decision.objects.count() == 0
