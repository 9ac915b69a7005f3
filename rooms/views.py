"""The rooms page, and members' presence."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from accounts.services.permissions import why_not_write
from accounts.views.access import MemberRequest, MemberRequiredMixin
from rooms.models import Room
from rooms.services.presence import enter_room, leave, rooms_for


class RoomListView(TemplateView):
    """The rooms and who is in them."""

    template_name = "rooms/room_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader = self.request.user
        return super().get_context_data(**kwargs) | {
            "rooms": rooms_for(reader),
            "may_add": reader.has_perm("rooms.add_room"),
            "has_more": not reader.is_authenticated and Room.objects.filter(for_members=True).exists(),
        }


class PresenceView(MemberRequiredMixin, View):
    """POST: "I'm there". With `leave`: "I've left"."""

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        return redirect("rooms:room-list")

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        room = get_object_or_404(Room.objects.readable_by(request.user), pk=pk)
        if "leave" in request.POST:
            leave(request.user, room)
        elif why_not := why_not_write(request.user):
            messages.error(request, why_not)
        else:
            enter_room(request.user, room)
            messages.success(request, _("For the next hour, others can see that you’re there."))
        return redirect(f"{reverse('rooms:room-list')}#room-{room.pk}")
