"""Update the index in the transaction of each change. Hiding a row needs no update: searching checks it."""

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_migrate, post_save, pre_delete, pre_save
from django.dispatch import receiver

from accounts.models import User
from accounts.models.user import SOURCES_OF_OTHERS
from accounts.signals import profile_changed
from comments.models import Comment
from comments.signals import comments_rewritten
from posts.models import Page, Post, Tag
from search.backends import backend
from search.documents import document_of_post, documents_of_comments, documents_of_names
from search.services import BATCH, KINDS, index
from search.tasks import index_again, index_comments_of, rebuild_all

MODELS: dict[Any, list[str]] = {Post: ["posts"], Comment: ["comments"], User: ["members", "names"]}
NAMES = {"username", "display_name", "email"}


@receiver(post_save, sender=Comment)
def index_comment(instance: Comment, update_fields: Any = None, raw: bool = False, **_kwargs: Any) -> None:
    if not raw and (update_fields is None or "html" in update_fields):
        backend().add("comments", documents_of_comments([instance]))


@receiver(comments_rewritten)
def index_comments(comments: list[int], **_kwargs: Any) -> None:
    index("comments", comments)


@receiver(pre_save, sender=Post)
@receiver(pre_save, sender=Page)
def note_language(instance: Post, update_fields: Any = None, raw: bool = False, **_kwargs: Any) -> None:
    if not raw and instance.pk and (update_fields is None or "language" in update_fields):
        stored = Post.objects.filter(pk=instance.pk).values_list("language", flat=True).first()
        vars(instance)["language_before"] = stored


@receiver(post_save, sender=Post)
@receiver(post_save, sender=Page)
def index_post(instance: Post, created: bool = False, raw: bool = False, **_kwargs: Any) -> None:
    if vars(instance).pop("language_before", None) not in (None, instance.language):
        index_comments_of.enqueue(instance.pk)  # the endings of their words are removed in its language
    if created and not raw:  # it is as stored, and has no tags yet
        backend().add("posts", [document_of_post(instance, tags=[])])
    elif not raw:
        index("posts", [instance.pk])


@receiver(m2m_changed, sender=Post.tags.through)
def index_tags(instance: Any, action: str, **_kwargs: Any) -> None:
    if isinstance(instance, Post) and action in {"post_add", "post_remove", "post_clear"}:
        index("posts", [instance.pk])


@receiver(post_save, sender=Tag)
def index_posts_of_tag(instance: Tag, created: bool = False, raw: bool = False, **_kwargs: Any) -> None:
    """The posts of a tag, which contain its name and slug."""
    if not (created or raw):
        _index_posts(_posts_of(instance))


@receiver(pre_delete, sender=Tag)
def note_posts_of_tag(instance: Tag, **_kwargs: Any) -> None:
    vars(instance)["posts_before"] = _posts_of(instance)


@receiver(post_delete, sender=Tag)
def index_posts_without_tag(instance: Tag, **_kwargs: Any) -> None:
    _index_posts(vars(instance).pop("posts_before", []))


def _posts_of(tag: Tag) -> list[int]:
    rows: Any = Post.tags.through
    return list(rows._default_manager.filter(tag=tag).values_list("post", flat=True))


def _index_posts(pks: list[int]) -> None:
    """Index the first posts; if a tag has very many, the worker does the rest."""
    index("posts", pks[:BATCH])
    if pks[BATCH:]:
        index_again.enqueue("posts", pks[BATCH:])


@receiver(post_save, sender=User)
def index_member(instance: User, update_fields: Any = None, raw: bool = False, **_kwargs: Any) -> None:
    if not raw and (update_fields is None or SOURCES_OF_OTHERS & {*update_fields}):
        index("members", [instance.pk])
    if not raw and (update_fields is None or NAMES & {*update_fields}):
        backend().add("names", documents_of_names([instance]))


@receiver(profile_changed)
def index_profile(member: User, **_kwargs: Any) -> None:
    index("members", [member.pk])  # topics are not fields of the member


@receiver(post_delete)
def remove_row(sender: type, instance: Any, **_kwargs: Any) -> None:
    for kind in MODELS.get(sender, []):
        backend().remove(kind, [instance.pk])


@receiver(post_migrate)
def fill_after_upgrade(sender: Any, plan: Any = (), **_kwargs: Any) -> None:
    """If the index of a kind is empty or has an older format, the worker rebuilds it."""
    if sender.name != "search":
        return
    is_new = any(
        migration.app_label == "search" and not backwards and getattr(migration, "is_filled_anew", True)
        for migration, backwards in plan
    )
    old = [kind for kind in KINDS.values() if is_new or not backend().keys(kind.name, above=0, limit=1)]
    if missing := [kind.name for kind in old if kind.rows().exists()]:
        rebuild_all.enqueue(missing)
