"""Which memorial an address means, and for whom."""

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
    """`memorial`: the one that the address names, by the username of today or one of before, which leads on to today's."""

    request: Any
    kwargs: dict[str, Any]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        today = self.memorial.member.username
        if request.method in {"GET", "HEAD"} and kwargs["username"] != today:
            # Browsers keep a permanent redirect for good; a memorial can be undone, and names change.
            return redirect(request.resolver_match.view_name, today)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # that of View

    @cached_property
    def memorial(self) -> Memorial:
        found = memorial_of(self.kwargs["username"])
        if found is None or not self.knows_of(found):
            raise Http404
        return found

    def knows_of(self, memorial: Memorial) -> bool:
        """To all others it is not there."""
        raise NotImplementedError


class OfMemorialMixin(MemorialMixin):
    """The open one that this reader may read."""

    def knows_of(self, memorial: Memorial) -> bool:
        return memorial.is_open and memorial.post.is_readable_by(self.request.user)


class KeptMemorialMixin(MemberRequiredMixin, MemorialMixin):
    """Whatever its state. Its keepers know of it, hosts and, once it is open, the custodian."""

    def knows_of(self, memorial: Memorial) -> bool:
        user = self.request.user
        return may_edit(memorial, user) or may_host(user)

    def check_may_edit(self) -> None:
        if not may_edit(self.memorial, self.request.user):
            raise PermissionDenied(_("Only the keepers of a memorial can change it."))
