"""The admin of pages on other sites that embed discussions."""

from django.contrib import admin

from core.web.admin import QuickListMixin
from embed.forms import EmbeddedPageForm
from embed.models import EmbeddedPage


@admin.register(EmbeddedPage)
class EmbeddedPageAdmin(QuickListMixin, admin.ModelAdmin):
    list_display = ["address", "post"]
    list_select_related = ["post"]
    ordering = ["-pk"]
    form = EmbeddedPageForm
    search_fields = ["address", "post__title"]
