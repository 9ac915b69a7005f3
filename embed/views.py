"""The discussion of a post in a frame on another site, and the script that inserts it."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from accounts.models import User
from comments.forms.comment import CommentForm
from comments.forms.guest import VisitorForm
from comments.forms.pending import HIDDEN_FIELD, is_from_a_bot, mail_code, read_key, save_pending
from comments.models import Comment, PendingComment
from comments.models.submission import Submission
from comments.services.discussion import rules_of, will_be_held
from comments.services.notices import too_many_links_message
from comments.thread.pagination import read_number
from core.utils.ratelimit import TooFast
from core.web.csrf import EVERYBODY
from core.web.kept_text import kept_text
from core.web.responses import retry_later
from embed import services
from embed.confirming import confirm
from notifications.services.preview import Line, read_draft
from posts.models import Post

SCRIPT = Path(settings.BASE_DIR) / "static/js/embed.js"


class EmbedScriptView(View):
    """/embed.js: a permanent URL, for pages of other sites."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(
            SCRIPT.read_text(encoding="utf-8"),
            content_type="text/javascript; charset=utf-8",
            headers={
                "Cache-Control": "public, max-age=3600",
                "Cross-Origin-Resource-Policy": "cross-origin",
            },
        )


def no_discussion(request: HttpRequest) -> HttpResponse:
    """A page without a discussion, or no longer with one. Returns any typed text."""
    context = kept_text(request, may_send_again=False)
    return render(request, "embed/none.html", context, status=HTTPStatus.NOT_FOUND)


