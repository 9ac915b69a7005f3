"""Tags in the admin: what is shown above their posts."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from posts.forms import TagForm
from posts.models import Tag


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    form = TagForm
    list_display = ["name", "slug", "number"]
    search_fields = ["name"]
    fields = ["name", "slug", "description", "cover", "cover_alt"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).annotate(number=Count("posts"))

    @admin.display(description=gettext_lazy("posts"), ordering="number")
    def number(self, tag: Any) -> int:
        return tag.number

    def save_model(self, request: HttpRequest, obj: Tag, form: TagForm, change: bool) -> None:
        """A new picture has a new name; the old one goes once that is stored."""
        before = Tag.objects.filter(pk=obj.pk).values_list("cover", flat=True).first()
        super().save_model(request, obj, form, change)
        if before and before != obj.cover.name:
            transaction.on_commit(partial(obj.cover.storage.delete, before))
