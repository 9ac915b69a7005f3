"""A writer who acts at random, and moderates in between: in a thread, or as a process (`write`)."""

import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models.signals import post_save
from django.test import override_settings

from accounts.models import User
from comments.models import Comment, CommentRevision, Thanks
from comments.services.reactions import thank
from comments.services.writing import delete_comment, edit_comment, publish_comment
from comments.signals import comment_published
from moderation.models import Decision
from moderation.services.decisions import decide, move, split, undo
from posts.models import Post


class Writer:
    """A writer who acts at random.

    Each act returns "table key" words for rows that must exist from then on, or [] if it was refused. number:
    the seed, so that the same writer repeats the same acts; also the index of the member who acts.
    """

    def __init__(self, number: int) -> None:
        self.chance = random.Random(number)  # noqa: S311 - reproducible, not for security
        self.number, self.written, self.said = number, 0, []
        self.author = User.objects.get(username=f"writer{number}")
        self.moderator = User.objects.get(username="moderator")
        self.posts = list(Post.objects.order_by("pk"))
        # Most acts in a thread are replies.
        self.acts: list[Callable[[], list[str]]] = [self.reply] * 8 + [
            self.thank,
            self.edit,
            self.withdraw,
            self.decide,
            self.decide,
            self.take_back,
        ]
        self.acts += [self.move] * 3 + [self.split]

    def act(self) -> list[str]:
        try:
            return self.chance.choice(self.acts)()
        except (ValidationError, PermissionDenied):
            return []  # someone was faster: it is deleted, or was moved

    def any_comment(self, **which: object) -> Any:
        """Return one of the newest or of the oldest."""
        order = self.chance.choice(["pk", "-pk"])
        return self.chance.choice(
            [None, *Comment.objects.filter(**which).select_related("post").order_by(order)[:30]]
        )

    def reply(self) -> list[str]:
        parent = self.any_comment(status="public")
        self.written += 1
        body = f"{self.author.username} says {self.written}."
        comment = publish_comment(
            post=parent.post if parent else self.chance.choice(self.posts),
            author=self.author,
            body=body,
            parent=parent,
        )
        self.said.append(comment.pk)
        return [f"comment {comment.pk}"]

    def edit(self) -> list[str]:
        if not self.said:
            return []
        self.written += 1
        comment = Comment.objects.get(pk=self.chance.choice(self.said))
        edit_comment(comment, body=f"{self.author.username} says better {self.written}.", by=self.author)
        return [f"revision {comment.revisions.latest('pk').pk}"]

    def withdraw(self) -> list[str]:
        if not self.said:
            return []
        comment = Comment.objects.get(pk=self.said.pop(self.chance.randrange(len(self.said))))
        return [f"withdrawn {comment.pk}"] if delete_comment(comment, by=self.author) else []

    def thank(self) -> list[str]:
        comment = self.any_comment(status="public")
        if comment is None or comment.author_id == self.author.pk or not thank(comment, by=self.author):
            return []
        return [f"thanks {comment.thanks.get(member=self.author).pk}"]

    def decide(self) -> list[str]:
        """Hide or show again."""
        gone = {"status__in": ["removed", "spam"]}
        comment = self.any_comment(**self.chance.choice([gone, {}]))
        action = "approve" if comment and not comment.is_public else self.chance.choice(["remove", "spam"])
        decision = comment and decide(comment, action, by=self.moderator)
        return [f"decision {decision.pk}"] if decision else []

    def take_back(self) -> list[str]:
        decision = self.chance.choice([None, *Decision.objects.exclude(action="undo").newest_first()[:20]])
        undone = decision and undo(decision, by=self.moderator)
        return [f"decision {undone.pk}"] if undone else []

    def move(self) -> list[str]:
        comment, parent = self.any_comment(), self.any_comment(status="public")
        if comment is None:
            return []
        to_post = parent.post if parent else self.chance.choice(self.posts)
        decision = move(comment, to_post=to_post, to_parent=parent, by=self.moderator)
        return [f"decision {decision.pk}"] if decision else []

    def split(self) -> list[str]:
        comment = self.any_comment()
        decision = comment and split(
            comment, title=f"A talk of its own, by {self.author.username}", by=self.moderator
        )
        return [f"decision {decision.pk}", f"post {decision.to_post_id}"] if decision else []


def lost(lines: list[str]) -> list[str]:
    """Return the acknowledged things that are not in the database."""
    # A withdrawn text is never restored.
    tables = {
        "comment": Comment.objects,
        "revision": CommentRevision.objects,
        "decision": Decision.objects,
        "post": Post.objects,
    }
    tables["thanks"] = Thanks.objects
    tables["withdrawn"] = Comment.objects.filter(status=Comment.Status.DELETED)
    there = {name: set(rows.values_list("pk", flat=True)) for name, rows in tables.items()}
    return [line for line in lines if int(line.split()[1]) not in there[line.split()[0]]]


def die_in(act: str) -> None:
    """Kill this process during a write: after the rows of the next such act are written, before the commit."""

    def die(**_told: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def die_hiding(instance: Comment, **_told: object) -> None:
        if instance.is_gone:
            die()

    def die_moving(instance: Decision, **_told: object) -> None:
        if instance.from_post_id is not None:
            die()

    if act == "reply":
        comment_published.connect(die, weak=False)
    elif act == "move":
        post_save.connect(die_moving, sender=Decision, weak=False)
    else:
        post_save.connect(die_hiding, sender=Comment, weak=False)


# As on a site, tasks are rows for a worker. Run at once, a task would take its locks inside those of its
# caller.
TASKS_AS_ROWS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}}


def as_on_a_site() -> None:
    """For the rest of this process, store tasks as rows, and never ask anyone to wait."""
    # Enabled, not assigned: django_tasks keeps the backend of its first task until it is told of a change.
    no_rates = {"COMMENT_RATES": {"member": [], "host": []}, "COMMENT_CHANGE_RATES": [], "THANKS_RATES": []}
    override_settings(TASKS=TASKS_AS_ROWS, **no_rates).enable()


def write(database: str, number: int, acts: int, dies_in: str = "") -> None:
    """Print a line for each act after it was acknowledged, which is when the service returned.

    dies_in: "reply", "move" or "hide"; the process kills itself in the middle of the first such act.
    """
    connection.settings_dict["NAME"] = database
    as_on_a_site()
    if dies_in:
        die_in(dies_in)
    writer = Writer(number)
    for _ in range(acts):
        for line in writer.act():
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
