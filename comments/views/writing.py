"""Views of the form: posting a comment, and requests while it is written."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views import View

from accounts.models import User
from comments.forms.comment import CommentForm
from comments.forms.guest import VisitorForm
from comments.forms.images import with_pictures
from comments.forms.pending import (
    HIDDEN_FIELD,
    discard_pending,
    is_from_a_bot,
    link_left_out,
    read_key,
    remember,
    save_pending,
)
from comments.models import Comment
from comments.models.submission import Submission
from comments.services.discussion import set_rules
from comments.services.drafts import acknowledge, keep_text, mark_just_posted
from comments.services.hints import hints_for
from comments.services.images import add_picture, picture_markdown
from comments.services.mentions import suggest_names
from comments.services.notices import too_many_codes_message
from comments.services.parents import parent_under
from comments.thread.pagination import read_number
from comments.views.access import get_visible_comment, sign_in_first, url_for
from comments.views.results import add_link_left_out_message, add_result_message, refuse
from core.markup.safe import trusted
from core.markup.videos import may_play_videos
from core.utils.htmx import is_htmx
from core.utils.ratelimit import TooFast, check_hits
from core.web.csrf import VISITORS
from core.web.responses import retry_later
from posts.models import Post


def wants_to_write_first(request: HttpRequest) -> bool:
    """Whether a visitor gives name and address instead of signing in."""
    return "sign_in" not in request.POST and any(
        request.POST.get(name, "").strip() for name in ("name", "email")
    )


@may_play_videos
class CommentCreateView(View):
    """POST a comment on a post.

    Signed out, with a name and an address: the comment waits for the emailed code (comments/views/guests.py).
    Without them, or with the button "sign_in", it is stored in the session while its author signs in.
    """

    guarded_by_origin = VISITORS

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return redirect(f"{resolve_url('posts:post-detail', slug)}#talk")

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        parent = self.get_parent(slug)
        post = (
            parent.post
            if parent
            else get_object_or_404(Post.objects.readable_by(request.user).with_author(), slug=slug)
        )
        if "preview" in request.POST:
            return self.preview(request, post, parent)
        if "discard" in request.POST:
            discard_pending(read_key(request.POST.get("pending", "")))
            return acknowledge(request, redirect(f"{post.get_absolute_url()}#talk"))
        if not request.user.is_authenticated:
            if is_from_a_bot(Submission.of(request)):
                return self.refuse_visitor(request, post, parent, str(HIDDEN_FIELD))
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
        add_result_message(request, comment, was_added=bool(form.cleaned_data["add_to"]))
        add_link_left_out_message(request, left_out)
        return mark_just_posted(acknowledge(request, redirect(url_for(request, comment))))

    def get_hints(self, form: CommentForm, author: User) -> list[str]:
        """Hints before a comment is posted. None if text is added to a comment, or it waited for a code."""
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
            form.add_error("email", too_many_codes_message(error))
            return retry_later(self.answer(request, form, post, parent), error)
        remember(request, pending)
        return redirect(pending)

    def refuse_visitor(
        self, request: HttpRequest, post: Post, parent: Comment | None, error: str | TooFast
    ) -> HttpResponse:
        """The visitor's form with the text; nothing is stored. Name and address are not required yet."""
        form = VisitorForm(request.POST, post=post, parent=parent, is_preview=True)
        form.is_valid()
        return self.refuse(request, form, post, parent, error)

    def refuse(
        self,
        request: HttpRequest,
        form: CommentForm,
        post: Post,
        parent: Comment | None,
        error: str | ValidationError | TooFast,
    ) -> HttpResponse:
        """The form with the reason.

        If only the rate limit is exceeded, offer to add the text to the last comment.
        """
        is_too_fast = isinstance(error, TooFast)
        status = refuse(form, error)
        response = self.answer(request, form, post, parent, status, is_too_fast=is_too_fast)
        return retry_later(response, error) if isinstance(error, TooFast) else response

    def get_parent(self, slug: str) -> Comment | None:
        """The public comment on this post that is replied to, with the post."""
        pk = read_number(self.request.POST.get("parent", ""))
        if not pk:
            return None
        parent = parent_under(slug, pk)
        if parent is None or not parent.post.is_readable_by(self.request.user):
            return None
        set_rules(parent, parent.post)
        return parent

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
        status: HTTPStatus = HTTPStatus.OK,
        **more: Any,
    ) -> HttpResponse:
        return render(
            request,
            "comments/comment_form.html",
            {"form": form, "post": post, "parent": parent} | more,
            status=status,
        )


class CommentReplyView(View):
    """The reply form of a comment: an HTML fragment for htmx, otherwise a redirect to the post's page."""

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
    """Suggestions of names after "@": an HTML fragment for static/js/mentions.js, for members only.

    Parameters: `q` (what was typed), `post` (the number of the post where they write), `slug` (its slug, if
    it is unlisted) and `parent` (the comment they reply to).
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            raise PermissionDenied(_("Sign in to look up names."))
        try:
            check_hits("names", request.user.pk, settings.NAMES_RATES)
        except TooFast as error:
            return retry_later(HttpResponse(), error)
        posts = Post.objects.reached_by(request.user, request.GET.get("slug", ""))
        post = posts.filter(pk=read_number(request.GET.get("post", ""))).first()
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


class PictureCreateView(View):
    """POST a picture (`picture`, and `alt`) before its comment.

    Responds with the Markdown that shows it and its URL, or with the reason for refusing it.
    """

    def post(self, request: HttpRequest) -> JsonResponse:
        if not request.user.is_authenticated:
            return self.refuse(_("Sign in to add pictures."), HTTPStatus.FORBIDDEN)
        upload = request.FILES.get("picture")
        if upload is None:
            return self.refuse(_("Choose a picture."))
        try:
            picture = add_picture(upload, by=request.user, alt=request.POST.get("alt", ""))
        except ValidationError as error:
            return self.refuse(error.messages[0])
        except TooFast as error:
            why = _("You’ve added many pictures in a short time. Try again later.")
            return retry_later(self.refuse(why), error)
        return JsonResponse(
            {"line": picture_markdown(picture), "src": picture.file.url}, status=HTTPStatus.CREATED
        )

    def refuse(self, why: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> JsonResponse:
        return JsonResponse({"error": why}, status=status)
