"""Views for posting, editing, deleting and finding comments. Reading a thread is comments/views/thread.py."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.views.access import MemberRequest, MemberRequiredMixin
from accounts.views.security import too_many_requests
from comments.forms.comment import CommentEditForm, CommentForm
from comments.forms.guest import VisitorForm
from comments.forms.images import with_pictures
from comments.forms.pending import (
    discard_pending,
    is_from_a_bot,
    link_left_out,
    read_key,
    remember,
    save_pending,
)
from comments.models import Comment
from comments.models.submission import Submission
from comments.services.discussion import SlowMode
from comments.services.drafts import acknowledge, keep_text, kept_text, say_just_written
from comments.services.hints import hints_for
from comments.services.history import read_history
from comments.services.images import add_picture, markdown_line
from comments.services.mentions import suggest_names
from comments.services.reactions import take_back_thanks, thank
from comments.services.writing import delete_comment
from comments.thread.pagination import Order, read_number, read_order, url_of
from core.markup.safe import trusted
from core.markup.videos import may_play_videos
from core.utils.htmx import is_htmx
from core.utils.ratelimit import TooFast, check_hits
from core.web.csrf import VISITORS
from posts.models import Post

_HIDDEN_FIELD = gettext_lazy(
    "A field that people don’t see was filled in, perhaps by your browser. It’s empty again: post your comment once more."
)


def sign_in_first(path: str) -> HttpResponse:
    return redirect(f"{resolve_url('account_login')}?{urlencode({'next': path})}")


def wants_to_write_first(request: HttpRequest) -> bool:
    """Whether a visitor gives name and address instead of signing in."""
    return "sign_in" not in request.POST and any(
        request.POST.get(name, "").strip() for name in ("name", "email")
    )


def refuse(form: Form, error: ValidationError | TooFast) -> HTTPStatus:
    """Attach a service's refusal to the text field. Returns the matching HTTP status."""
    if isinstance(error, SlowMode):
        form.add_error("body", said_of_slow_mode(error))
        return HTTPStatus.TOO_MANY_REQUESTS
    if isinstance(error, TooFast):
        minutes = -(-error.wait_seconds // 60)
        text = (
            ngettext("You’re posting too fast. Try again in %d second. Your text is saved.", "You’re posting too fast. Try again in %d seconds. Your text is saved.", error.wait_seconds) % error.wait_seconds
            if error.wait_seconds < 120
            else ngettext("You’ve posted a lot. Try again in %d minute. Your text is saved.", "You’ve posted a lot. Try again in %d minutes. Your text is saved.", minutes) % minutes
        )  # fmt: skip
        form.add_error("body", text)
        return HTTPStatus.TOO_MANY_REQUESTS
    form.add_error("body", error)
    return HTTPStatus.UNPROCESSABLE_ENTITY


def said_of_slow_mode(error: SlowMode) -> str:
    every = ngettext(
        "Slow mode is on: each person can post one comment every minute.",
        "Slow mode is on: each person can post one comment every %(count)d minutes.",
        error.minutes,
    ) % {"count": error.minutes}
    minutes = -(-error.wait_seconds // 60)
    wait = ngettext(
        "Try again in %(count)d minute. Your text is saved.",
        "Try again in %(count)d minutes. Your text is saved.",
        minutes,
    ) % {"count": minutes}
    return f"{every} {wait}"


def too_many_emails(error: TooFast) -> str:
    """The message for a visitor when too many emails were sent to an address, or requested by them."""
    minutes = -(-error.wait_seconds // 60)
    return ngettext(
        "We can’t send another email yet: wait %(count)d minute, or sign in. Your text is saved.",
        "We can’t send another email yet: wait %(count)d minutes, or sign in. Your text is saved.",
        minutes,
    ) % {"count": minutes}


def url_for(request: HttpRequest, comment: Comment) -> str:
    """The comment's address for this reader, in their order."""
    return url_of(comment, read_order(getattr(request.user, "thread_order", Order.OLDEST)), request.user)


def said_of_held(comment: Comment) -> str:
    """The immediate message for its author: that it is awaiting review or blocked as spam, and what they can do."""
    if comment.was_turned_away:
        return _(
            "Our spam filter blocked this. Only you and the moderators can see it. You can edit it, or wait for a moderator to review it."
        )
    return _("Your comment is awaiting review. Until it’s approved, only you and the moderators can see it.")


def say_what_became_of(request: HttpRequest, comment: Comment, *, was_added: bool = False) -> None:
    """Tell its author, on the next page, what happened to the comment they have just sent."""
    if comment.is_held:
        messages.warning(request, said_of_held(comment))
    elif comment.is_repeated:
        messages.info(request, _("You’ve already posted this."))
    elif was_added:
        messages.success(request, _("Added to your comment."))
    else:
        messages.success(request, _("Posted."))


def say_link_left_out(request: HttpRequest, link: str) -> None:
    if link:
        messages.info(
            request,
            _("The link %(link)s was not added to your profile. You can add it there yourself.")
            % {"link": link},
        )


def get_visible_comment(request: HttpRequest, pk: int) -> Comment:
    """The comment, or 404 when this reader may not see it, or its post is not published."""
    comments = Comment.objects.visible_to(request.user).select_related("post__author", "author")
    comment = get_object_or_404(comments, pk=pk)
    if not comment.post.is_readable_by(request.user):
        raise Http404
    return comment


@may_play_videos
class CommentCreateView(View):
    """POST a comment under a post.

    Signed out, with a name and an address: the comment waits for the emailed code (comments/views/guests.py).
    Without them, or with the button "sign_in", it waits in the session while its author signs in.
    """

    guarded_by_origin = VISITORS

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return redirect(f"{resolve_url('posts:post-detail', slug)}#talk")

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        parent = self.get_parent(slug)
        readable = Post.objects.readable_by(request.user).with_author()
        post = parent.post if parent else get_object_or_404(readable, slug=slug)
        if "preview" in request.POST:
            return self.preview(request, post, parent)
        if "discard" in request.POST:
            discard_pending(read_key(request.POST.get("pending", "")))
            return acknowledge(request, redirect(f"{post.get_absolute_url()}#talk"))
        if not request.user.is_authenticated:
            if is_from_a_bot(Submission.of(request)):
                return self.refuse_visitor(request, post, parent, str(_HIDDEN_FIELD))
            if wants_to_write_first(request):
                return self.write_first(request, post, parent)
            try:
                keep_text(request, request.path)
            except TooFast as error:
                return self.refuse_visitor(request, post, parent, error)
            return sign_in_first(f"{post.get_absolute_url()}{f'?reply={parent.pk}' if parent else ''}#reply")
        data, refused_pictures = with_pictures(request)
        form = CommentForm(
            data, refused_pictures=refused_pictures, post=post, author=request.user, parent=parent
        )
        if not form.is_valid():
            return self.answer(request, form, post, parent, HTTPStatus.UNPROCESSABLE_ENTITY)
        if "anyway" not in request.POST and (hints := self.get_hints(form, request.user)):
            return self.answer(request, form, post, parent, HTTPStatus.UNPROCESSABLE_ENTITY, hints=hints)
        left_out = link_left_out(form.cleaned_data["pending"], request.user)
        try:
            comment = form.save(Submission.of(request))
        except (ValidationError, TooFast) as error:
            return self.refuse(request, form, post, parent, error)
        say_what_became_of(request, comment, was_added=bool(form.cleaned_data["add_to"]))
        say_link_left_out(request, left_out)
        return say_just_written(acknowledge(request, redirect(url_for(request, comment))))

    def get_hints(self, form: CommentForm, author: User) -> list[str]:
        """What to say before a comment is posted. What is added to one, or waited for a code, is posted without a word."""
        data = form.cleaned_data
        if data["add_to"] or data["pending"]:
            return []
        return hints_for(form.post, author, data["body"], data["parent"])

    def write_first(self, request: HttpRequest, post: Post, parent: Comment | None) -> HttpResponse:
        """A visitor's comment with name and address: continue on the page that asks for the code."""
        form = VisitorForm(request.POST, post=post, parent=parent)
        if not form.is_valid():
            return self.answer(request, form, post, parent, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            pending = save_pending(form, Submission.of(request))
        except ValidationError as error:
            return self.refuse(request, form, post, parent, error)
        except TooFast as error:
            form.add_error("email", too_many_emails(error))
            response = self.answer(request, form, post, parent, HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(error.wait_seconds)
            return response
        remember(request, pending)
        return redirect(pending)

    def refuse_visitor(
        self, request: HttpRequest, post: Post, parent: Comment | None, error: str | TooFast
    ) -> HttpResponse:
        """The visitor's form with the text in it, nothing is stored. Name and address are not required yet."""
        form = VisitorForm(request.POST, post=post, parent=parent, is_preview=True)
        form.is_valid()
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if isinstance(error, TooFast):
            status = refuse(form, error)
        else:
            form.add_error("body", error)
        response = self.answer(request, form, post, parent, status)
        if isinstance(error, TooFast):
            response["Retry-After"] = str(error.wait_seconds)
        return response

    def refuse(
        self,
        request: HttpRequest,
        form: CommentForm,
        post: Post,
        parent: Comment | None,
        error: ValidationError | TooFast,
    ) -> HttpResponse:
        """The form with the reason. If only the rate limit is exceeded, adding the text to the last comment is offered."""
        response = self.answer(
            request, form, post, parent, refuse(form, error), is_too_fast=isinstance(error, TooFast)
        )
        if isinstance(error, TooFast):
            response["Retry-After"] = str(error.wait_seconds)
        return response

    def get_parent(self, slug: str) -> Comment | None:
        """The public comment under this post that is replied to, with the post."""
        pk = read_number(self.request.POST.get("parent", ""))
        if not pk:
            return None
        comments = Comment.objects.public().select_related("author", "post__author")
        parent = comments.filter(pk=pk, post__slug=slug).first()
        return parent if parent is not None and parent.post.is_readable_by(self.request.user) else None

    def preview(self, request: HttpRequest, post: Post, parent: Comment | None) -> HttpResponse:
        """The preview, by the same renderer as the comment. Nothing is stored except uploaded pictures."""
        if request.user.is_authenticated:
            data, refused_pictures = with_pictures(request)
            form = CommentForm(data, refused_pictures=refused_pictures, post=post, parent=parent)
        else:
            form = VisitorForm(request.POST, post=post, parent=parent, is_preview=True)
        preview = self.draw(request, form.cleaned_data["body"]) if form.is_valid() else ""
        if is_htmx(request):
            return render(request, "comments/_preview.html", {"form": form, "preview": preview})
        return self.answer(
            request,
            form,
            post,
            parent,
            HTTPStatus.OK if form.is_valid() else HTTPStatus.UNPROCESSABLE_ENTITY,
            preview=preview,
        )

    def draw(self, request: HttpRequest, body: str) -> SafeString:
        comment = Comment(author=request.user if request.user.is_authenticated else None)
        comment.set_body(body)
        return trusted(comment.html)

    def answer(
        self,
        request: HttpRequest,
        form: CommentForm,
        post: Post,
        parent: Comment | None,
        status: HTTPStatus,
        **more: Any,
    ) -> HttpResponse:
        return render(
            request,
            "comments/comment_form.html",
            {"form": form, "post": post, "parent": parent} | more,
            status=status,
        )


class CommentReplyView(View):
    """The reply form of a comment: an HTML fragment for htmx, otherwise on the post's page."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        if not is_htmx(request):
            page, _hash, _anchor = url_for(request, comment).partition("#")
            return redirect(f"{page}{'&' if '?' in page else '?'}reply={comment.pk}#reply")
        is_member = request.user.is_authenticated
        form = (CommentForm if is_member else VisitorForm)(post=comment.post, parent=comment)
        return render(
            request,
            "comments/_comment_form.html" if is_member else "comments/_visitor_form.html",
            {"form": form, "post": comment.post, "parent": comment, "autofocus": True},
        )


class MemberNamesView(View):
    """Suggestions for what is typed after an "@": an HTML fragment for static/js/mentions.js, for members only.

    Reads `q` (the letters), `post` (where they write) and `parent` (the comment they reply to).
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            raise PermissionDenied(_("Sign in to look up names."))
        try:
            check_hits("names", request.user.pk, settings.NAMES_RATES)
        except TooFast as error:
            return HttpResponse(
                status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(error.wait_seconds)}
            )
        post = (
            Post.objects.readable_by(request.user).filter(pk=read_number(request.GET.get("post", ""))).first()
        )
        parent = (
            Comment.objects.for_post(post)
            .public()
            .filter(pk=read_number(request.GET.get("parent", "")))
            .first()
            if post
            else None
        )
        members = suggest_names(
            request.GET.get("q", "").strip()[:60], writer=request.user, post=post, parent=parent
        )
        return render(request, "comments/_names.html", {"members": members})


class CommentDetailView(View):
    """The permalink: redirects to the page and position of the comment, visitors of a members' post to the sign-in."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.is_authenticated:
            comments = Comment.objects.public().on_published_posts()
            if comments.filter(pk=pk, post__visibility=Post.Visibility.MEMBERS).exists():
                return redirect_to_login(request.get_full_path())
        return redirect(url_for(request, get_visible_comment(request, pk)))


class OwnCommentMixin:
    """For pages that only the author of a comment may use."""

    refusal = ""

    def get_own_comment(self, request: HttpRequest, pk: int) -> Comment:
        comment = get_visible_comment(request, pk)
        if not comment.is_editable_by(request.user):
            raise PermissionDenied(self.refusal)
        return comment


@may_play_videos
class CommentEditView(OwnCommentMixin, View):
    request: MemberRequest
    refusal = _("Only the author can edit a comment.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if request.method == "POST":
                try:
                    keep_text(request, request.path)
                except TooFast as error:
                    return too_many_requests(request, wait_seconds=error.wait_seconds)
            return sign_in_first(request.path)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = self.get_own_comment(request, pk)
        kept = kept_text(request, request.path)
        form = CommentEditForm(
            comment=comment, author=request.user, initial={"body": kept["body"]} if kept else {}
        )
        return self.answer(request, form, comment)

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = self.get_own_comment(request, pk)
        data, refused_pictures = with_pictures(request)
        form = CommentEditForm(data, refused_pictures=refused_pictures, comment=comment, author=request.user)
        if not form.is_valid():
            return self.answer(request, form, comment, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if "preview" in request.POST:
            draft = Comment(pk=comment.pk, author=request.user)
            draft.set_body(form.cleaned_data["body"])
            preview = trusted(draft.html)
            if is_htmx(request):
                return render(request, "comments/_preview.html", {"form": form, "preview": preview})
            return self.answer(request, form, comment, preview=preview)
        try:
            comment = form.save()
        except (ValidationError, TooFast) as error:
            return self.answer(request, form, comment, status=refuse(form, error))
        if comment.is_held:
            messages.warning(
                request,
                _(
                    "Saved. Your changes are awaiting review; until then only you and the moderators can see this comment."
                ),
            )
        else:
            messages.success(request, _("Saved."))
        return acknowledge(request, redirect(url_for(request, comment)))

    def answer(
        self,
        request: HttpRequest,
        form: CommentEditForm,
        comment: Comment,
        preview: str = "",
        status: HTTPStatus = HTTPStatus.OK,
    ) -> HttpResponse:
        context = {
            "form": form,
            "comment": comment,
            "preview": preview,
            "edit_window_minutes": settings.COMMENT_EDIT_WINDOW_MINUTES,
        }
        return render(request, "comments/comment_edit.html", context, status=status)


class CommentDeleteView(MemberRequiredMixin, OwnCommentMixin, View):
    """GET asks for confirmation, POST deletes."""

    refusal = _("Only the author can delete a comment.")

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = self.get_own_comment(request, pk)
        return render(
            request,
            "comments/comment_confirm_delete.html",
            {"comment": comment, "has_replies": not comment.is_leaf_node()},
        )

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = self.get_own_comment(request, pk)
        if delete_comment(comment, by=request.user):
            messages.success(request, _("Comment deleted. Replies to it stay."))
        return redirect(f"{comment.post.get_absolute_url()}#talk")


@may_play_videos
class CommentHistoryView(View):
    """The edit history. Edits of the first minutes, and removed text, are for moderators only."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        is_moderator = request.user.is_authenticated and request.user.is_moderator
        key = read_number(request.GET.get("before", ""))
        history = read_history(comment, with_unmarked=is_moderator, key=key)
        return render(
            request,
            "comments/comment_history.html",
            {"comment": comment, "history": history, "is_newest": not key},
        )


class CommentThanksView(View):
    """POST thanks=1 to thank, thanks=0 to undo it; without a value it thanks. Sent twice, it is the same as once."""

    guarded_by_origin = VISITORS

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        if not request.user.is_authenticated:
            to_sign_in = sign_in_first(comment.get_absolute_url())
            return HttpResponseClientRedirect(to_sign_in["Location"]) if is_htmx(request) else to_sign_in
        is_thanked = request.POST.get("thanks") != "0"
        try:
            (thank if is_thanked else take_back_thanks)(comment, by=request.user)
        except TooFast as error:
            return too_many_requests(request, wait_seconds=error.wait_seconds)
        if not is_htmx(request):
            return redirect(url_for(request, comment))
        comment.refresh_from_db(fields=["thanks_count"])
        context = {
            "comment": comment,
            "name": comment.author_name,
            "thanks": comment.thanks_count,
            "is_thanked": is_thanked,
        }
        return render(request, "comments/_thanks.html", context)


class PictureCreateView(View):
    """POST one picture (`picture`, and `alt`) before the comment it is for. Responds with the Markdown line that shows it and its address, or with the reason why not."""

    def post(self, request: HttpRequest) -> JsonResponse:
        if not request.user.is_authenticated:
            return self.refuse(_("Sign in to add pictures."), HTTPStatus.FORBIDDEN)
        upload = request.FILES.get("picture")
        if upload is None:
            return self.refuse(_("Choose a picture."), HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            picture = add_picture(upload, by=request.user, alt=request.POST.get("alt", ""))
        except ValidationError as error:
            return self.refuse(error.messages[0], HTTPStatus.UNPROCESSABLE_ENTITY)
        except TooFast as error:
            response = self.refuse(
                _("You’ve added many pictures in a short time. Try again later."),
                HTTPStatus.TOO_MANY_REQUESTS,
            )
            response["Retry-After"] = str(error.wait_seconds)
            return response
        return JsonResponse(
            {"line": markdown_line(picture), "src": picture.file.url}, status=HTTPStatus.CREATED
        )

    def refuse(self, why: str, status: HTTPStatus) -> JsonResponse:
        return JsonResponse({"error": why}, status=status)
