"""Actions of keepers and custodian: propose, confirm, undo, edit; and choosing a custodian."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from core.parts import PartIsOff, is_on
from memorials.forms import CustodianForm, ErasureForm, PageForm, PictureForm, ProposalForm, RecordingForm
from memorials.models import Custodian, memorial_of
from memorials.services.editing import (
    add_picture,
    add_recording,
    edit_memorial,
    remove_picture,
    remove_recording,
    stamp_of,
)
from memorials.services.erasing import erase_for_family, erasure_of
from memorials.services.keeping import confirm, decline, is_custodian, may_host, may_undo, propose, undo
from memorials.services.memories import name_custodian
from memorials.views.access import KeptMemorialMixin
from memorials.views.reading import QUIET
from posts.models import Post

REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY


class MemorialProposeView(MemberRequiredMixin, View):
    """For hosts."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not may_host(request.user):
            raise PermissionDenied(_("Only hosts can begin a memorial. Write to one of them."))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: MemberRequest) -> HttpResponse:
        return self.show(ProposalForm(initial={"member": request.GET.get("member", "")[:31]}))

    def post(self, request: MemberRequest) -> HttpResponse:
        form = ProposalForm(request.POST)
        if form.is_valid():
            try:
                memorial = propose(form.proposal, by=request.user)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return redirect("memorials:memorial-keep", memorial.member.username)
        return self.show(form, REFUSED)

    def show(self, form: ProposalForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        return render(self.request, "memorials/propose.html", {"form": form, **QUIET}, status=status)


class MemorialKeepView(KeptMemorialMixin, View):
    """State, log and available actions. POST `do`: confirm, decline, undo.

    The link of someone who is no longer asked leads here. Everyone who may not know of a memorial gets the
    same response, whether or not there is one.
    """

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not self.is_there():
            return render(request, "memorials/not_asked.html", QUIET, status=HTTPStatus.NOT_FOUND)
        return super().dispatch(request, *args, **kwargs)

    def is_there(self) -> bool:
        try:
            return bool(self.memorial)
        except Http404:
            return False

    def get(self, request: MemberRequest, username: str) -> HttpResponse:
        return self.show(ErasureForm())

    def post(self, request: MemberRequest, username: str) -> HttpResponse:
        memorial, wish = self.memorial, request.POST.get("do", "")
        if wish in {"confirm", "erase"} and not is_on("memorials"):
            raise PartIsOff
        if wish == "erase":
            return self.erase(request)
        action = {"confirm": confirm, "decline": decline, "undo": undo}.get(wish)
        if action is not None:
            try:
                action(memorial, by=request.user)
            except ValidationError as error:
                messages.error(request, error.messages[0])
        return redirect("memorials:memorial-keep", username)

    def erase(self, request: MemberRequest) -> HttpResponse:
        form = ErasureForm(request.POST)
        if form.is_valid():
            try:
                erase_for_family(self.memorial, form.cleaned_data["words"], by=request.user)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return redirect("memorials:memorial-keep", self.memorial.member.username)
        return self.show(form, REFUSED)

    def show(self, form: ErasureForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        memorial, user = self.memorial, self.request.user
        is_waiting = memorial.state == memorial.State.PROPOSED
        context = {
            "memorial": memorial,
            "steps": list(memorial.steps.select_related("by")),
            "may_confirm": is_waiting and memorial.keeper_id == user.pk,
            "may_decline": is_waiting and memorial.is_kept_by(user),
            "may_undo": may_undo(memorial, user),
            "may_erase": memorial.is_open and memorial.is_kept_by(user) and may_host(user),
            "erasure": erasure_of(memorial) if memorial.is_open else None,
            "is_custodian": is_custodian(memorial, user),
            "form": form,
            **QUIET,
        }
        return render(self.request, "memorials/keep.html", context, status=status)


class MemorialEditView(KeptMemorialMixin, View):
    """The page itself, with one picture at a time and the recording, in one form: no button loses text."""

    def get(self, request: MemberRequest, username: str) -> HttpResponse:
        self.check_may_edit()
        return self.show(PageForm.of(self.memorial))

    def post(self, request: MemberRequest, username: str) -> HttpResponse:
        self.check_may_edit()
        form = PageForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=REFUSED)
        try:
            memorial = edit_memorial(
                self.memorial, form.text, by=request.user, seen=form.cleaned_data["seen"]
            )
        except ValidationError as error:
            data = request.POST.copy()
            if post := Post.objects.filter(pk=self.memorial.pk).first():
                # A second click overwrites: the page has named the newer text.
                data["seen"] = stamp_of(post)
            form = PageForm(data)
            form.add_error(None, error)
            return self.show(form, status=REFUSED)
        messages.success(request, _("Saved."))
        return redirect(memorial.post) if memorial.is_open else redirect("memorials:memorial-keep", username)

    def show_again(self, request: HttpRequest, picture: PictureForm | None = None) -> HttpResponse:
        """After adding or removing something: redirect, or show the page with the unsaved text."""
        self.memorial = memorial_of(self.kwargs["username"]) or self.memorial
        form = PageForm.of(self.memorial, request.POST)
        if not form.is_typed and (picture or not request.POST.get("alt")):
            return redirect("memorials:memorial-edit", self.memorial.member.username)
        return self.show(form, picture=picture)

    def show(
        self,
        form: PageForm,
        *,
        picture: PictureForm | None = None,
        recording: RecordingForm | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> HttpResponse:
        context = {
            "memorial": self.memorial,
            "form": form,
            "picture_form": picture or PictureForm(initial={"alt": self.request.POST.get("alt", "")}),
            "recording_form": recording or RecordingForm(),
            "pictures": list(self.memorial.pictures.all()),
            **QUIET,
        }
        return render(self.request, "memorials/edit.html", context, status=status)


class PictureView(MemorialEditView):
    """POST a picture with its alt text; or `remove`, the id of one."""

    def get(self, request: MemberRequest, username: str) -> HttpResponse:
        self.check_may_edit()
        return redirect("memorials:memorial-edit", username)

    def post(self, request: MemberRequest, username: str) -> HttpResponse:
        self.check_may_edit()
        key = request.POST.get("remove", "")
        if key.isascii() and key.isdigit() and len(key) < 19:
            try:
                remove_picture(self.memorial, int(key), by=request.user)
            except ValidationError as error:  # they are suspended, or it no longer exists
                messages.error(request, error.messages[0])
            return self.show_again(request)
        form = PictureForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                add_picture(
                    self.memorial, form.cleaned_data["file"], form.cleaned_data["alt"], by=request.user
                )
            except ValidationError as error:
                form.add_error(None if hasattr(error, "error_dict") else "file", error)
            else:
                messages.success(request, _("Saved."))
                return self.show_again(request, picture=PictureForm())
        return self.show(PageForm.of(self.memorial, request.POST), picture=form, status=REFUSED)


class RecordingView(MemorialEditView):
    """POST a recording, or `remove`."""

    def get(self, request: MemberRequest, username: str) -> HttpResponse:
        self.check_may_edit()
        return redirect("memorials:memorial-edit", username)

    def post(self, request: MemberRequest, username: str) -> HttpResponse:
        self.check_may_edit()
        form = RecordingForm.of(request.POST, request.FILES)
        is_to_go = "remove" in request.POST
        if is_to_go or form.is_valid():
            try:
                if is_to_go:
                    remove_recording(self.memorial, by=request.user)
                else:
                    add_recording(self.memorial, form.cleaned_data["file"], by=request.user)
            except ValidationError as error:  # not a recording, no room, or they are suspended
                if is_to_go:
                    messages.error(request, error.messages[0])
                else:
                    form.add_error("file", error)
            else:
                messages.success(request, _("Saved."))
            if is_to_go or form.is_valid():
                return self.show_again(request)
        return self.show(PageForm.of(self.memorial, request.POST), recording=form, status=REFUSED)


class CustodianView(MemberRequiredMixin, View):
    """Settings: choose a custodian for a possible memorial."""

    def get(self, request: MemberRequest) -> HttpResponse:
        named = Custodian.objects.select_related("custodian").filter(member=request.user).first()
        return self.show(CustodianForm(initial={"custodian": named.custodian.username if named else ""}))

    def post(self, request: MemberRequest) -> HttpResponse:
        form = CustodianForm(request.POST)
        if form.is_valid():
            try:
                name_custodian(request.user, form.cleaned_data["custodian"])
            except ValidationError as error:
                form.add_error("custodian", error)
            else:
                messages.success(request, _("Saved."))
                return redirect("memorials:custodian")
        return self.show(form, REFUSED)

    def show(self, form: CustodianForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        return render(self.request, "memorials/custodian.html", {"form": form}, status=status)
