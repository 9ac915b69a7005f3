"""The search page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import View
from django.views.generic import TemplateView

from accounts.views.access import MemberRequiredMixin
from core.markup.plain import plain_text
from search.documents import language_of
from search.expertise import find_experts, query_words
from search.marking import EXCERPT, Piece, marked
from search.query import LONGEST_QUERY, Query, read_query
from search.services import Found, forms_of, search
from search.suggestions import suggestions_for

PER_PAGE = 20
# How many of each kind are on the page of all kinds.
IN_OVERVIEW = {"posts": 4, "members": 3, "comments": 10}
LABELS = {"posts": _("Posts"), "comments": _("Comments"), "members": _("Members")}


@dataclass(frozen=True)
class Hit:
    """A result, and how it is shown."""

    row: Any
    title: list[Piece]
    excerpt: list[Piece]


@dataclass(frozen=True)
class Section:
    """Results of one kind. more: the URL of all of them, or of the next page."""

    kind: str
    label: Any
    hits: list[Hit]
    more: str


class SuggestionsView(View):
    """`?q=`: a few matching posts, tags and members as JSON. Browsers cache it for a minute."""

    def get(self, request: HttpRequest) -> JsonResponse:
        found = [*suggestions_for(request.GET.get("q", ""), request.user)]
        count = len(found)
        status = ngettext("%(count)d suggestion", "%(count)d suggestions", count) % {"count": count}
        return JsonResponse(
            {"suggestions": [one._asdict() for one in found], "said": status},
            headers={"Cache-Control": "private, max-age=60", "X-Robots-Tag": "noindex"},
        )


class SearchView(TemplateView):
    """`?q=` searches; `kind` filters, `sort=newest` sorts, `after` continues after the previous page."""

    template_name = "search/search.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_asked = not self.query.is_empty
        sections = list(self._sections()) if is_asked else []
        return super().get_context_data(**kwargs) | {
            "query": self.query,
            "kind": self.kind,
            "is_newest": self.is_newest,
            "longest_query": LONGEST_QUERY,
            "is_asked": is_asked,
            "is_first_page": not self.after,
            "sections": sections,
            "filters": [("", _("Everything"), self.address(kind="", after=""))]
            + [(kind, label, self.address(kind=kind, after="")) for kind, label in LABELS.items()],
            "first_page": self.address(after=""),
            "other_order": self.address(sort="" if self.is_newest else "newest", after=""),
        }

    def _sections(self) -> Iterable[Section]:
        for kind in [self.kind] if self.kind else IN_OVERVIEW:
            size = PER_PAGE if self.kind else IN_OVERVIEW[kind]
            found = search(
                kind, self.query, self.request.user, size=size, cursor=self.after, newest=self.is_newest
            )
            if found.rows or found.next or self.kind:
                yield Section(kind, LABELS[kind], self._hits(kind, found), self._more(kind, found))

    def _more(self, kind: str, found: Found) -> str:
        if not found.next:
            return ""
        return self.address(after=found.next) if self.kind else self.address(kind=kind)

    def _hits(self, kind: str, found: Found) -> list[Hit]:
        words = {word for phrase in self.query.wanted for form in forms_of(phrase, kind) for word in form}
        return [self._hit(kind, row, words) for row in found.rows]

    def _hit(self, kind: str, row: Any, words: set[str]) -> Hit:
        if kind == "posts":
            body = plain_text(row.body)
            # Many summaries are the first words of the post, so those would be there twice.
            text = body if body.startswith(row.summary) else f"{row.summary} {body}".strip()
            language, title = language_of(row), row.title
        elif kind == "comments":
            language, title, text = language_of(row.post), row.post.title, plain_text(row.html)
            return Hit(row, [Piece(title, False)], marked(text, words, language, limit=EXCERPT))
        else:
            language, title = "", row.get_display_name()
            text = " · ".join(filter(None, [row.tagline, plain_text(row.bio_html)]))
            excerpt = marked(text, words, settings.LANGUAGE_CODE, limit=EXCERPT)
            return Hit(row, marked(title, words, ""), excerpt)
        return Hit(row, marked(title, words, language), marked(text, words, language, limit=EXCERPT))

    @cached_property
    def query(self) -> Query:
        return read_query(self.request.GET.get("q", ""))

    @property
    def kind(self) -> str:
        kind = self.request.GET.get("kind", "")
        return kind if kind in LABELS else ""

    @property
    def is_newest(self) -> bool:
        return self.request.GET.get("sort") == "newest"

    @property
    def after(self) -> str:
        return self.request.GET.get("after", "")[:40] if self.kind else ""

    def address(self, **changes: str) -> str:
        """The URL of this search with some parameters changed."""
        now = {
            "q": self.query.typed,
            "kind": self.kind,
            "sort": "newest" if self.is_newest else "",
            "after": self.after,
        }
        return "?" + urlencode({name: value for name, value in (now | changes).items() if value})


class WhoKnowsView(MemberRequiredMixin, TemplateView):
    """`?q=`: members who may know about it, and why. For members only, so that no one collects this data."""

    template_name = "search/find_experts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed = read_query(self.request.GET.get("q", "")).typed
        return super().get_context_data(**kwargs) | {
            "typed": typed,
            "longest_query": LONGEST_QUERY,
            "has_words": bool(query_words(typed)),
            "experts": find_experts(typed, self.request.user) if typed else [],
        }
