"""The admin site, compatible with our content security policy."""

from typing import Any

from django.conf import settings
from django.contrib.admin import DateFieldListFilter, ModelAdmin
from django.core.paginator import Paginator
from django.db.models import ManyToManyField, Q, QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from js_asset import Media

from core.utils.among import Among, key_list
from core.web.kept_text import kept_text


class QuickPaginator(Paginator):
    """Counts at most MOST rows, because counting a million means reading each of them.

    Lists are in the order of an index, so the first pages are fast. Older rows are found by filters and
    search.
    """

    MOST = 5_000

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.MOST)

    @property
    def has_uncounted(self) -> bool:
        return self._counted > self.MOST

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return len(rows) if isinstance(rows, list) else rows.order_by().values("pk")[: self.MOST + 1].count()


class QuickListMixin(ModelAdmin):
    """For admin lists of tables that grow without limit (a mixin of ModelAdmin)."""

    paginator = QuickPaginator
    show_full_result_count = False
    list_per_page = 50


class DateFilter(DateFieldListFilter):
    """Django's filter with a title that reads well after "By", whatever the field is called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("date")


class RowForm(ModelForm):
    """A row of a list with editable fields. Each field's accessible name is its column and its row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{capfirst(field.label)}: {self.instance}"
            field.help_text = ""  # the list doesn't show it, so no field may refer to it


class EditableListMixin(ModelAdmin):
    """For admins with `list_editable`: Django gives these fields no label."""

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[ModelForm]:
        return super().get_changelist_form(request, **{"form": RowForm} | kwargs)


class TickBoxesMixin(ModelAdmin):
    """Checkboxes for many-to-many fields. Django's `filter_horizontal` needs scripts and fails axe's rules."""

    filter_horizontal = ()
    formfield_overrides = {ManyToManyField: {"widget": CheckboxSelectMultiple}}


class NoncedMediaMixin(ModelAdmin):
    """Gives scripts and import maps of a form the nonce of the page.

    For admins whose forms have a rich-text editor.
    """

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["media"] = Media.from_media(context["media"], nonce=getattr(request, "csp_nonce"))  # noqa: B009 - django-csp's
        return super().render_change_form(request, context, *args, **kwargs)


class TextKeptMixin(ModelAdmin):
    """If the row of a submitted form is gone or not accessible, responds with the text that was typed.

    For admins whose forms have a long text.
    """

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Django redirects to the dashboard, which would lose the text."""
        if kept_text(request).get("has_text"):
            raise Http404
        # Django's own method; missing in the stubs.
        missing: HttpResponse = super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc]
        return missing


class IndexSearchMixin(ModelAdmin):
    """Lists whose search uses the search index instead of reading every text (settings.ADMIN_SEARCH).

    It has the syntax of the search page, including `from:` and `in:`. Of very many matches, the newest are
    found.
    """

    indexed_as: str
    MAX_FOUND = 1_000

    def also_found(self, words: str) -> Q | None:
        """A cheap condition for additional results."""
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        pks = import_string(settings.ADMIN_SEARCH)(self.indexed_as, words, limit=self.MAX_FOUND)
        condition = Q(Among("pk", key_list(pks))) if pks else Q(pk__in=[])
        if (also := self.also_found(words)) is not None:
            condition |= also
        return queryset.filter(condition), False
