"""The private page of regular contacts, and the answer to an offered link."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from closer.forms import ChoiceForm
from closer.services.choices import choice_of, choose
from closer.services.closing_lines import accept_link, decline_link, link_at_end
from closer.services.contacts import partners_of
from comments.models import Comment


class RegularContactsView(MemberRequiredMixin, FormView):
    """The reader’s regular contacts, when and where they last met; and the choice of emails."""

    template_name = "closer/people.html"
    form_class = ChoiceForm
    success_url = reverse_lazy("closer:people")
    request: MemberRequest

    def get_initial(self) -> dict[str, Any]:
        choice = choice_of(self.request.user.pk)
        return {
            "letter": choice.letter_due_at is not None,
            "reminders": choice.reminder_due_at is not None,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"partners": partners_of(self.request.user)}

    def form_valid(self, form: ChoiceForm) -> HttpResponse:
        choose(self.request.user, **form.cleaned_data)
        messages.success(self.request, _("Saved."))
        return super().form_valid(form)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response


class ClosingLinkView(MemberRequiredMixin, View):
    """POST: with `add`, add the URL at the end of one's comment to the profile; else stop offering it."""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        own = Comment.objects.not_gone().by(request.user).select_related("author")
        comment = get_object_or_404(own, pk=pk)
        link = link_at_end(comment)
        if link is None:
            messages.info(request, _("Your comment no longer ends with your name and an address."))
        elif "add" not in request.POST:
            decline_link(request.user, link)
            messages.success(request, _("We won’t ask about this address again."))
        elif accept_link(request.user, link):
            messages.success(request, _("The link was added to your profile."))
        else:
            messages.warning(request, _("The link couldn’t be added to your profile."))
        return redirect(comment)
