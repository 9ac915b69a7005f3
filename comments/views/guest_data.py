"""Pages for people without an account to see, download and erase their data."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from comments.forms.guest_data import GuestDataAskForm, GuestEraseForm
from comments.models import Comment
from comments.models.querysets import CommentQuerySet
from comments.models.submission import Submission
from comments.services.guest_data import erase_guest, read_token, request_data_link, rows_of_guest
from comments.services.guest_parts import other_data
from comments.views.asking import AskForEmailView

SHOWN = 50


class GuestDataAskView(AskForEmailView):
    """Requests for a link to what is stored about an address."""

    form_class = GuestDataAskForm
    template_name = "comments/guest_data_ask.html"

    def ask(self, form: GuestDataAskForm, submission: Submission) -> None:
        request_data_link(form.cleaned_data["email"], sender=submission.address)


@method_decorator(never_cache, name="dispatch")
class GuestDataView(View):
    """The link in the email. GET shows what is stored, POST erases it.

    An expired link gets a page that says so, a forged one 404.
    """

    email: str

    @property
    def written(self) -> CommentQuerySet:
        return Comment.objects.written_with(self.email)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        email = read_token(kwargs["token"])
        if email is None:
            if read_token(kwargs["token"], may_be_old=True) is None:
                raise Http404
            return render(request, "comments/guest_data.html", {"is_over": True}, status=HTTPStatus.GONE)
        self.email = email
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        # Not "no-referrer": browsers would then hide the form's own origin, and the CSRF check would refuse
        # it.
        response["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.answer(request, GuestEraseForm(has_comments=self.written.exists()))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = GuestEraseForm(request.POST, has_comments=self.written.exists())
        if not form.is_valid():
            return self.answer(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        erase_guest.enqueue(self.email, form.cleaned_data.get("what") == form.ALL)
        return self.answer(request, form, is_done=True)

    def answer(
        self,
        request: HttpRequest,
        form: GuestEraseForm,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        is_done: bool = False,
    ) -> HttpResponse:
        count = 0 if is_done else self.written.count()
        context = {
            "token": self.kwargs["token"],
            "email": self.email,
            "form": form,
            "is_done": is_done,
            "count": count,
            "more": max(0, count - SHOWN),
            "comments": self.written.select_related("post").newest_first()[:SHOWN] if count else [],
            "others": [] if is_done else other_data(self.email),
        }
        return render(request, "comments/guest_data.html", context, status=status)


class GuestDataDownloadView(GuestDataView):
    """The same data as JSON."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        data = {"comments": list(rows_of_guest(self.email))}
        data |= {part.key: rows for part, rows in other_data(self.email)}
        headers = {"Content-Disposition": 'attachment; filename="data.json"'}
        return JsonResponse(data, headers=headers, json_dumps_params={"ensure_ascii": False, "indent": 1})
