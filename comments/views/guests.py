"""The pages between a visitor's form and the comment: the code, the link in the email, other ways to sign in.

No accounts are looked up here. The right code signs in, and signing in posts the comment
(`publish_after_sign_in`).
"""

import time
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django.views.decorators.cache import never_cache

from accounts.models import CodeTry, User
from accounts.services.code_limits import count_try, too_many_tries
from accounts.services.email_codes import is_link_token, sign_in, use_code
from comments.forms.comment import CommentForm
from comments.forms.guest import VisitorForm
from comments.forms.pending import (
    as_initial,
    discard_pending,
    link_left_out,
    link_purpose,
    mail_code,
    publish_pending,
    read_key,
)
from comments.models import Comment, PendingComment
from comments.models.submission import Submission
from comments.services.drafts import mark_draft_arrived, mark_just_posted
from comments.services.notices import too_many_codes_message
from comments.thread.pagination import read_number
from comments.views.access import sign_in_first, url_for
from comments.views.results import add_link_left_out_message, add_result_message
from core.markup.videos import may_play_videos
from core.utils.ratelimit import TooFast
from core.web.responses import retry_later

SENDING_KEY = "sends_when_in"
# Later someone else may be using the browser.
SENDS_FOR_SECONDS = 3600


def remember_to_publish(request: HttpRequest, pending: PendingComment) -> None:
    """Post this comment as soon as someone signs in with this browser."""
    request.session[SENDING_KEY] = [str(pending.pk), int(time.time()) + SENDS_FOR_SECONDS]


def publish_after_sign_in(request: HttpRequest, member: User) -> None:
    """Post the pending comments of this browser after its user signed in, with a message about the result.

    What cannot be posted stays on its page, in the member's form.
    """
    key, until = request.session.pop(SENDING_KEY, ["", 0])
    pk = read_key(key)
    if pk is None or time.time() > until:
        return
    left_out = link_left_out(pk, member)
    try:
        comment = publish_pending(pk, member)
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
    except TooFast:
        messages.error(
            request,
            _(
                "You’ve posted a lot recently, so your comment hasn’t been posted yet. Your text is below; try again in a minute."
            ),
        )
    else:
        if comment is not None:
            add_result_message(request, comment)
            add_link_left_out_message(request, left_out)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "dir": "ltr", "autofocus": True}
        ),
        error_messages={"required": gettext_lazy("Enter the six digits from the email.")},
    )


@method_decorator(never_cache, name="dispatch")
class PendingCommentView(View):
    """Base of the pages of a pending comment.

    Sets `pending`; redirects once the comment is no longer pending.
    """

    # Whether it is also for readers who are signed in. All pages but one are about signing in.
    is_for_members = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        fresh = PendingComment.objects.fresh().select_related("post__author", "comment", "code")
        self.pending: PendingComment = get_object_or_404(fresh, pk=kwargs["pk"])
        if self.pending.is_sent:
            return self.lead_to_comment(request)
        if request.user.is_authenticated and not self.is_for_members:
            return redirect(self.pending)
        return super().dispatch(request, *args, **kwargs)

    def lead_to_comment(self, request: HttpRequest) -> HttpResponse:
        comment = self.pending.comment
        seen = (
            Comment.objects.visible_to(request.user).filter(pk=comment.pk).exists()
            if comment and self.pending.post.is_published
            else False
        )
        if comment is None or not seen:
            if not request.user.is_authenticated:
                messages.info(request, _("This comment has already been posted. Sign in to see it."))
            response = redirect(
                f"{self.pending.post.get_absolute_url()}#talk"
                if self.pending.post.is_published
                else "posts:home"
            )
        else:
            response = redirect(url_for(request, comment))
            if comment.author == request.user:
                mark_just_posted(response)
        return mark_draft_arrived(response, self.pending.draft)

    @property
    def parent(self) -> Comment | None:
        """The parent comment, if it still exists."""
        number = read_number(next(iter(self.pending.fields.get("parent", [])), ""))
        return (
            Comment.objects.for_post(self.pending.post)
            .public()
            .select_related("author")
            .filter(pk=number)
            .first()
            if number
            else None
        )

    def sign_in(self, request: HttpRequest) -> HttpResponse:
        """Sign the owner of the confirmed address in, which posts the comment."""
        remember_to_publish(request, self.pending)
        return sign_in(
            request, email=self.pending.email, name=self.pending.name, to=self.pending.get_absolute_url()
        ) or redirect("account_signup")

    def show_code_page(
        self, request: HttpRequest, form: CodeForm, status: HTTPStatus = HTTPStatus.OK, refusal: str = ""
    ) -> HttpResponse:
        context = {"form": form, "pending": self.pending, "parent": self.parent, "refusal": refusal}
        return render(request, "comments/pending_code.html", context, status=status)


