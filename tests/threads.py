"""Long threads for benchmarks, written straight into the tables: realistic shapes, the same each time."""

import random
from collections import defaultdict
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from comments.services.writing import recount
from comments.tree.numbering import ROOT_LEFT, ROOT_RIGHT, Numbers, number_branch
from core.markup.comments import render_markdown
from posts.models import Post

WORDS = [
    "the",
    "bread",
    "was",
    "warm",
    "and",
    "nobody",
    "asked",
    "who",
    "had",
    "brought",
    "it",
    "because",
    "everybody",
    "had",
    "come",
    "to",
    "sit",
    "and",
    "to",
    "hear",
    "how",
    "it",
    "went",
    "on",
]


def words_of(chance: random.Random) -> str:
    """Return a comment of the usual length: some 80 words, occasionally a long one."""
    count = min(900, max(4, int(chance.lognormvariate(4.1, 0.8))))
    words = [chance.choice(WORDS) for _ in range(count)]
    return "\n\n".join(" ".join(words[start : start + 60]) + "." for start in range(0, count, 60))


def make_thread(
    post: Post, people: list[User], size: int, *, seed: int = 1, in_one_branch: bool = False
) -> None:
    """Put `size` comments under a post: one in four starts a branch, the others reply, mostly to recent ones."""
    chance = random.Random(seed)  # noqa: S311 - the same threads each time
    began = timezone.now() - timedelta(days=200)
    texts = [(body, render_markdown(body)) for body in (words_of(chance) for _ in range(min(size, 500)))]
    parents: list[int | None] = []
    for number in range(size):
        is_top = number == 0 or (not in_one_branch and chance.random() < 0.25)
        parents.append(None if is_top else max(0, number - 1 - int(chance.expovariate(1 / 30))))
    children: dict[int, list[int]] = defaultdict(list)
    for number, parent in enumerate(parents):
        if parent is not None:
            children[parent].append(number)
    roots = [number for number, parent in enumerate(parents) if parent is None]
    trees = dict(zip(roots, Comment.objects.new_tree_ids(len(roots)), strict=True))
    numbers: dict[int, tuple[int, Numbers]] = {}
    for root in roots:
        whole = Numbers(ROOT_LEFT, ROOT_RIGHT, 0)
        numbers[root] = (trees[root], whole)
        numbers.update(
            (number, (trees[root], place)) for number, place in number_branch(children, root, whole)
        )
    first = (Comment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    rows = []
    for number, parent in enumerate(parents):
        body, rendered = texts[number % len(texts)]
        tree_id, place = numbers[number]
        written = began + timedelta(minutes=number)
        rows.append(
            Comment(
                pk=first + number, post=post, parent_id=None if parent is None else first + parent, author=people[number % len(people)], body=body, html=rendered.html,
                created_at=written, published_at=written, tree_id=tree_id, lft=place.left, rght=place.right, level=place.level,
            )
        )  # fmt: skip
        if len(rows) == 2000:
            Comment.objects.bulk_create(rows)
            rows = []
    Comment.objects.bulk_create(rows)
    recount(post.pk)