class EmbedByAddressView(View):
    """/embed/?url=: the discussion of a page, by the page's own URL; a sentence if it has none."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not services.allowed_origins():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        post = services.post_at(request.GET.get("url", "")[:2000])
        if post is not None:
            return redirect("embed:thread", post.slug)
        return no_discussion(request)


class EmbedView(View):
    """GET shows comments and a form, `?reply=` one for a reply.

    POST sends a visitor's comment, its code, or more.

    No one is signed in here, whatever cookies are sent; forms are only accepted from this page.
    """

    guarded_by_origin = EVERYBODY
    post_shown: Post

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not services.allowed_origins():
            raise Http404
        post = services.embeddable().filter(slug=kwargs["slug"]).first()
        if post is None:
            return no_discussion(request)
        self.post_shown = post
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        parent = self.comment_named(request.GET.get("reply", ""))
        return self.show(request, VisitorForm(post=self.post_shown, parent=parent), parent=parent)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        if "code" in request.POST or "resend" in request.POST:
            return self.continue_pending(request)
        parent = self.comment_named(request.POST.get("parent", ""))
        writer = services.writer_of(request.POST.get("key", ""))
        if "reply" in request.POST:  # a button beside a comment: the key stays in the page
            parent = self.comment_named(request.POST["reply"]) or parent
            typed = {name: request.POST.get(name, "") for name in ("body", "name", "email")}
            form = self.empty_form(writer, parent=parent, initial=typed)
            return self.show(request, form, parent=parent, writer=writer)
        if writer is not None:
            form = CommentForm(request.POST, post=self.post_shown, author=writer, parent=parent)
            return self.write(request, form, parent, writer)
        form = VisitorForm(request.POST, post=self.post_shown, parent=parent)
        return self.ask_for_code(request, form, parent)

    def write(self, request: HttpRequest, form: CommentForm, parent: Any, writer: Any) -> HttpResponse:
        if form.is_valid():
            try:
                comment = form.save(Submission.of(request))
            except (ValidationError, TooFast) as error:
                self.refuse(form, error)
            else:
                return self.show_posted(request, comment, services.make_key(writer))
        return self.show(request, form, parent=parent, writer=writer, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def ask_for_code(self, request: HttpRequest, form: VisitorForm, parent: Any) -> HttpResponse:
        submission = Submission.of(request)
        if is_from_a_bot(submission):
            form.add_error("body", str(HIDDEN_FIELD))
        if form.is_valid():
            try:
                pending = save_pending(form, submission)
            except TooFast as error:
                form.add_error("email", too_many_links_message(error))
            except ValidationError as error:
                self.refuse(form, error)
            else:
                return render(request, "embed/code.html", self.context(pending=pending))
        return self.show(request, form, parent=parent, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def continue_pending(self, request: HttpRequest) -> HttpResponse:
        fresh = PendingComment.objects.fresh().select_related("post", "comment", "code")
        key = read_key(request.POST.get("pending", ""))
        pending = fresh.filter(pk=key, post=self.post_shown).first() if key else None
        if pending is None:
            return self.show_gone(request)
        if pending.is_sent:  # by this very code, a moment ago
            return self.show_posted(request, pending.comment, "")
        if "resend" in request.POST:
            return self.resend(request, pending)
        try:
            posted = confirm(pending, request.POST.get("code", "")[:20], request)
        except (ValidationError, TooFast) as error:
            sent = PendingComment.objects.filter(pk=pending.pk).exclude(sent_at=None).first()
            if sent is not None:  # by a second click, at the same moment
                return self.show_posted(request, sent.comment, "")
            context = self.context(pending=pending, error=words_of(error))
            return render(request, "embed/code.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.show_posted(request, posted.comment, posted.key)

    def resend(self, request: HttpRequest, pending: PendingComment) -> HttpResponse:
        try:
            mail_code(pending, Submission.of(request))
        except PendingComment.DoesNotExist:
            return self.show_gone(request)
        except TooFast as error:
            context = self.context(pending=pending, error=too_many_links_message(error))
            return retry_later(render(request, "embed/code.html", context), error)
        message = _("We’ve sent a new code. Older ones no longer work.")
        return render(request, "embed/code.html", self.context(pending=pending, said=message))

    def show_gone(self, request: HttpRequest) -> HttpResponse:
        """The comment no longer waits for a code, as after some days: its text is in the form again."""
        typed = {"body": request.POST.get("body", "")}
        message = _("It was deleted in the meantime, so nothing was saved.")
        form = self.empty_form(None, initial=typed)
        return self.show(request, form, said=message, status=HTTPStatus.NOT_FOUND)

    def show_posted(self, request: HttpRequest, comment: Comment | None, key: str) -> HttpResponse:
        message = _("Your comment was posted.")
        if comment is not None and comment.is_held:
            message = _(
                "Your comment is awaiting review. Until it’s approved, only you and the moderators can see it."
            )
        writer = services.writer_of(key)
        return self.show(request, self.empty_form(writer), writer=writer, said=message)

    def comment_named(self, number: str) -> Comment | None:
        found = Comment.objects.for_post(self.post_shown).public().select_related("author")
        return found.filter(pk=read_number(number)).first()

    def empty_form(self, writer: User | None, **more: Any) -> CommentForm:
        if writer is None:
            return VisitorForm(post=self.post_shown, **more)
        return CommentForm(post=self.post_shown, author=writer, **more)

    def refuse(self, form: CommentForm, error: ValidationError | TooFast) -> None:
        form.add_error("body", words_of(error))

    def context(self, **more: Any) -> dict[str, Any]:
        return {"post": self.post_shown} | more

    def show(
        self,
        request: HttpRequest,
        form: CommentForm,
        *,
        status: int = HTTPStatus.OK,
        writer: Any = None,
        **more: Any,
    ) -> HttpResponse:
        context = self.context(
            form=form,
            writer=writer,
            line=self.line_for(writer, form, more.get("parent")),
            is_member=writer is not None,
            waits=writer is not None and will_be_held(self.post_shown, writer),
            key=services.make_key(writer) if writer else "",
            comments=services.comments_of(self.post_shown),
            rules=rules_of(self.post_shown),
            **more,
        )
        return render(request, "embed/thread.html", context, status=status)

    def line_for(self, writer: User | None, form: CommentForm, parent: Comment | None) -> Line | None:
        """Who will be notified. As on the site, visitors see it after they have confirmed their address."""
        if writer is None:
            return None
        body = str(form["body"].value() or "")
        draft = read_draft(
            self.post_shown, writer, body=body, parent=str(parent.pk if parent else ""), also=[]
        )
        return Line.of(draft, counts_all=True)


def words_of(error: ValidationError | TooFast) -> str:
    if isinstance(error, TooFast):
        return _(
            "You’ve posted a lot recently, so your comment hasn’t been posted yet. Your text is below; try again in a minute."
        )
    return " ".join(error.messages)
