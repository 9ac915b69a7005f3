"""The set-up page of a site without a host."""

from http import HTTPStatus
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.core.files import File
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.models import User
from core.web.forms import FormView
from dashboard.forms.first_start import SetupForm
from dashboard.services.first_start import HostExistsError, import_blog_later, open_link, set_up
from dashboard.services.starting_pages import make_starting_pages
from dashboard.tasks import make_demo_content


@method_decorator(never_cache, name="dispatch")
class SetupView(FormView):
    """404 for all but the first browser that opened the one-time URL, and as soon as there is a host."""

    template_name = "dashboard/setup.html"
    form_class = SetupForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        link = open_link(kwargs["token"], request.session)
        if link is None:
            raise Http404
        self.link = link
        response = super().dispatch(request, *args, **kwargs)
        response["Referrer-Policy"] = "same-origin"
        return response

    def form_valid(self, form: SetupForm) -> HttpResponse:
        typed = form.cleaned_data
        person = {name: typed[name] for name in ("username", "display_name", "email")}
        password = typed["password"] if typed["key"] == "password" else ""
        site = {"name": typed["site_name"], "language": typed["language"], "time_zone": typed["time_zone"]}
        try:
            host = set_up(self.link, person=person, password=password, settings=site)
        except HostExistsError:
            raise Http404 from None
        except ValidationError as error:
            form.add_error(None, error)
            return self.answer_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        self.request.session.pop("setup", None)
        login(self.request, host, backend=settings.AUTHENTICATION_BACKENDS[0])
        # As after any other sign-in, so that a passkey can be added right away.
        record_authentication(self.request, host, method="password" if password else "code", email=host.email)
        if typed["content"] == "import":
            self.bring(typed["file"], host)
        elif typed["content"] == "demo":
            make_demo_content.enqueue()
        else:
            make_starting_pages(host)
        messages.success(self.request, _("Welcome! Your site is ready."))
        return redirect("mfa_add_webauthn" if typed["key"] == "passkey" else "admin:index")

    def bring(self, file: File, host: User) -> None:
        """Import an export.

        The host exists already: a full disk is reported, and the export can be uploaded later.
        """
        try:
            import_blog_later(file, host)
        except ValidationError as error:
            messages.error(self.request, error.messages[0])
        else:
            messages.info(
                self.request,
                _("Your blog is being imported. Its report is under Settings, Imports."),
            )