@may_play_videos
class PendingCommentDetailView(PendingCommentView):
    """GET asks for the code, POST checks it. Signed-in members see the text in their own form."""

    is_for_members = True

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.show_code_page(request, CodeForm())
        parent = self.parent
        form = CommentForm(post=self.pending.post, parent=parent, initial=as_initial(self.pending))
        return render(
            request, "comments/comment_form.html", {"form": form, "post": self.pending.post, "parent": parent}
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(self.pending)
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.show_code_page(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            counted = count_try(request, CodeTry.Kind.TYPED, email=self.pending.email)
        except TooFast as error:
            form.add_error("code", too_many_tries(error))
            return retry_later(self.show_code_page(request, form), error)
        code = self.pending.code
        if code is not None and use_code(code, form.cleaned_data["code"]):
            counted.delete()
            return self.sign_in(request)
        form.add_error("code", self.why_not())
        return self.show_code_page(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)

    def why_not(self) -> str:
        code = self.pending.code
        if code is None:
            return _("That code isn’t right. Request a new one below.")
        code.refresh_from_db()
        if not code.tries_left:
            return _("That was the third wrong code. Request a new one below; your comment is saved.")
        if code.is_over:
            return _("This code has expired. Request a new one below; your comment is saved.")
        return ngettext(
            "That code isn’t right. %(count)d try left.",
            "That code isn’t right. %(count)d tries left.",
            code.tries_left,
        ) % {"count": code.tries_left}


class PendingCommentConfirmView(PendingCommentView):
    """The link in the email, on any device: GET shows the comment and asks, POST posts it."""

    def get(self, request: HttpRequest, pk: UUID, token: str) -> HttpResponse:
        if not self.is_good(token):
            return self.refuse(request)
        return render(
            request, "comments/pending_confirm.html", {"pending": self.pending, "parent": self.parent}
        )

    def post(self, request: HttpRequest, pk: UUID, token: str) -> HttpResponse:
        return self.sign_in(request) if self.is_good(token) else self.refuse(request)

    def is_good(self, token: str) -> bool:
        return is_link_token(token, link_purpose(self.pending), self.pending.email)

    def refuse(self, request: HttpRequest) -> HttpResponse:
        messages.warning(
            request, _("This link has expired. Request a new email here; your comment is saved.")
        )
        return redirect(self.pending)


class PendingCommentCodeView(PendingCommentView):
    """POST: email a new code."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        try:
            mail_code(self.pending, Submission.of(request))
        except PendingComment.DoesNotExist:
            raise Http404 from None
        except TooFast as error:
            page = self.show_code_page(request, CodeForm(), refusal=too_many_codes_message(error))
            return retry_later(page, error)
        messages.success(request, _("We’ve sent a new code. Older ones no longer work."))
        return redirect(self.pending)


class PendingCommentSignInView(PendingCommentView):
    """POST: continue to another way of signing in, after which the comment is posted."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        remember_to_publish(request, self.pending)
        return sign_in_first(self.pending.get_absolute_url())


class PendingCommentEditView(PendingCommentView):
    """The visitor's form with the text. Sending it replaces the pending comment."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        parent = self.parent
        form = VisitorForm(post=self.pending.post, parent=parent, initial=as_initial(self.pending))
        return render(
            request, "comments/comment_form.html", {"form": form, "post": self.pending.post, "parent": parent}
        )


class PendingCommentDeleteView(PendingCommentView):
    """POST: discard the pending comment."""

    is_for_members = True

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        discard_pending(self.pending.pk)
        messages.success(request, _("Discarded."))
        return mark_draft_arrived(
            redirect(f"{self.pending.post.get_absolute_url()}#talk"), self.pending.draft
        )
