"""After any sequence of actions by members, moderators and imports, the threads match a simple model.

The model is a dict of comments and a list of posts. Its order is the simplest possible: replies to the same
comment, and threads under the same post, are ordered by key.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from comments.models import Comment
from comments.services.moving import move_branch, split_branch
from comments.services.reactions import thank, withdraw_thanks
from comments.services.writing import delete_comment, edit_comment, publish_comment, set_status
from comments.tree import manager
from comments.tree.numbering import ROOM_FACTOR, ROOT_RIGHT
from comments.tree.repair import find_faults
from posts.models import Post
from tests.comments.tree_check import is_sound
from tests.factories import make_host, make_member, make_post
from tests.figures import figure
from tests.transfer.wxr import comment as wxr_comment
from tests.transfer.wxr import post as wxr_post
from tests.transfer.wxr import wxr
from transfer import threads

pytestmark = pytest.mark.sql

PUBLIC, HELD, REMOVED, SPAM, DELETED = "public", "held", "removed", "spam", "deleted"
some = st.integers(0, 59)  # modulo the number of choices


@dataclass
class Said:
    """A comment in the model."""

    post: int
    parent: int | None
    body: str
    status: str
    author: int | None
    created_at: datetime
    thanked_by: set[int] = field(default_factory=set)


def refused(act: Callable[[], object]) -> str:
    """Run it; return the code of the refusal, or ""."""
    try:
        act()
    except ValidationError as error:
        return str(error.code)
    return ""


class Threads(RuleBasedStateMachine):
    @initialize(answers=st.lists(some, min_size=4, max_size=10))
    def lay_the_table(self, answers: list[int]) -> None:
        self.undo_all = transaction.atomic()
        self.undo_all.__enter__()
        self.host, self.members = make_host(), [make_member() for _ in range(2)]
        self.posts: list[int] = [make_post(self.host).pk for _ in range(2)]
        self.said: dict[int, Said] = {}
        self.versions: dict[int, int] = {}
        self.touched: set[int] = set()
        self.words = 0
        # The blog that is imported: the id of each comment there to the id of its parent, and our keys for
        # them.
        self.exported: dict[int, int] = {}
        self.imported: dict[int, int] = {}
        for number, answered in enumerate(answers):
            if answered % (number + 1) == number:
                self.write_under_the_post(who=number, where=number, words="")
            else:
                self.reply(who=number, what=answered)

    def teardown(self) -> None:
        if hasattr(self, "undo_all"):
            transaction.set_rollback(True)
            self.undo_all.__exit__(None, None, None)

    # --- the model --------------------------------------------------------------

    def choose(self, number: int) -> int:
        return sorted(self.said)[number % len(self.said)]

    def below(self, key: int) -> set[int]:
        """Return a comment and all its descendants."""
        branch = {key}
        for other in sorted(self.said, key=self.depth):
            if self.said[other].parent in branch:
                branch.add(other)
        return branch

    def depth(self, key: int | None) -> int:
        return 0 if key is None else 1 + self.depth(self.said[key].parent)

    def reading_order(self, post: int) -> list[int]:
        def visit(parent: int | None) -> list[int]:
            answers = sorted(
                key for key, said in self.said.items() if said.post == post and said.parent == parent
            )
            return [key for answer in answers for key in (answer, *visit(answer))]

        return visit(None)

    def fresh_words(self, words: str = "") -> str:
        self.words += 1
        return f"{words} {self.words}.".strip()

    def take_in(self, comment: Comment) -> None:
        """Add a new comment to the model, according to the service's result."""
        self.said[comment.pk] = Said(
            comment.post_id, comment.parent_id, comment.body, PUBLIC, comment.author_id, comment.created_at
        )
        self.touched.add(comment.post_id)

    # --- actions ------------------------------------------------------------------

    @rule(
        who=some, where=some, words=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)
    )
    def write_under_the_post(self, who: int, where: int, words: str) -> None:
        post = Post.objects.get(pk=self.posts[where % len(self.posts)])
        self.take_in(publish_comment(post=post, author=self.members[who % 2], body=self.fresh_words(words)))

    @precondition(lambda self: self.said)
    @rule(who=some, what=some)
    def reply(self, who: int, what: int) -> None:
        parent = Comment.objects.get(pk=self.choose(what))
        written: list[Comment] = []
        refusal = refused(
            lambda: written.append(
                publish_comment(
                    post=parent.post, author=self.members[who % 2], body=self.fresh_words(), parent=parent
                )
            )
        )
        assert refusal == ("" if self.said[parent.pk].status == PUBLIC else "parent_gone")
        for comment in written:
            assert comment.parent_id == parent.pk
            self.take_in(comment)

    @precondition(lambda self: self.said)
    @rule(what=some)
    def edit(self, what: int) -> None:
        key = self.choose(what)
        said, author = self.said[key], self.members[self.said[key].author == self.members[1].pk]
        words = self.fresh_words("Better")
        refusal = refused(lambda: edit_comment(Comment.objects.get(pk=key), body=words, by=author))
        assert refusal == ("gone" if said.author is None or said.status in {REMOVED, SPAM, DELETED} else "")
        if not refusal:
            said.body = words
            self.touched.add(said.post)

    @precondition(lambda self: self.said)
    @rule(what=some)
    def withdraw(self, what: int) -> None:
        key = self.choose(what)
        said, author = self.said[key], self.members[self.said[key].author == self.members[1].pk]
        expected = said.author is not None and said.status in {PUBLIC, HELD}
        assert delete_comment(Comment.objects.get(pk=key), by=author) == expected
        if expected:
            said.status = DELETED
            self.touched.add(said.post)

    @precondition(lambda self: self.said)
    @rule(who=some, what=some, is_back=st.booleans())
    def thank_or_take_it_back(self, who: int, what: int, is_back: bool) -> None:
        key, member = self.choose(what), self.members[who % 2]
        said, comment = self.said[key], Comment.objects.get(pk=key)
        has_thanked = member.pk in said.thanked_by
        if is_back:
            assert withdraw_thanks(comment, by=member) == has_thanked
            said.thanked_by.discard(member.pk)
        elif said.author == member.pk or said.status != PUBLIC:
            with pytest.raises(PermissionDenied):
                thank(comment, by=member)
            return
        else:
            assert thank(comment, by=member) != has_thanked
            said.thanked_by.add(member.pk)
        if has_thanked == is_back:
            self.touched.add(said.post)

    @precondition(lambda self: self.said)
    @rule(what=some, status=st.sampled_from([PUBLIC, HELD, REMOVED, SPAM]))
    def show_or_hide(self, what: int, status: str) -> None:
        key = self.choose(what)
        said = self.said[key]
        if said.status == DELETED:
            return
        assert set_status(Comment.objects.get(pk=key), Comment.Status(status)) == (said.status != status)
        if said.status != status:
            said.status = status
            self.touched.add(said.post)

    @precondition(lambda self: self.said)
    @rule(what=some, under=some, back=st.booleans())
    def move_under_a_comment(self, what: int, under: int, back: bool) -> None:
        parent = self.choose(under)
        self.move(self.choose(what), self.said[parent].post, parent, back=back)

    @precondition(lambda self: self.said)
    @rule(what=some, of=some, back=st.booleans())
    def move_within_the_talk(self, what: int, of: int, back: bool) -> None:
        key = self.choose(what)
        top = key
        while self.said[top].parent is not None:
            top = self.said[top].parent
        talk = sorted(self.below(top))
        self.move(key, self.said[key].post, talk[of % len(talk)], back=back)

    @precondition(lambda self: self.said)
    @rule(what=some, where=some)
    def move_under_a_post(self, what: int, where: int) -> None:
        self.move(self.choose(what), self.posts[where % len(self.posts)], None, back=False)

    def move(self, key: int, post: int, parent: int | None, *, back: bool) -> None:
        said = self.said[key]
        if (post, parent) == (said.post, said.parent):
            expected = "same_place"
        elif parent is not None and not (back or self.said[parent].status == PUBLIC):
            expected = "parent_gone"
        elif parent in self.below(key):
            expected = "inside_itself"
        else:
            expected = ""
        note(f"{key} from {said.parent} under {said.post} to {parent} under {post}: {expected or 'moves'}")
        to_parent = None if parent is None else Comment.objects.get(pk=parent)
        to_post = Post.objects.get(pk=post)
        refusal = refused(
            lambda: move_branch(
                Comment.objects.get(pk=key), to_post=to_post, to_parent=to_parent, by=self.host, back=back
            )
        )
        assert refusal == expected
        if not refusal:
            self.touched |= {said.post, post}
            said.parent = parent
            for each in self.below(key):
                self.said[each].post = post

    @precondition(lambda self: self.said and len(self.posts) < 8)
    @rule(what=some)
    def split(self, what: int) -> None:
        key = self.choose(what)
        post = split_branch(Comment.objects.get(pk=key), title="A talk of its own", by=self.host)
        self.touched |= {self.said[key].post, post.pk}
        self.posts.append(post.pk)
        self.said[key].parent = None
        for each in self.below(key):
            self.said[each].post = post.pk

    @precondition(lambda self: len(self.exported) < 20)
    @rule(answers=st.lists(some, min_size=1, max_size=4))
    def import_what_the_old_blog_holds(self, answers: list[int]) -> None:
        """New comments reply to new or already imported ones, wherever these are by now."""
        for answered in answers:
            number = len(self.exported) + 1
            self.exported[number] = answered % number
        parts = [
            wxr_comment(number, f"Word {number}.", comment_parent=parent)
            for number, parent in self.exported.items()
        ]
        with tempfile.TemporaryDirectory() as folder:
            call_command(
                "import_wordpress", str(wxr(Path(folder) / "export.xml", wxr_post(10, *parts))), verbosity=0
            )
        post = Post.objects.get(source_key__endswith=":post:10").pk
        if post not in self.posts:
            self.posts.append(post)
        known = set(self.imported)
        for comment in Comment.objects.exclude(source_key=None).exclude(pk__in=self.imported.values()):
            self.imported[int(comment.source_key.rpartition(":")[2])] = comment.pk
        for number in sorted(set(self.imported) - known):
            key, answered = self.imported[number], self.exported[number]
            comment = Comment.objects.get(pk=key)
            # Its parent may be under another post by now. Then it begins a branch under its own.
            elsewhere = answered in known and self.said[self.imported[answered]].post != post
            parent = None if not answered or elsewhere else self.imported[answered]
            self.said[key] = Said(post, parent, f"Word {number}.", PUBLIC, None, comment.created_at)
        assert len(self.imported) == len(self.exported)
        self.touched.add(post)

    # --- invariants -----------------------------------------------------------------

    @invariant()
    def the_threads_are_what_the_model_says(self) -> None:
        if not hasattr(self, "said"):
            return
        rows = list(Comment.objects.tree_rows())
        assert list(find_faults(rows)) == []
        assert is_sound(rows)
        found = {post: [] for post in self.posts}
        columns = (
            "post_id",
            "pk",
            "parent_id",
            "level",
            "status",
            "body",
            "author_id",
            "created_at",
            "thanks_count",
        )
        for post, *row in Comment.objects.in_reading_order().values_list(*columns):
            found[post].append(tuple(row))
        sizes = dict(Comment.objects.filter(parent=None).values_list("pk", "branch_size"))
        assert sizes == {key: len(self.below(key)) for key, said in self.said.items() if said.parent is None}
        posts = {post.pk: post for post in Post.objects.filter(pk__in=self.posts)}
        for pk, post in posts.items():
            expected = [(key, self.said[key], self.depth(key) - 1) for key in self.reading_order(pk)]
            assert found[pk] == [
                (
                    key,
                    said.parent,
                    level,
                    said.status,
                    said.body,
                    said.author,
                    said.created_at,
                    len(said.thanked_by),
                )
                for key, said, level in expected
            ]
            public = [said.created_at for _key, said, _level in expected if said.status == PUBLIC]
            assert (post.comment_count, post.last_comment_at) == (len(public), max(public, default=None))
            if pk in self.touched:
                assert post.thread_version > self.versions.get(pk, -1)
            else:
                assert post.thread_version == self.versions.get(pk, post.thread_version)
            self.versions[pk] = post.thread_version
        self.touched = set()


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(("right", "roomy"), [(ROOT_RIGHT, ROOM_FACTOR), (2**12, 4)], ids=["room", "crowded"])
def test_the_threads_are_what_a_plain_model_of_them_says(right, roomy, settings, monkeypatch):
    """Also if the range of numbers is so small that they are respaced again and again."""
    settings.COMMENT_CHECKS = []
    settings.COMMENT_RATES = {"member": [], "host": []}
    settings.COMMENT_CHANGE_RATES = []
    settings.THANKS_RATES = []
    for module in (manager, threads):
        monkeypatch.setattr(module, "ROOT_RIGHT", right)
    monkeypatch.setattr(manager, "ROOM_FACTOR", roomy)
    quick = hypothesis_settings(
        max_examples=figure(3, 10),
        stateful_step_count=figure(15, 25),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Threads, settings=quick)
