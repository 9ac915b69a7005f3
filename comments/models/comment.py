"""What members answer. The truth of the tree is `parent`; the other tree columns follow from it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Case, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from mptt.models import MPTTModel, TreeForeignKey

from accounts.models.lookup import find_members
from comments.models.image import CommentPicture
from comments.models.querysets import CommentQuerySet
from comments.tree.manager import SparseTreeManager
from core.markup.comments import RENDERER_VERSION, Picture, render_markdown
from core.markup.links import tidy_address
from core.markup.plain import excerpt
from core.utils.urls import WebAddressModelField
from posts.models import Post

CommentManager = SparseTreeManager.from_queryset(CommentQuerySet, "CommentManager")


# A comment must say something, even one that says nothing any more. Nobody ever reads it.
ERASED = "…"


class Comment(MPTTModel):
    class Status(models.TextChoices):
        PUBLIC = "public", _("public")
        HELD = "held", _("waiting")
        REMOVED = "removed", _("removed by a moderator")
        SPAM = "spam", _("marked as spam")
        DELETED = "deleted", _("deleted by its author")

    class HeldAs(models.TextChoices):
        NOT = "", _("not held")
        AWAITED = "awaited", _("awaiting review")
        TURNED_AWAY = "turned_away", _("blocked as spam")

    # The indexes below begin with these three columns, so they need none of their own.
    post = models.ForeignKey(Post, verbose_name=_("post"), on_delete=models.PROTECT, related_name="comments", db_index=False)
    parent = TreeForeignKey(
        "self", verbose_name=_("replies"), on_delete=models.RESTRICT, null=True, blank=True, related_name="children", db_index=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, null=True, blank=True, related_name="comments", db_index=False
    )
    # Guests came with an import; nobody writes as one here. Whose comments were joined to an account keep what they were.
    guest_name = models.CharField(_("guest's name"), max_length=100, blank=True)
    guest_email = models.EmailField(_("guest’s email address"), blank=True)
    guest_url = WebAddressModelField(_("guest's link"), max_length=300, blank=True)
    body = models.TextField(_("message"), validators=[MaxLengthValidator(settings.COMMENT_MAX_CHARACTERS)])
    html = models.TextField(editable=False)
    renderer_version = models.PositiveSmallIntegerField(
        editable=False, default=0, help_text=_("Version of the renderer that made the HTML; 0 if none did.")
    )
    fold_at = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("Where the part behind “Read more” begins in the HTML; 0 if nothing is folded.")
    )
    folded_words = models.PositiveIntegerField(default=0, editable=False)
    link_count = models.PositiveSmallIntegerField(_("links"), editable=False, default=0)
    picture_count = models.PositiveSmallIntegerField(_("pictures"), editable=False, default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PUBLIC, editable=False)
    hold_reasons = models.JSONField(_("why it was held"), default=list, blank=True, editable=False, help_text=_("A list of {code, text}."))
    # Worked out by the database, so that the desk counts and reads by an index. After a change it is read again, or not at all.
    held_as = models.GeneratedField(
        expression=Case(
            When(~Q(status="held"), then=Value("")),
            When(Q(hold_reasons__0__code="turned_away"), then=Value("turned_away")),
            default=Value("awaited"),
        ),
        output_field=models.CharField(_("held as"), max_length=12, choices=HeldAs),
        db_persist=True,
    )
    created_at = models.DateTimeField(_("posted at"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("public since"), null=True, blank=True, editable=False, help_text=_("When it was first public."))
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True, editable=False, help_text=_("Only edits that are marked."))
    source_key = models.CharField(max_length=200, null=True, blank=True, unique=True, editable=False, help_text=_("Where an import found it."))

    thanks_count = models.PositiveIntegerField(_("thanks"), default=0, editable=False)
    # Of a top-level comment: how many rows its tree has, itself and gone ones included. Of others it says nothing.
    branch_size = models.PositiveIntegerField(default=1, editable=False)

    lft = models.BigIntegerField(editable=False)
    rght = models.BigIntegerField(editable=False)
    tree_id = models.BigIntegerField(editable=False)
    level = models.PositiveIntegerField(editable=False)

    objects = CommentManager()

    # Set by publish_comment: it was there already, and the same words came once more.
    is_repeated = False
    # Set by publish_comment while it is written: nothing belongs to it yet.
    is_new = False

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        permissions = [("moderate_comment", _("Can moderate comments"))]
        constraints = [
            models.UniqueConstraint(fields=["tree_id"], condition=Q(parent=None), name="one_root_per_tree"),
            models.UniqueConstraint(fields=["tree_id", "lft"], name="one_comment_per_place_in_a_tree"),
            models.CheckConstraint(condition=Q(lft__lt=models.F("rght")), name="left_edge_before_right_edge"),
            models.CheckConstraint(condition=Q(parent=None, level=0) | Q(parent__isnull=False, level__gt=0), name="root_has_level_zero"),
            models.CheckConstraint(condition=Q(author__isnull=False) | ~Q(guest_name=""), name="comment_has_an_author_or_a_guest"),
            models.CheckConstraint(condition=~Q(body=""), name="comment_says_something"),
        ]
        indexes = [
            models.Index(fields=["parent", "rght"], name="comments_last_child"),
            models.Index(fields=["post", "tree_id"], name="comments_of_post"),
            # "parent IS NULL", not "level = 0": SQLite uses a partial index only where the query says the same without a parameter.
            models.Index(fields=["post", "tree_id"], condition=Q(parent=None), name="branches_of_post"),
            models.Index(fields=["post", "-thanks_count", "tree_id"], condition=Q(parent=None), name="branches_by_thanks"),
            models.Index(fields=["post", "created_at"], name="comments_of_post_by_time"),
            models.Index(fields=["post", "published_at"], name="news_of_post"),
            models.Index(fields=["author", "created_at"], name="comments_of_author"),
            models.Index(fields=["status", "created_at"], name="comments_by_status"),
            models.Index(fields=["held_as", "created_at"], name="comments_held"),
            models.Index(fields=["post", "status"], name="comments_of_post_by_status"),
            models.Index(fields=["guest_email"], condition=~Q(guest_email=""), name="comments_of_guest"),
        ]

    def __str__(self) -> str:
        return _("%(name)s: %(words)s") % {"name": self.author_name, "words": excerpt(self.html, 60)}

    def get_absolute_url(self) -> str:
        """The permalink: it leads to the page and place where the comment stands."""
        return reverse("comments:comment-detail", args=[self.pk])

    @property
    def anchor(self) -> str:
        return f"comment-{self.pk}"

    @property
    def old_anchor(self) -> str:
        """The anchor it had on the blog that it was imported from ("comment-917"), "" if it had none."""
        number = (self.source_key or "").rpartition(":comment:")[2]
        return f"comment-{number}" if number.isascii() and number.isdigit() else ""

    # --- who ----------------------------------------------------------------

    @property
    def author_name(self) -> str:
        return self.author.get_display_name() if self.author else self.guest_name

    @property
    def guest_link(self) -> str:
        return tidy_address(self.guest_url) if self.guest_url else ""

    @property
    def is_by_host(self) -> bool:
        return self.author_id is not None and self.author_id == self.post.author_id

    # --- words --------------------------------------------------------------

    # What set_words sets, for save(update_fields=…).
    WORDS_FIELDS = ("body", "html", "renderer_version", "fold_at", "folded_words", "link_count", "picture_count")
    # Numbers of the pictures in the words that set_words took.
    shown_pictures: Sequence[int] = ()
    # User names of the members that they call.
    called_members: Sequence[str] = ()

    def set_words(self, body: str) -> None:
        """Take these words, and make from them all that is kept of them. Saves nothing."""
        # What came with an import calls nobody: it meant others, long ago.
        rendered = render_markdown(body, find_pictures=self._find_pictures, find_members=None if self.source_key else find_members)
        self.body, self.html, self.renderer_version = body, rendered.html, RENDERER_VERSION
        self.fold_at, self.folded_words = rendered.fold_at, rendered.folded_words
        self.link_count = min(rendered.link_count, 32_767)
        self.called_members = rendered.mentions
        self.shown_pictures, self.picture_count = rendered.pictures, min(len(rendered.pictures), 32_767)

    def _find_pictures(self, numbers: set[int]) -> dict[int, Picture]:
        """Those of the comment already, and those of its author that stand in no comment yet."""
        return {picture.pk: picture.shown() for picture in CommentPicture.objects.usable_in(self).filter(pk__in=numbers)}

    # --- state --------------------------------------------------------------

    @property
    def is_public(self) -> bool:
        return self.status == self.Status.PUBLIC

    @property
    def is_held(self) -> bool:
        return self.status == self.Status.HELD

    @property
    def is_erased(self) -> bool:
        """Its words are gone for good, not only from the pages: its author left."""
        return self.status == self.Status.DELETED and self.body == ERASED

    @property
    def was_turned_away(self) -> bool:
        """It is held, and nobody is expected to let it through: a check found hard evidence. Then that reason comes first.

        What `held_as` says in the database, for a row that may have been changed since it was read.
        """
        return self.is_held and bool(self.hold_reasons) and self.hold_reasons[0]["code"] == "turned_away"

    @property
    def is_gone(self) -> bool:
        """Its words are not shown any more."""
        return self.status in {self.Status.REMOVED, self.Status.SPAM, self.Status.DELETED}

    def is_visible_to(self, user: Any) -> bool:
        """The same rule as CommentQuerySet.visible_to, for a row that is here already."""
        if self.is_public:
            return True
        if not user.is_authenticated:
            return False
        if user.is_moderator:
            return self.status != self.Status.DELETED
        return self.is_held and self.author_id == user.pk

    def is_editable_by(self, user: Any) -> bool:
        """Authors may change their words at any time, as long as they stand or wait."""
        return user.is_authenticated and self.author_id == user.pk and (self.is_public or self.is_held)

    is_withdrawable_by = is_editable_by

    def is_reportable_by(self, user: Any) -> bool:
        return user.is_authenticated and self.is_public and self.author_id != user.pk

    @property
    def was_edited(self) -> bool:
        return self.edited_at is not None

    @property
    def is_in_edit_window(self) -> bool:
        """Changes in the first minutes leave no mark."""
        return timezone.now() < self.created_at + timedelta(minutes=settings.COMMENT_EDIT_WINDOW_MINUTES)

    # --- tree: what django-mptt would read off dense numbers -------------------

    def get_descendant_count(self) -> int:
        return Comment.objects.filter(tree_id=self.tree_id, lft__gt=self.lft, lft__lt=self.rght).count()

    def is_leaf_node(self) -> bool:
        return not Comment.objects.filter(parent_id=self.pk).exists()

    def get_leafnodes(self, include_self: bool = False) -> Any:
        inside = Comment.objects.filter(tree_id=self.tree_id, lft__gte=self.lft, lft__lt=self.rght, children=None)
        return inside if include_self else inside.exclude(pk=self.pk)
