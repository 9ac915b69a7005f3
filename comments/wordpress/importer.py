"""Takes what reader.py finds in a WordPress export over into our tables.

The file is read twice. The first time (`survey`) nothing is written: every comment is checked and converted, and only
the shape of the threads is kept. The second time (`Importer`) the numbers of the trees are worked out from that shape,
and the comments go in as they come by, in any order. All of it is one transaction.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import connection, models, reset_queries, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.validators import validate_not_reserved, validate_username_signs
from comments.models import Comment
from comments.services import recount
from comments.tree import ROOT_LEFT, ROOT_RIGHT, Numbers, number_branch
from comments.wordpress.reader import Author, Blog, WpComment, WpItem, WxrError, read_wxr
from comments.wordpress.words import to_markdown, to_post_html, web_address
from core.locks import lock_row
from core.markup import excerpt, plain_text
from core.text import one_line, skeleton, validate_name
from posts.models import Post, Tag

BATCH = 500
PUBLIC, HELD = Comment.Status.PUBLIC.value, Comment.Status.HELD.value
STATUS_OF = {"1": PUBLIC, "approve": PUBLIC, "approved": PUBLIC, "0": HELD, "hold": HELD, "unapproved": HELD}
KEPT_STATUSES = {"publish", "future", "draft", "pending", "private"}

Place = tuple[int, int]  # (the item's count in the file, a comment's number or 0)
Progress = Callable[[str, int, int], None]


def quiet(_step: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


# --- the first reading ---------------------------------------------------------


@dataclass(slots=True)
class Mark:
    """What is kept of a comment between the two readings. `status` is empty when it is left out."""

    parent: int
    written_at: datetime | None
    status: str


@dataclass(slots=True)
class Thread:
    """A post that will be taken over, and the shape of what stands under it."""

    number: int
    line: int
    author: str
    marks: dict[int, Mark]

    def kept(self) -> Iterator[int]:
        return (number for number, mark in self.marks.items() if mark.status)


@dataclass
class Survey:
    blog: Blog = field(default_factory=Blog)
    authors: list[Author] = field(default_factory=list)
    threads: dict[int, Thread] = field(default_factory=dict)  # by the item's count in the file
    losses: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def comment_count(self) -> int:
        return sum(1 for thread in self.threads.values() for _number in thread.kept())

    def lose(self, what: Iterable[str], item: int, comment: int = 0) -> None:
        for loss in what:
            self.losses[loss].append((item, comment))

    def source_key(self, kind: str, number: int) -> str:
        """The same in every export of the same blog."""
        blog = self.blog.key
        if len(blog) > 150:
            blog = hashlib.sha256(blog.encode()).hexdigest()
        return f"wordpress:{blog}:{kind}:{number}"


def survey_file(file: BinaryIO, progress: Progress = quiet) -> Survey:
    """Read the whole file without writing anything. Raises WxrError."""
    found = Survey()
    post_lines: dict[int, int] = {}
    comment_lines: dict[int, int] = {}
    marks: dict[int, Mark] = {}
    count = 0
    for thing in read_wxr(file):
        if isinstance(thing, Blog):
            found.blog = thing
        elif isinstance(thing, Author):
            found.authors.append(thing)
        elif isinstance(thing, WpComment):
            if thing.number in comment_lines:
                raise WxrError(f"line {thing.line}: comment {thing.number} stands there twice, first in line {comment_lines[thing.number]}.")
            comment_lines[thing.number] = thing.line
            marks[thing.number] = _marked(thing, found)
            count += 1
            if count % BATCH == 0:
                progress("Reading", count, 0)
        else:
            if thing.kind == "post" and thing.status in KEPT_STATUSES:
                if thing.number in post_lines:
                    raise WxrError(f"line {thing.line}: post {thing.number} stands there twice, first in line {post_lines[thing.number]}.")
                post_lines[thing.number] = thing.line
                found.threads[thing.item] = Thread(thing.number, thing.line, thing.author, marks)
                _survey_post(thing, marks, found)
            else:
                found.left_out[_kind_in_words(thing)] += 1
                found.left_out["comments under them"] += len(marks)
            marks = {}
    found.left_out = +found.left_out
    return found


def _kind_in_words(item: WpItem) -> str:
    if item.kind == "post":
        return f"posts with the status {item.status or 'none'}"
    return {"page": "pages", "attachment": "attachments", "nav_menu_item": "menu entries"}.get(
        item.kind, f"items of the type {item.kind[:40] or 'none'}"
    )


def _marked(comment: WpComment, found: Survey) -> Mark:
    mark = Mark(comment.parent, comment.written_at, "")
    if comment.kind not in {"", "comment"}:
        found.left_out[f"{comment.kind[:40]}s"] += 1
    elif comment.approved not in STATUS_OF:
        found.left_out["comments marked as spam" if comment.approved == "spam" else f"comments with the status {comment.approved[:40]}"] += 1
    else:
        words = to_markdown(comment.text, found.blog.link)
        if words.text:
            mark.status = STATUS_OF[comment.approved]
            losses = set(words.losses)
            if not _name(comment.name):
                losses.add("a guest without a name got one")
            if comment.email and not _email(comment.email):
                losses.add("a guest's mail address that is none was left out")
            if comment.url and not _guest_url(comment.url):
                losses.add("a guest's link that does not lead to the web was left out")
            found.lose(losses, comment.item, comment.number)
        else:
            found.left_out["comments without words"] += 1
            found.lose(["a comment without words was left out"], comment.item, comment.number)
    return mark


def _survey_post(item: WpItem, marks: dict[int, Mark], found: Survey) -> None:
    losses = set(to_post_html(item.content, found.blog.link).losses)
    if len(_title(item)) < len(one_line(plain_text(item.title))):
        losses.add("a title was cut to 200 characters")
    if item.password:
        losses.add("a post with a password became a draft")
    if item.written_at is None and item.status in {"publish", "future"}:
        losses.add("a post without a date got the time of the import")
    if not (item.author or found.authors):
        losses.add("a post without an author needs --author")
    found.lose(losses, item.item)
    for number, mark in marks.items():
        if mark.written_at is None:
            mark.written_at = item.written_at or timezone.now()
            if mark.status:
                found.lose(["a comment without a date got that of its post"], item.item, number)
    for number, loss in _settle_parents(marks):
        found.lose([loss], item.item, number)


def _settle_parents(marks: dict[int, Mark]) -> list[tuple[int, str]]:
    """Make every kept comment's parent one that is kept, or 0, without circles. Returns what was changed."""
    changes = []
    kept_above: dict[int, int] = {}  # for comments that are left out: the nearest kept one above, 0 or one that is missing
    for number, mark in marks.items():
        if not mark.status or not mark.parent:
            continue
        path: list[int] = []
        passed: set[int] = set()
        above = mark.parent
        while above in marks and not marks[above].status and above not in kept_above and above not in passed:
            path.append(above)
            passed.add(above)
            above = marks[above].parent
        above = 0 if above in passed else kept_above.get(above, above)
        kept_above.update(dict.fromkeys(path, above))
        if above and above not in marks:
            changes.append((number, "it answers a comment that is not in the file, and now stands on its own"))
            above = 0
        elif above != mark.parent:
            changes.append((number, "it answers a comment that was left out, and now stands one step higher"))
        mark.parent = above
    settled: set[int] = {0}
    for start in marks:
        here, passed = start, set()
        while here not in settled and here not in passed:
            passed.add(here)
            here = marks[here].parent if here in marks and marks[here].status else 0
        if here in passed and here not in settled:
            circle = [here]
            while (here := marks[here].parent) != circle[0]:
                circle.append(here)
            first = min(circle, key=lambda number: _age(marks, number))
            marks[first].parent = 0
            changes.append((first, "it answers itself in a circle, and now stands on its own"))
        settled |= passed
    return changes


