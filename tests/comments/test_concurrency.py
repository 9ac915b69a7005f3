"""Concurrent writers, as threads and as processes. Acknowledged writes must be stored, and every tree valid."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, connections
from django.db.models import Count, F

from accounts.models import User
from comments.models import Comment
from comments.services.adding import add_to_comment
from comments.services.moving import move_branch
from comments.services.writing import publish_comment, set_status
from comments.tree.repair import find_faults
from moderation.models import Decision, ModerationSettings
from posts.models import Post
from tests.comments.random_writer import TASKS_AS_ROWS, Writer, lost, write
from tests.factories import make_comment, make_host, make_member, make_post
from tests.figures import figure
from tests.processes import Forked
from tests.transfer.wxr import comment, post, wxr

# The rows of migrations are restored afterwards, for the tests that follow.
pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = figure(5, 8)
ROUNDS = figure(14, 24)
ANSWERS = figure(4, 8)


def in_threads(tasks: list[Callable[[], None]]) -> None:
    """Run all at the same time; raise the first error."""
    errors: list[BaseException] = []
    together = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        try:
            together.wait(timeout=60)
            task()
        except BaseException as error:  # noqa: BLE001 - raised below, in the test's thread
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert not any(thread.is_alive() for thread in threads)
    if errors:
        raise errors[0]


def assert_all_is_well() -> None:
    assert list(find_faults(Comment.objects.tree_rows())) == []
    for each in Post.objects.all():
        public = Comment.objects.for_post(each).public()
        newest = public.newest_first().first()
        assert (each.comment_count, each.last_comment_at) == (public.count(), newest and newest.created_at)
    assert not Comment.objects.annotate(counted=Count("thanks")).exclude(counted=F("thanks_count")).exists()


@pytest.fixture
def no_limits(settings) -> None:
    settings.TASKS = TASKS_AS_ROWS
    settings.COMMENT_RATES = {"member": [], "host": []}
    settings.COMMENT_CHANGE_RATES = []
    settings.THANKS_RATES = []


@pytest.fixture
def people(no_limits) -> list[Post]:
    """WRITERS members, a moderator with all permissions, and three posts to comment on."""
    make_host("moderator")
    ModerationSettings.objects.update_or_create(pk=1, defaults={"first_link_waits": True})
    for number in range(WRITERS):
        make_member(f"writer{number}")
    return [make_post() for _ in range(3)]


def everything_happened() -> bool:
    shown_again = Decision.objects.filter(status_after="public").exclude(status_before="public")
    actions = set(Decision.objects.values_list("action", flat=True))
    return {"move", "split"} <= actions and shown_again.exists()


@pytest.mark.slow
def test_writers_and_moderators_side_by_side_lose_nothing_and_break_no_tree(people):
    acknowledged: list[list[str]] = [[] for _ in range(WRITERS)]

    def write(writer: Writer) -> Callable[[], None]:
        return lambda: [acknowledged[writer.number].extend(writer.act()) for _ in range(ROUNDS)] and None

    writers = [Writer(number) for number in range(WRITERS)]
    # Which acts are refused depends on timing, so they go on until each kind of act has succeeded.
    for _ in range(10):
        in_threads([write(writer) for writer in writers])
        assert_all_is_well()
        if everything_happened():
            break
    assert everything_happened()
    lines = [line for some in acknowledged for line in some]
    assert lost(lines) == []
    kinds = {line.split()[0] for line in lines}
    assert {"comment", "decision", "post"} <= kinds
    # And nothing exists that was not acknowledged.
    assert Comment.objects.count() == sum(line.startswith("comment ") for line in lines)
    assert Decision.objects.count() == sum(line.startswith("decision ") for line in lines)


def test_branches_that_change_places_with_each_other_never_wait_in_a_circle(people, host_moves):
    """Each pair of posts in both directions at once, and replies to what is being moved."""
    tops = [make_comment(post) for post in people for _ in range(2)]
    deep = [make_comment(parent=top) for top in tops]
    in_threads(
        [host_moves(deep, seed) for seed in range(4)] + [host_moves(tops, seed) for seed in range(4, 8)]
    )
    assert_all_is_well()
    assert Comment.objects.count() == 12


@pytest.fixture
def host_moves(people) -> Callable[[list[Comment], int], Callable[[], None]]:
    moderator = User.objects.get(username="moderator")

    def mover(comments: list[Comment], seed: int) -> Callable[[], None]:
        chance = random.Random(seed)  # noqa: S311 - reproducible, not for security

        def move_about() -> None:
            for _ in range(figure(5, 12)):
                # These objects are those of the beginning, so they are stale.
                comment, post = chance.choice(comments), chance.choice(people)
                with suppress(ValidationError):  # it is there already
                    move_branch(comment, to_post=post, by=moderator)
                set_status(comment, chance.choice(["public", "removed"]))

        return move_about

    return mover


def test_everybody_answers_the_same_comment(no_limits):
    parent = make_comment()
    authors = [make_member() for _ in range(WRITERS)]

    def answer(author: User) -> Callable[[], None]:
        return lambda: (
            [
                publish_comment(post=parent.post, author=author, body=f"Answer {n}.", parent=parent)
                for n in range(ANSWERS)
            ]
            and None
        )

    in_threads([answer(author) for author in authors])
    assert_all_is_well()
    assert parent.get_children().count() == WRITERS * ANSWERS


def test_a_double_click_makes_one_comment(no_limits):
    post, author = make_post(), make_member()
    in_threads([lambda: publish_comment(post=post, author=author, body="Once.") and None] * WRITERS)
    assert_all_is_well()
    assert list(Comment.objects.values_list("body", flat=True)) == ["Once."]


def test_a_double_click_adds_the_text_once(no_limits):
    comment = make_comment(body="First.")
    in_threads([lambda: add_to_comment(comment, text="Then this.", by=comment.author) and None] * WRITERS)
    assert_all_is_well()
    assert list(Comment.objects.values_list("body", flat=True)) == ["First.\n\nThen this."]


def test_new_trees_under_many_posts_never_share_a_number(no_limits):
    posts, author = [make_post() for _ in range(WRITERS)], make_member()
    in_threads(
        [
            lambda each=each: (
                [publish_comment(post=each, author=author, body=f"Talk {n}.") for n in range(ANSWERS)]
                and None
            )
            for each in posts
        ]
    )
    assert_all_is_well()
    assert Comment.objects.values("tree_id").distinct().count() == WRITERS * ANSWERS


def test_people_write_while_an_export_comes_in(no_limits, tmp_path: Path):
    imports = figure(80, 200)
    file = wxr(
        tmp_path / "export.xml", post(10, *(comment(n, comment_parent=n // 3) for n in range(1, imports + 1)))
    )
    call_command("import_wordpress", str(wxr(tmp_path / "first.xml", post(10, comment(1)))), verbosity=0)
    imported, authors = Post.objects.get(), [make_member() for _ in range(4)]

    def answer(author: User) -> Callable[[], None]:
        parent = Comment.objects.get(source_key__endswith=":comment:1")
        return lambda: (
            [
                publish_comment(post=imported, author=author, body=f"Answer {n}.", parent=parent)
                for n in range(6)
            ]
            and None
        )

    in_threads(
        [
            lambda: call_command("import_wordpress", str(file), verbosity=0),
            *(answer(author) for author in authors),
        ]
    )
    assert_all_is_well()
    assert Comment.objects.count() == imports + 4 * 6


@pytest.mark.full
@pytest.mark.slow
def test_processes_that_are_killed_while_they_write_break_nothing(people):
    parent = make_comment(people[0])
    database = str(connection.settings_dict["NAME"])
    connections.close_all()
    victims, others = (
        [Forked(write, database, number, 10**6) for number in range(2)],
        [Forked(write, database, number, figure(10, 24)) for number in range(2, figure(3, 5))],
    )
    acknowledged: list[str] = []
    try:
        for victim in victims:
            # It goes on writing, so it is killed in the middle of something.
            for _ in range(figure(6, 15)):
                acknowledged.append(victim.lines.readline().strip())
    finally:
        for victim in victims:
            victim.kill()
    for victim in victims:
        status, out, _errors = victim.end()
        assert status == -9
        acknowledged += [line for line in out.split("\n")[:-1] if line]
    for process in others:
        status, out, errors = process.end()
        assert (status, errors) == (0, "")
        acknowledged += out.splitlines()
    assert lost(acknowledged) == []
    # A victim's last act may have been committed just before the kill, without being reported.
    unheard = Comment.objects.count() - 1 - sum(line.startswith("comment ") for line in acknowledged)
    assert unheard in {0, 1, 2}
    assert_all_is_well()
    publish_comment(post=parent.post, author=parent.author, body="And on it goes.")
    assert_all_is_well()


@pytest.mark.parametrize("act", ["reply", "move", "hide"])
def test_a_process_that_dies_in_the_middle_of_an_act_leaves_nothing_of_it(act, people):
    top = make_comment(people[0])
    for _ in range(3):
        make_comment(parent=top)
    connections.close_all()
    status, out, errors = Forked(write, str(connection.settings_dict["NAME"]), 3, 10**4, act).end()
    assert (status, errors) == (-9, "")
    assert lost(out.splitlines()) == []
    assert Comment.objects.count() == 4 + sum(line.startswith("comment ") for line in out.splitlines())
    assert Decision.objects.count() == sum(line.startswith("decision ") for line in out.splitlines())
    assert_all_is_well()
    publish_comment(post=top.post, author=top.author, body="And on it goes.")
