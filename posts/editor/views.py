"""JSON views for the editor's scripts: uploads, library, external pictures and cards, autosave."""

import json
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accounts.views.access import MemberRequest
from core.markup.posts import clean_post_html, host_markdown
from core.markup.videos import video_at
from core.utils.dates import date_format
from core.utils.ratelimit import TooFast, check_hits
from core.web.responses import retry_later
from posts.editor.autosave import BODY_CHARACTERS, Conflict, Unsaved, autosave, content_version, forget
from posts.editor.foreign import fetch_picture, read_card
from posts.editor.uploads import add_upload
from posts.models import Post
from posts.models.editing import Autosave, Upload

PAGE = 24
MARKDOWN_CHARACTERS = 200_000
# Requests to other sites by one host.
FETCH_RATES = [(30, 60), (300, 3600)]


class EditorView(View):
    """A view for users who may write posts. Errors are JSON: {"error": a sentence}."""

    request: MemberRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if not (user.has_perm("posts.add_post") or user.has_perm("posts.change_post")):
            raise PermissionDenied
        try:
            return super().dispatch(request, *args, **kwargs)
        except ValidationError as error:
            return refuse(error.messages[0])
        except TooFast as error:
            return retry_later(
                refuse(_("You’ve added many pictures in a short time. Try again later.")), error
            )


def refuse(why: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> JsonResponse:
    return JsonResponse({"error": why}, status=status)


class UploadsView(EditorView):
    """GET: the library (`q` to search, `page` from 1). POST: one `file` (and `alt`)."""

    def get(self, request: MemberRequest) -> JsonResponse:
        number = request.GET.get("page", "1")
        page = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 1
        found = Upload.objects.in_library().matching(request.GET.get("q", "")[:200])
        if (kind := request.GET.get("kind", "")) in Upload.Kind.values:
            found = found.filter(kind=kind)
        start = max(0, page - 1) * PAGE
        rows = [*found[start : start + PAGE + 1]]
        return JsonResponse({"uploads": [row.as_json() for row in rows[:PAGE]], "more": len(rows) > PAGE})

    def post(self, request: MemberRequest) -> JsonResponse:
        file = request.FILES.get("file")
        if file is None:
            return refuse(_("Choose a file."))
        upload = add_upload(file, by=request.user, alt=request.POST.get("alt", ""))
        return JsonResponse(upload.as_json(), status=HTTPStatus.CREATED)


class FetchPictureView(EditorView):
    """POST `url`: store the picture at that URL."""

    def post(self, request: MemberRequest) -> JsonResponse:
        url = _address(request)
        check_hits("editor-fetch", request.user.pk, FETCH_RATES)
        return JsonResponse(fetch_picture(url, by=request.user).as_json(), status=HTTPStatus.CREATED)


class CardView(EditorView):
    """POST `url`: the content of a card for that page. For a video, also the site it plays on."""

    def post(self, request: MemberRequest) -> JsonResponse:
        url = _address(request)
        video = video_at(url)
        check_hits("editor-fetch", request.user.pk, FETCH_RATES)
        try:
            card = read_card(url, by=request.user)
        except ValidationError:
            if video is None:
                raise
            return JsonResponse({"url": url, "title": "", "video": video.site_name})
        return JsonResponse(
            {
                "url": url,
                "title": card.title,
                "description": card.description,
                "site": card.site,
                "picture": card.picture.as_json() if card.picture else None,
                "video": video.site_name if video else "",
            }
        )


class MarkdownView(EditorView):
    """POST `text`: convert pasted Markdown to the HTML of a post."""

    def post(self, request: MemberRequest) -> JsonResponse:
        text = request.POST.get("text", "")
        if len(text) > MARKDOWN_CHARACTERS:
            raise ValidationError(
                _("This text is too long to be read as Markdown. Paste it in parts."), code="too_long"
            )
        return JsonResponse({"html": clean_post_html(host_markdown(text.replace("\r\n", "\n")))})


def _address(request: HttpRequest) -> str:
    """Raise ValidationError unless it is a web address."""
    url = request.POST.get("url", "").strip()
    if not url.startswith(("http://", "https://")) or len(url) > 2000 or not url.isprintable():
        raise ValidationError(_("Enter a web address that begins with https://."))
    return url


class AutosaveView(EditorView):
    """POST JSON: the text of a window (posts/editor/autosave.py).

    Returns 409 with the other text if another window was faster.
    """

    def post(self, request: MemberRequest, pk: int | None = None) -> JsonResponse:
        post = self.editable_post(request, pk)
        try:
            sent = _unsaved(json.loads(request.body))
        except (ValueError, TypeError, KeyError):
            return refuse(
                _("This page is out of date. Copy your text and reload it."), HTTPStatus.BAD_REQUEST
            )
        if len(sent.body) > BODY_CHARACTERS:
            return refuse(_("The text is too long to be saved. Shorten it, or split it into two posts."))
        try:
            row = autosave(sent, by=request.user, post=post)
        except Conflict as conflict:
            return JsonResponse(other_text(conflict.theirs), status=HTTPStatus.CONFLICT)
        except Post.DoesNotExist:
            raise Http404 from None
        return JsonResponse({"revision": row.revision})

    def editable_post(self, request: HttpRequest, pk: int | None) -> Post | None:
        allowed = "posts.add_post" if pk is None else "posts.change_post"
        if not request.user.has_perm(allowed):
            raise PermissionDenied
        if pk is None:
            return None
        post = get_object_or_404(Post.objects.not_in_trash(), pk=pk)
        if not post.may_be_changed_by(request.user):
            raise PermissionDenied
        return post


class AutosaveDiscardView(AutosaveView):
    """POST `key`: discard the unsaved text."""

    def post(self, request: MemberRequest, pk: int | None = None) -> JsonResponse:
        forget(key=request.POST.get("key", ""), by=request.user, post=self.editable_post(request, pk))
        return JsonResponse({})


def _unsaved(sent: dict[str, Any]) -> Unsaved:
    """Raise KeyError, TypeError or ValueError for invalid input."""
    texts = {name: sent[name] for name in ("key", "window", "saved", "title", "summary", "body")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError
    # Remove what no database can store: NUL and lone surrogates, which JSON may contain.
    texts = {name: text.replace("\0", "").encode("utf-8", "replace").decode() for name, text in texts.items()}
    revision = sent["revision"]
    if not isinstance(revision, int) or not 0 <= revision < 2**31 - 1 or not texts["window"]:
        raise TypeError
    kind = Post.Kind(sent.get("kind", Post.Kind.POST))
    return Unsaved(revision=revision, kind=kind, **texts | {"window": texts["window"][:60]})


def other_text(theirs: Autosave | Post) -> dict[str, Any]:
    """The other text, its author and its time."""
    when = date_format(timezone.localtime(theirs.updated_at), "DATETIME_FORMAT")
    if isinstance(theirs, Post):
        origin = {"revision": 0, "saved": content_version(theirs), "who": ""}
    else:
        origin = {"revision": theirs.revision, "saved": None, "who": theirs.editor.get_display_name()}
    return {
        "title": theirs.title,
        "summary": theirs.summary,
        "body": theirs.body,
        "when": when,
    } | origin