def _age(marks: dict[int, Mark], number: int) -> tuple[Any, int]:
    return marks[number].written_at, number


# --- small conversions ---------------------------------------------------------


def _title(item: WpItem) -> str:
    title = one_line(plain_text(item.title)) or _("Without a title")
    return title if len(title) <= 200 else title[:199].rsplit(" ", 1)[0] + "…"


def _name(text: str) -> str:
    """A guest's name on one line, without signs that cannot be seen."""
    name = one_line("".join(sign for sign in plain_text(text) if sign.isprintable() or sign.isspace()))
    return name if len(name) <= 100 else name[:99] + "…"


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text if len(text) <= 254 else ""


_validate_url = URLValidator(schemes=["http", "https"])


def _guest_url(text: str) -> str:
    url = web_address(text)
    try:
        _validate_url(url)
    except ValidationError:
        return ""
    return url if len(url) <= 300 else ""


def _free(base: str, room: int, is_taken: Callable[[str], bool]) -> str:
    """The name itself, or with a number behind it when it is taken."""
    base = base[: room - 7].strip("-_")
    name, number = base, 1
    while is_taken(name):
        number += 1
        name = f"{base}-{number}"
    return name


# --- people --------------------------------------------------------------------


class People:
    """The members behind the authors of the file. Found by address, then by name; else made, when they are needed."""

    def __init__(self, found: Survey, everybody: User | None, is_dry_run: bool) -> None:
        self.by_login = {author.login.lower(): author for author in found.authors if author.login}
        self.by_number = {author.number: author for author in found.authors if author.number}
        self.fallback = found.authors[0].login if found.authors else ""
        self.everybody = everybody
        self.hosts = {thread.author.lower() for thread in found.threads.values()}
        self.is_dry_run = is_dry_run
        self.members: dict[str, User] = {}
        self.made: list[str] = []
        self.notes: list[str] = []

    def author_of(self, item: WpItem) -> User:
        if self.everybody is not None:
            return self.everybody
        login = item.author or self.fallback
        if not login:
            raise WxrError(f"post {item.number} (line {item.line}) has no author; name a member with --author.")
        return self._member(login)

    def author_of_comment(self, user: int) -> User | None:
        author = self.by_number.get(user) if user else None
        if author is None or not author.login:
            return None
        if self.everybody is not None and author.login.lower() in self.hosts:
            return self.everybody
        return self._member(author.login)

    def _member(self, login: str) -> User:
        if login.lower() not in self.members:
            author = self.by_login.get(login.lower()) or Author(0, login, "", "")
            self.members[login.lower()] = self._find(author) or self._make(author)
        return self.members[login.lower()]

    def _find(self, author: Author) -> User | None:
        email = User.objects.normalize_email(_email(author.email))
        by_email = User.objects.filter(email__iexact=email).order_by("pk").first() if email else None
        if by_email is not None:
            return by_email
        by_name = User.objects.filter(username__iexact=author.login).first()
        if by_name is not None and email and by_name.email:
            self.notes.append(f"“{author.login}” is taken for the member {by_name.username}, whose mail address is another.")
        return by_name

    def _make(self, author: Author) -> User:
        """A member who can come in by asking for a new password, if the address is theirs."""
        name = one_line(author.name)[:60]
        try:
            validate_name(name)
        except ValidationError:
            name = ""
        username = self._free_username(author)
        user = User(username=username, display_name="" if name == username else name, email=User.objects.normalize_email(_email(author.email)))
        user.set_unusable_password()
        if not self.is_dry_run:
            user.save()
        self.made.append(username)
        return user

    def _free_username(self, author: Author) -> str:
        names = (slugify(text)[:30].strip("-_") for text in (author.login.partition("@")[0], author.name))
        return _free(next((name for name in names if len(name) > 1), "writer"), 30, self._is_refused)

    def _is_refused(self, username: str) -> bool:
        try:
            validate_username_signs(username)
            validate_not_reserved(username)
        except ValidationError:
            return True
        if username in self.made:
            return True
        return User.objects.filter(Q(username__iexact=username) | Q(username_skeleton=skeleton(username))).exists()


