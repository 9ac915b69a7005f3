"""Admin site that works under our content security policy."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from js_asset import Media

COUNTED_MOST = 10_000


class BoundedPaginator(Paginator):
    """For lists that may have a million rows: it counts no further than COUNTED_MOST. What is older is found by searching."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[:COUNTED_MOST].count()


class NoncedMediaMixin(ModelAdmin):
    """Scripts and import maps of a form carry the nonce of the page. For admins whose forms hold a rich-text editor."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["media"] = Media.from_media(context["media"], nonce=getattr(request, "csp_nonce"))  # noqa: B009 - django-csp's
        return super().render_change_form(request, context, *args, **kwargs)
