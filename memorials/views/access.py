"""Finds the memorial of a URL, and checks who may see it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.views.access import MemberRequiredMixin
from memorials.models import Memorial, memorial_of
from memorials.services.keeping import may_edit, may_host


class MemorialMixin:
    """Set `memorial` from the username in the URL. An earlier username redirects to the current one."""

    request: Any
    kwargs: dict[str, Any]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        today = self.memorial.member.username
        if request.method in {"GET", "HEAD"} and kwargs["username"] != today:
            # Not permanent, because browsers cache that: a memorial can be undone, and usernames change.
            return redirect(request.resolver_match.view_name, today)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # that of View

    @cached_property
    def memorial(self) -> Memorial:
        found = memorial_of(self.kwargs["username"])
        if found is None or not self.knows_of(found):
            raise Http404
        return found

    def knows_of(self, memorial: Memorial) -> bool:
        """Whether the reader may know of it. For all others it does not exist."""
        raise NotImplementedError


class OfMemorialMixin(MemorialMixin):
    """An open memorial that this reader may read."""

    def knows_of(self, memorial: Memorial) -> bool:
        return memorial.is_open and memorial.post.is_readable_by(self.request.user)


class KeptMemorialMixin(MemberRequiredMixin, MemorialMixin):
    """A memorial in any state, for its keepers, hosts and, once it is open, the custodian."""

    def knows_of(self, memorial: Memorial) -> bool:
        user = self.request.user
        return may_edit(memorial, user) or may_host(user)

    def check_may_edit(self) -> None:
        if not may_edit(self.memorial, self.request.user):
            raise PermissionDenied(_("Only the keepers of a memorial can change it."))