# --- the second reading --------------------------------------------------------


class Seat(NamedTuple):
    """Where a new comment stands, worked out before it is read."""

    pk: int
    parent: int | None
    tree: int
    numbers: Numbers


@dataclass
class Plan:
    """What is new under one post."""

    thread: Thread
    post_id: int
    is_new: bool
    seats: dict[int, Seat]
    # New answers to comments that are here already: their numbers in the order in which they must be written.
    late: list[int]
    known: dict[int, int]
    read_late: dict[int, Comment] = field(default_factory=dict)

    @property
    def news(self) -> int:
        return len(self.seats) + len(self.late)


@dataclass
class Result:
    posts: int = 0
    known_posts: int = 0
    comments: int = 0
    known_comments: int = 0
    held: int = 0
    guests: set[str] = field(default_factory=set)
    commenters: set[str] = field(default_factory=set)
    # Where something new came from, so that losses of what was here already are not told again.
    new_posts: set[int] = field(default_factory=set)
    new_comments: set[int] = field(default_factory=set)
    people: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Importer:
    def __init__(self, found: Survey, *, author: User | None = None, is_dry_run: bool = False, progress: Progress = quiet) -> None:
        self.found = found
        self.is_dry_run = is_dry_run
        self.progress = progress
        self.people = People(found, author, is_dry_run)
        self.result = Result()
        self.tags: dict[str, Tag] = {}
        self.batch: list[Comment] = []
        self.plans: dict[int, Plan] = {}

    def run(self, file: BinaryIO) -> Result:
        """Read the file again and write what is new, or only count it. Raises WxrError; then nothing was written."""
        total, done = self.found.comment_count, 0
        # A dry run takes no lock, so nobody has to wait for it.
        with nullcontext() if self.is_dry_run else transaction.atomic():
            self._lock_known_posts()
            for thing in read_wxr(file):
                if isinstance(thing, WpComment) and thing.item in self.found.threads:
                    self.take_comment(self.plan(thing.item), thing)
                    done += 1
                    if done % BATCH == 0:
                        self.progress("Looking" if self.is_dry_run else "Writing", min(done, total), total)
                        reset_queries()  # with DEBUG, Django remembers every one
                elif isinstance(thing, WpItem) and thing.item in self.found.threads:
                    self.take_post(self.plan(thing.item), thing)
                    del self.plans[thing.item]
        self.result.people, self.result.notes = self.people.made, self.people.notes
        return self.result

    def _lock_known_posts(self) -> None:
        """All of them at first and in the order of their keys: a moderator may be moving a branch between two of them."""
        if self.is_dry_run:
            return
        sources = [self.found.source_key("post", thread.number) for thread in self.found.threads.values()]
        known: list[int] = []
        for start in range(0, len(sources), BATCH):
            known += Post.objects.filter(source_key__in=sources[start : start + BATCH]).values_list("pk", flat=True)
        for pk in sorted(known):
            lock_row(Post.objects, pk)

    # --- places

    def plan(self, item: int) -> Plan:
        if item not in self.plans:
            self.plans[item] = self._plan(self.found.threads[item])
        return self.plans[item]

    def _plan(self, thread: Thread) -> Plan:
        post = Post.objects.filter(source_key=self.found.source_key("post", thread.number)).first()
        if post is not None and not self.is_dry_run:
            post = lock_row(Post.objects, post.pk)
        marks, known = thread.marks, self._known(thread)
        here = {number: pk for number, (pk, post_id) in known.items() if post is not None and post_id == post.pk}
        new = sorted((number for number in thread.kept() if number not in known), key=lambda number: _age(marks, number))
        children: dict[int, list[int]] = defaultdict(list)
        roots, late_tops = [], []
        for number in new:
            parent = marks[number].parent
            if parent in here:
                late_tops.append(number)
            elif not parent or parent in known:  # known, but under another post by now
                roots.append(number)
            else:
                children[parent].append(number)
        late = [number for top in late_tops for number in _in_reading_order(children, top)]
        post_id = post.pk if post is not None else self._new_keys(Post, 1)[0]
        seats = self._seats(roots, children, set(new).difference(late), marks)
        return Plan(thread, post_id, post is None, seats, late, here)

    def _known(self, thread: Thread) -> dict[int, tuple[int, int]]:
        """(pk, post) by number, of the comments that came with an earlier import."""
        known = {}
        kept = list(thread.kept())
        for start in range(0, len(kept), BATCH):
            keys = {self.found.source_key("comment", number): number for number in kept[start : start + BATCH]}
            for key, pk, post_id in Comment.objects.filter(source_key__in=keys).values_list("source_key", "pk", "post_id"):
                known[keys[key]] = (pk, post_id)
        return known

    def _seats(self, roots: list[int], children: dict[int, list[int]], seated: set[int], marks: dict[int, Mark]) -> dict[int, Seat]:
        in_time = sorted(seated, key=lambda number: _age(marks, number))
        keys = dict(zip(in_time, self._new_keys(Comment, len(in_time)), strict=True))
        seats = {}
        trees = dict.fromkeys(keys.values(), 0) if self.is_dry_run else Comment.objects.tree_ids_after(keys[root] for root in roots)
        whole = Numbers(ROOT_LEFT, ROOT_RIGHT, 0)
        for root in roots:
            tree = trees[keys[root]]
            seats[root] = Seat(keys[root], None, tree, whole)
            for number, numbers in number_branch(children, root, whole):
                seats[number] = Seat(keys[number], keys[marks[number].parent], tree, numbers)
        return seats

    def _new_keys(self, model: type[models.Model], count: int) -> list[int]:
        """Primary keys nobody else gets, so that answers can name what they answer before it is written."""
        table = model._meta.db_table
        if self.is_dry_run:
            return list(range(1, count + 1))
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
                return sorted(row[0] for row in cursor.fetchall())
            # SQLite: one writer at a time, and keys of deleted rows are not used again.
            cursor.execute("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0)", [table])
            last = cursor.fetchone()[0]
        return list(range(last + 1, last + 1 + count))

    # --- comments

    def take_comment(self, plan: Plan, source: WpComment) -> None:
        if source.number in plan.seats:
            comment = self._comment(plan, source)
            seat = plan.seats[source.number]
            comment.pk, comment.parent_id, comment.tree_id = seat.pk, seat.parent, seat.tree
            comment.lft, comment.rght, comment.level = seat.numbers
            self.batch.append(comment)
            if len(self.batch) >= BATCH:
                self._write_batch()
        elif source.number in plan.late:
            plan.read_late[source.number] = self._comment(plan, source)
        elif source.number in plan.thread.marks:
            self.result.known_comments += bool(plan.thread.marks[source.number].status)
        else:
            raise WxrError(f"comment {source.number} was not there a moment ago: the file changed while it was read.")

    def _comment(self, plan: Plan, source: WpComment) -> Comment:
        mark = plan.thread.marks[source.number]
        author = self.people.author_of_comment(source.user)
        comment = Comment(
            post_id=plan.post_id,
            author=author,
            status=mark.status,
            created_at=mark.written_at,
            published_at=mark.written_at if mark.status == Comment.Status.PUBLIC else None,
            source_key=self.found.source_key("comment", source.number),
        )
        if author is None:
            comment.guest_name, comment.guest_email, comment.guest_url = (
                _name(source.name) or _("A guest"),
                _email(source.email).lower(),
                _guest_url(source.url),
            )
            self.result.guests.add(comment.guest_email or comment.guest_name.lower())
        else:
            self.result.commenters.add(author.username)
        if comment.is_held:
            comment.hold_reasons = [{"code": "import", "text": _("It was still waiting in WordPress.")}]
            self.result.held += 1
        comment.body = to_markdown(source.text, self.found.blog.link).text
        if not self.is_dry_run:
            comment.set_words(comment.body)
        self.result.comments += 1
        self.result.new_comments.add(source.number)
        return comment

    def _write_batch(self) -> None:
        if not self.is_dry_run:
            Comment.objects.bulk_create(self.batch)
        self.batch = []

    def _write_late(self, plan: Plan) -> None:
        """Answers to what is here already go to the end of it, one after the other, as if they were written now."""
        for number in plan.late:
            comment = plan.read_late.pop(number)
            if not self.is_dry_run:
                comment.parent = Comment.objects.get(pk=plan.known[plan.thread.marks[number].parent])
                comment.save()
            plan.known[number] = comment.pk

    # --- posts

    def take_post(self, plan: Plan, source: WpItem) -> None:
        author = self.people.author_of(source) if plan.is_new else None
        self._write_batch()
        self._write_late(plan)
        if author is None:
            self.result.known_posts += 1
        else:
            self.result.posts += 1
            self.result.new_posts.add(source.item)
            if not self.is_dry_run:
                self._write_post(plan, source, author)
        if plan.news and not self.is_dry_run:
            recount(plan.post_id)

    def _write_post(self, plan: Plan, source: WpItem, author: User) -> None:
        now = timezone.now()
        is_out = source.status in {"publish", "future"} and not source.password
        post = Post(
            pk=plan.post_id,
            title=_title(source),
            summary=excerpt(source.excerpt, 300),
            body=to_post_html(source.content, self.found.blog.link).text,
            author=author,
            published_at=(source.written_at or now) if is_out else None,
            comments_open=source.is_open,
            created_at=source.written_at or now,
            updated_at=source.written_at or now,
            source_key=self.found.source_key("post", source.number),
        )
        wished = slugify(unquote(source.slug))
        post.slug = _free(wished, 120, lambda slug: Post.objects.filter(slug=slug).exists()) if wished else post.free_slug()
        post.save(force_insert=True)
        post.tags.set([tag for name, nicename in source.tags if (tag := self._tag(name, nicename))])

    def _tag(self, name: str, nicename: str) -> Tag | None:
        name = one_line(plain_text(name))
        name = name if len(name) <= 50 else name[:49] + "…"
        slug = (slugify(unquote(nicename)) or slugify(name))[:60].strip("-")
        key = slug or name.lower()
        if name and key not in self.tags:
            self.tags[key] = (
                (Tag.objects.filter(slug=slug).first() if slug else None)
                or Tag.objects.filter(name__iexact=name).first()
                or Tag.objects.create(name=name, slug=_free(slug or "tag", 60, lambda slug: Tag.objects.filter(slug=slug).exists()))
            )
        return self.tags.get(key)


def _in_reading_order(children: dict[int, list[int]], top: int) -> Iterator[int]:
    stack = [top]
    while stack:
        number = stack.pop()
        yield number
        stack.extend(reversed(children.get(number, ())))


def losses_in_words(found: Survey, result: Result) -> list[str]:
    """What got lost of the things that are new, a line each, with the first places."""
    lines = []
    for loss, places in sorted(found.losses.items()):
        left_out = loss.endswith("was left out") and "comment without words" in loss
        new = [
            f"comment {comment}" if comment else f"post {found.threads[item].number}"
            for item, comment in places
            if item in found.threads and (comment in result.new_comments or (item in result.new_posts and (not comment or left_out)))
        ]
        if new:
            more = f" and {len(new) - 5} more" if len(new) > 5 else ""
            lines.append(f"{loss[0].upper()}{loss[1:]}: {', '.join(new[:5])}{more}.")
    return lines
