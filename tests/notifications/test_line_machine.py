"""The line equals the outbox over any sequence of new, repeated, appended, edited and held comments."""

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Follow
from comments.models import Comment
from comments.services.adding import add_to_comment
from comments.services.writing import edit_comment, set_status
from notifications.models import Notification, NotificationChannel
from notifications.services.notify import address_comments
from notifications.services.preferences import choose
from notifications.services.preview import Line, read_draft
from tests.factories import make_host, make_member, make_post, put_comment
from tests.figures import figure
from tests.notifications.people import forget_what_was_announced, later, work, write

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

NAMES = ["kay", "lee", "mia"]
some = st.lists(st.sampled_from(NAMES), unique=True, max_size=3)
steps = st.lists(
    st.tuples(st.sampled_from(["edit", "add", "again", "hold"]), some, some, st.sampled_from([0, 0, 120])),
    min_size=1,
    max_size=4,
)


def names_of(line):
    return {one.name: one.way.value for one in line.recipients.notified}


def outbox(comment):
    """Return who is about to be notified."""
    rows = Notification.objects.of_publication(comment).select_related("member")
    return {row.member.username: row.way for row in rows if row.is_meant and row.can_be_withdrawn}


@pytest.mark.slow
@settings(max_examples=figure(5, 12))
@given(
    called=some,
    also=some,
    steps=steps,
    ways=st.lists(st.sampled_from(list(NotificationChannel)), min_size=3, max_size=3),
    follows=some,
)
def test_before_each_step_the_line_says_what_the_outbox_holds_after_it(called, also, steps, ways, follows):
    with transaction.atomic():
        check(called, also, steps, ways, follows)
        transaction.set_rollback(True)


def check(called, also, steps, ways, follows):
    post, writer = make_post(author=make_host("host")), make_member("writer")
    people = {name: make_member(name) for name in NAMES}
    for (name, person), way in zip(people.items(), ways, strict=True):
        choose(person, answers=way)
        if name in follows:
            Follow.objects.create(follower=person, followed=writer)
    theirs = {name: put_comment(post, author=person) for name, person in people.items()}
    forget_what_was_announced()

    def typed(names, number):
        return f"Hello {number} " + " ".join(f"@{name}" for name in names)

    def ticked(names):
        return [theirs[name] for name in names]

    body = typed(called, 0)
    said = names_of(
        Line.of(
            read_draft(post, writer, body=body, also=[str(one.pk) for one in ticked(also)]), counts_all=True
        )
    )
    comment = write(writer, post, body, also=ticked(also))
    assert outbox(comment) == said
    seconds = 0
    for number, (step, names, ticks, wait) in enumerate(steps, 1):
        seconds += wait
        with later(seconds=seconds):
            work()
            comment = Comment.objects.get(pk=comment.pk)
            if step == "edit":
                said = names_of(Line.of_change(comment, body=typed(names, number)))
                edit_comment(comment, body=typed(names, number), by=writer)
            elif step == "add":
                words = typed(names, number)
                said = names_of(
                    Line.of_change(comment, body=f"{comment.body}\n\n{words}", also=tuple(ticked(ticks)))
                )
                add_to_comment(
                    comment,
                    text=words,
                    by=writer,
                    and_store=lambda one, ticks=ticks: address_comments(one, ticked(ticks), adds=True),
                )
            elif step == "again":
                if seconds:
                    continue  # earlier recipients remain, which the line of a new comment does not list
                said = names_of(
                    Line.of(
                        read_draft(
                            post, writer, body=comment.body, also=[str(one.pk) for one in ticked(ticks)]
                        ),
                        counts_all=True,
                    )
                )
                write(writer, post, comment.body, also=ticked(ticks))
            else:
                set_status(comment, Comment.Status.HELD)
                said = names_of(Line.of_change(comment, body=typed(names, number)))
                edit_comment(comment, body=typed(names, number), by=writer)
                set_status(comment, Comment.Status.PUBLIC)
            assert outbox(comment) == said, (step, names, ticks)
