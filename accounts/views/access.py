"""Access control of members' pages."""

from typing import TYPE_CHECKING

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest
from django.views.generic import View
from django.views.generic.base import ContextMixin, TemplateResponseMixin

from accounts.models import User


class MemberRequest(HttpRequest):
    """The type of a request whose user is known to be signed in. For annotations only: nothing creates one."""

    user: User


if TYPE_CHECKING:
    # What the mixins below are mixed into, so that they may say more about its `request`.
    class _View(TemplateResponseMixin, ContextMixin, View):
        pass
else:
    _View = object


class MemberRequestMixin(_View):
    """A view that is asked only after a check that the user is signed in."""

    request: MemberRequest


class MemberRequiredMixin(LoginRequiredMixin, MemberRequestMixin):
    """Signed out: to the sign-in, and back."""
