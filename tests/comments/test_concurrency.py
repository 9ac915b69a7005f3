"""Writers side by side, as threads and as processes. What was acknowledged must be there, and every tree be sound."""

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, connections

from accounts.models import User
from comments.models import Comment, CommentRevision
from comments.services import edit_comment, publish_comment, withdraw_comment
from comments.tree import find_faults
from moderation.models import Decision
from moderation.services import decide
from posts.models import Post
from tests.comments.wxr import comment, post, wxr
from tests.factories import make_comment, make_host, make_member, make_post

# The rows that migrations made are put back afterwards, for the tests that follow.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

WRITERS = 8
ROUNDS = 16


def in_threads(tasks: list[Callable[[], None]]) -> None:
    """Run all at the same time; the first error is raised here."""
    errors: list[BaseException] = []
    together = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        try:
            together.wait(timeout=20)
            task()
        except BaseException as error:  # noqa: BLE001 - it is raised below, in the thread of the test
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    if errors:
        raise errors[0]


def assert_all_is_well() -> None:
    assert list(find_faults(Comment.objects.tree_rows())) == []
    for each in Post.objects.all():
        public = Comment.objects.for_post(each).public()
        newest = public.newest_first().first()
        assert (each.comment_count, each.last_comment_at) == (public.count(), newest and newest.created_at)


@pytest.fixture
def no_limits(settings) -> None:
    settings.COMMENT_RATES = {"member": [], "host": []}


class Writer:
    """Somebody who answers at random, changes their mind, and moderates in between."""

    def __init__(self, number: int, posts: list[Post], moderator: User) -> None:
        self.chance = random.Random(number)  # noqa: S311 - a repeatable mix, no secret
        self.author = make_member(f"writer{number}")
        self.posts, self.moderator = posts, moderator
        self.written: dict[int, str] = {}
        self.decisions = self.refused = 0

    def __call__(self) -> None:
        for number in range(ROUNDS):
            self.reply(number)
            self.chance.choice([self.edit, self.withdraw, self.decide, lambda _number: None])(number)

    def reply(self, number: int) -> None:
        post = self.chance.choice(self.posts)
        parent = self.chance.choice([None, *Comment.objects.for_post(post).public()])
        body = f"{self.author.username} says {number}."
        try:
            self.written[publish_comment(post=post, author=self.author, body=body, parent=parent).pk] = body
        except ValidationError:  # what it answers was taken back a moment ago
            self.refused += 1

    def edit(self, number: int) -> None:
        pk = self.chance.choice([*self.written, None])
        if pk is None:
            return
        body = f"{self.written[pk]} Better {number}."
        try:
            edit_comment(Comment.objects.get(pk=pk), body=body, by=self.author)
            self.written[pk] = body
        except ValidationError:  # a moderator was faster
            self.refused += 1

    def withdraw(self, _number: int) -> None:
        if self.written:
            withdraw_comment(Comment.objects.get(pk=self.chance.choice(list(self.written))), by=self.author)

    def decide(self, _number: int) -> None:
        comment = self.chance.choice([None, *Comment.objects.all()])
        if comment is not None:
            self.decisions += decide(comment, self.chance.choice(["approve", "remove", "spam"]), by=self.moderator) is not None


def test_writers_side_by_side_lose_nothing_and_break_no_tree(no_limits):
    moderator = make_host()
    posts = [make_post() for _ in range(3)]
    writers = [Writer(number, posts, moderator) for number in range(WRITERS)]
    in_threads(list(writers))
    assert_all_is_well()
    written = {pk: body for writer in writers for pk, body in writer.written.items()}
    assert dict(Comment.objects.values_list("pk", "body")) == written
    assert len(written) + sum(writer.refused for writer in writers) >= WRITERS * ROUNDS
    assert Decision.objects.count() == sum(writer.decisions for writer in writers) > 0
    assert CommentRevision.objects.exists()


def test_everybody_answers_the_same_comment(no_limits):
    parent = make_comment()
    authors = [make_member() for _ in range(WRITERS)]

    def answer(author: User) -> Callable[[], None]:
        return lambda: [publish_comment(post=parent.post, author=author, body=f"Answer {n}.", parent=parent) for n in range(8)] and None

    in_threads([answer(author) for author in authors])
    assert_all_is_well()
    assert parent.get_children().count() == WRITERS * 8


def test_a_double_click_makes_one_comment(no_limits):
    post, author = make_post(), make_member()
    in_threads([lambda: publish_comment(post=post, author=author, body="Once.") and None] * WRITERS)
    assert_all_is_well()
    assert list(Comment.objects.values_list("body", flat=True)) == ["Once."]


def test_new_trees_under_many_posts_never_share_a_number(no_limits):
    posts, author = [make_post() for _ in range(WRITERS)], make_member()
    in_threads([lambda each=each: [publish_comment(post=each, author=author, body=f"Talk {n}.") for n in range(8)] and None for each in posts])
    assert_all_is_well()
    assert Comment.objects.values("tree_id").distinct().count() == WRITERS * 8


def test_people_write_while_an_export_comes_in(no_limits, tmp_path: Path):
    file = wxr(tmp_path / "export.xml", post(10, *(comment(n, comment_parent=n // 3) for n in range(1, 201))))
    call_command("import_wordpress", str(wxr(tmp_path / "first.xml", post(10, comment(1)))), verbosity=0)
    imported, authors = Post.objects.get(), [make_member() for _ in range(4)]

    def answer(author: User) -> Callable[[], None]:
        parent = Comment.objects.get(source_key__endswith=":comment:1")
        return lambda: [publish_comment(post=imported, author=author, body=f"Answer {n}.", parent=parent) for n in range(6)] and None

    in_threads([lambda: call_command("import_wordpress", str(file), verbosity=0), *(answer(author) for author in authors)])
    assert_all_is_well()
    assert Comment.objects.count() == 200 + 4 * 6


def test_a_process_that_is_killed_while_it_writes_breaks_nothing(no_limits):
    posts = [make_post() for _ in range(3)]
    authors = [make_member() for _ in range(4)]
    database = str(connection.settings_dict["NAME"])
    connections.close_all()

    def start(author: User, count: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.comments.writer", database, str(author.pk), str(count)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=django_settings.BASE_DIR)

    acknowledged: list[int] = []
    with start(authors[0], 10**6) as victim:
        others = [start(author, 20) for author in authors[1:]]
        try:
            for _ in range(15):  # it is well under way, and goes on with the next one at once
                acknowledged.append(int(victim.stdout.readline()))
        finally:
            victim.kill()
        acknowledged += [int(line) for line in victim.stdout.read().split("\n")[:-1]]
        for process in others:
            with process:
                out, errors = process.communicate(timeout=60)
                assert (process.returncode, errors) == (0, "")
                assert len(out.split()) == 20
                acknowledged += map(int, out.split())
    assert victim.returncode == -9
    assert set(acknowledged) <= set(Comment.objects.values_list("pk", flat=True))
    # The last one may have been committed just before the kill, unheard.
    assert Comment.objects.count() - len(acknowledged) in {0, 1}
    assert_all_is_well()
    publish_comment(post=posts[0], author=authors[0], body="And on it goes.")
    assert_all_is_well()
