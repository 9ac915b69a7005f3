"""The directory of members."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from accounts.models import MemberTopic, Topic, User
from accounts.models.querysets import UserQuerySet, set_moderator_flags

TOPICS_TO_CHOOSE_FROM = 30
MAX_COUNTED = 1_000


class MemberListView(TemplateView):
    """The directory by name: all members or those found. A page starts after the member in `after`."""

    template_name = "accounts/member_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.get_queryset()
        members = list((found.after(*self.after) if self.after else found)[: settings.MEMBERS_PER_PAGE + 1])
        page = members[: settings.MEMBERS_PER_PAGE]
        set_moderator_flags(page)
        requested = {
            name: value
            for name, value in (("q", self.words), ("help", self.help), ("look", self.look))
            if value
        }
        return super().get_context_data(**kwargs) | {
            "members": page,
            **self.count(found, page if self.after is None and len(members) <= len(page) else None),
            "asked": requested,
            "popular_topics": Topic.objects.to_choose_from(TOPICS_TO_CHOOSE_FROM),
            "is_first_page": self.after is None,
            "first_query": urlencode(requested),
            "next_query": urlencode(requested | {"after": f"{page[-1].name_key}|{page[-1].pk}"})
            if len(members) > len(page)
            else "",
        }

    def count(self, found: UserQuerySet, all_of_them: list[User] | None) -> dict[str, Any]:
        """The number of members, capped: counting a hundred thousand would take longer than the page."""
        if all_of_them is not None:
            return {"member_count": len(all_of_them), "has_uncounted": False}
        count = found.order_by().values("pk")[: MAX_COUNTED + 1].count()
        return {"member_count": min(count, MAX_COUNTED), "has_uncounted": count > MAX_COUNTED}

    def get_queryset(self) -> UserQuerySet:
        members = (
            User.objects.listed_for(self.request.user).with_links().with_topics().by_name().search(self.words)
        )
        if self.help:
            members = members.with_topic(MemberTopic.Kind.HELP, self.help)
        if self.look:
            members = members.with_topic(MemberTopic.Kind.LOOK, self.look)
        return members

    @property
    def words(self) -> str:
        return self.request.GET.get("q", "").strip()[:200]

    @property
    def help(self) -> str:
        return self.request.GET.get("help", "").strip()[:80]

    @property
    def look(self) -> str:
        return self.request.GET.get("look", "").strip()[:80]

    @cached_property
    def after(self) -> tuple[str, int] | None:
        """Where the previous page ended. None if missing or invalid."""
        name_key, _bar, number = self.request.GET.get("after", "").rpartition("|")
        return (name_key, int(number)) if name_key and number.isdecimal() and len(number) < 19 else None
