"""Check every tree of comments, and the counters of the posts: `manage.py check_threads [--repair]`."""

from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from comments.models import Comment, Thanks
from comments.services.writing import recount
from comments.tree.repair import FAULT_KINDS, find_faults, repair_post
from core.utils.locks import lock_row
from posts.models import Post

COMMENTS_NAMED = 5


class Command(BaseCommand):
    help = "Checks every comment tree against the nested-set rules, and the stored counts of trees, posts and comments. Exits with 1 if anything is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repair",
            action="store_true",
            help="rebuild broken trees and counts from the parent of each comment",
        )
        parser.add_argument("--post", metavar="SLUG", help="check the comments of one post only")

    def handle(self, *args: Any, **options: Any) -> None:
        posts = Post.objects.all()
        if options["post"]:
            posts = posts.filter(slug=options["post"])
            if not posts.exists():
                raise CommandError(f"--post: there is no post {options['post']}.")
        broken, faults = self.look(posts, only_one=bool(options["post"]))
        if broken and options["repair"]:
            for post_id in sorted(broken):
                self.repair(post_id)
            self.stdout.write(f"Repaired {_counted(len(broken), 'post')}. Checking again.")
            _broken, faults = self.look(posts, only_one=bool(options["post"]))
        if faults:
            # The result is on stdout already.
            raise SystemExit(1)

    def look(self, posts: QuerySet[Post], *, only_one: bool) -> tuple[set[int], int]:
        """Print what is broken. Returns the posts to repair, and the number of faults."""
        self.broken: set[int] = set()
        self.faults = 0
        comments = Comment.objects.all()
        if only_one:
            # Whole trees, so that one that reaches into another post is read completely.
            comments = comments.filter(tree_id__in=Comment.objects.filter(post__in=posts).values("tree_id"))
        read = self.check_trees(comments)
        self.check_counts(posts)
        self.check_thanks(posts)
        self.stdout.write(f"{read}; {_counted(self.faults, 'fault')}.")
        return self.broken, self.faults

    def fault(self, posts: Iterable[int], sentence: str, *, comments: int = 1) -> None:
        self.stdout.write(sentence)
        self.broken.update(posts)
        self.faults += comments

    def check_trees(self, comments: Any) -> str:
        """Check the trees and return a description of what was read."""
        counted = {"comments": 0, "trees": 0}

        def rows() -> Any:
            last_tree = None
            for row in comments.tree_rows().iterator(chunk_size=5000):
                counted["comments"] += 1
                if row[2] != last_tree:
                    last_tree = row[2]
                    counted["trees"] += 1
                yield row

        by_tree: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for fault in find_faults(rows()):
            by_tree[fault.tree_id][fault.kind].append(fault.comment_id)
        for tree_id, kinds in by_tree.items():
            in_tree = dict(
                Comment.objects.filter(tree_id=tree_id).values_list("post_id", "post__slug").distinct()
            )
            slugs = ", ".join(sorted(in_tree.values()))
            for kind, pks in kinds.items():
                named = ", ".join(map(str, pks[:COMMENTS_NAMED]))
                more = f" and {len(pks) - COMMENTS_NAMED} more" if len(pks) > COMMENTS_NAMED else ""
                self.fault(
                    in_tree,
                    f"post {slugs}, tree {tree_id}, comment {named}{more}: {FAULT_KINDS[kind]}.",
                    comments=len(pks),
                )
        broken = f", {len(by_tree)} of them broken" if by_tree else ""
        return f"{_counted(counted['comments'], 'comment')} in {_counted(counted['trees'], 'tree')}{broken}"

    def check_counts(self, posts: QuerySet[Post]) -> None:
        is_public = Q(comments__status=Comment.Status.PUBLIC)
        counted = posts.annotate(
            public=Count("comments", filter=is_public), newest=Max("comments__created_at", filter=is_public)
        )
        for post in counted.only("slug", "comment_count", "last_comment_at").order_by("pk").iterator():
            for kind, stored, found in (
                ("count", post.comment_count, post.public),
                ("newest", post.last_comment_at, post.newest),
            ):
                if stored != found:
                    self.fault(
                        [post.pk],
                        f"post {post.slug}: {FAULT_KINDS[kind]} (stored: {stored}, actual: {found}).",
                    )

    def check_thanks(self, posts: QuerySet[Post]) -> None:
        thanks = (
            Thanks.objects.filter(comment=OuterRef("pk"))
            .order_by()
            .values("comment")
            .annotate(count=Count("pk"))
            .values("count")
        )
        thanked = (
            Comment.objects.filter(post__in=posts)
            .annotate(counted=Coalesce(Subquery(thanks), 0))
            .exclude(counted=F("thanks_count"))
        )
        for pk, post_id, slug in thanked.order_by("post_id", "pk").values_list("pk", "post_id", "post__slug"):
            self.fault([post_id], f"post {slug}, comment {pk}: {FAULT_KINDS['thanks']}.")

    def repair(self, post_id: int) -> None:
        """Repair one post in a transaction of its own, so that the others stay writable."""
        with transaction.atomic():
            lock_row(Post.objects, post_id)
            repair_post(Comment.objects, post_id)
            recount(post_id)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
