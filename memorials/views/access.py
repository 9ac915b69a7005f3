"""Which memorial an address means, and for whom."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.views.access import MemberRequiredMixin
from memorials.models import Memorial, readable_memorial
from memorials.services.keeping import may_edit, may_host


class OfMemorialMixin:
    """`memorial`: the open one that this reader may read."""

    request: Any
    kwargs: dict[str, Any]

    @cached_property
    def memorial(self) -> Memorial:
        found = readable_memorial(self.kwargs["username"], self.request.user)
        if found is None:
            raise Http404
        return found


class KeptMemorialMixin(MemberRequiredMixin):
    """`memorial`: whatever its state. Its keepers know of it, hosts and, once it is open, the custodian; to all others it is not there."""

    @cached_property
    def memorial(self) -> Memorial:
        found = (
            Memorial.objects.with_people().filter(member__username=self.kwargs["username"].lower()).first()
        )
        if found is None or not self.knows_of(found):
            raise Http404
        return found

    def knows_of(self, memorial: Memorial) -> bool:
        user = self.request.user
        return may_edit(memorial, user) or may_host(user)

    def check_may_edit(self) -> None:
        if not may_edit(self.memorial, self.request.user):
            raise PermissionDenied(_("Only the keepers of a memorial can change it."))
