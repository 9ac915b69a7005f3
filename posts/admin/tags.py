"""Tags in the admin: what is shown above their posts."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from posts.forms import TagForm
from posts.models import Post, Tag


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    form = TagForm
    list_display = ["name", "slug", "number"]
    search_fields = ["name"]
    fields = ["name", "slug", "description", "cover", "cover_alt"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        """Count the posts of each tag on the page by index.

        A GROUP BY would sort all tags with all their posts.
        """
        relation: Any = Post.tags.through
        own = relation._default_manager.filter(tag=OuterRef("pk")).order_by().values("tag")
        counted = Subquery(own.annotate(count=Count("*")).values("count"))
        return super().get_queryset(request).annotate(number=Coalesce(counted, 0))

    @admin.display(description=gettext_lazy("posts"), ordering="number")
    def number(self, tag: Any) -> int:
        return tag.number

    def save_model(self, request: HttpRequest, obj: Tag, form: TagForm, change: bool) -> None:
        """A new picture gets a new name; the old file is deleted once the new one is stored."""
        before = Tag.objects.filter(pk=obj.pk).values_list("cover", flat=True).first()
        super().save_model(request, obj, form, change)
        if before and before != obj.cover.name:
            transaction.on_commit(partial(obj.cover.storage.delete, before))
