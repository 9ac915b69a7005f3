"""The book: request it, follow its progress, download it, print it."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views import View

from accounts.services.export import private_storage
from accounts.views.access import MemberRequest
from memorials.models import Book
from memorials.services.book import book_pieces, is_current, permitted, request_book
from memorials.views.access import KeptMemorialMixin
from memorials.views.reading import QUIET


class BookMixin(KeptMemorialMixin):
    """For those who may edit the page, while the memorial is open: there is no book of a living person."""

    def get_book(self) -> Book | None:
        self.check_may_edit()
        if not self.memorial.is_open:
            raise Http404
        return (
            Book.objects.select_related("memorial__member", "memorial__post")
            .filter(pk=self.memorial.pk)
            .first()
        )


class BookView(BookMixin, View):
    """POST: request the book."""

    def get(self, request: MemberRequest, username: str) -> HttpResponse:
        book = self.get_book()
        context: dict[str, Any] = {
            "memorial": self.memorial,
            "book": book,
            "is_current": book is not None and is_current(book),
            "count": permitted(self.memorial).count(),
            **QUIET,
        }
        return render(request, "memorials/book.html", context)

    def post(self, request: MemberRequest, username: str) -> HttpResponse:
        self.get_book()
        request_book(self.memorial, by=request.user)
        return redirect("memorials:book", username)


class BookFileView(BookMixin, View):
    """The file. Its content security policy allows neither scripts nor requests."""

    def get(self, request: MemberRequest, username: str) -> HttpResponseBase:
        book = self.get_book()
        if book is None or not is_current(book):
            messages.info(request, _("Make the book first: something has changed since the last one."))
            return redirect("memorials:book", username)
        try:
            file = private_storage().open(book.file)
        except FileNotFoundError:  # deleted by the sweep a moment ago
            raise Http404 from None
        name = f"{slugify(book.memorial.post.title) or 'book'}.html"
        response = FileResponse(
            file, as_attachment=True, filename=name, content_type="text/html; charset=utf-8"
        )
        response["Cache-Control"] = "private, no-store"
        response["Content-Security-Policy"] = (
            "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; sandbox"
        )
        return response


class BookPrintView(BookMixin, View):
    """The same page on the site, with a print button. Printing can save it as PDF."""

    def get(self, request: MemberRequest, username: str) -> HttpResponseBase:
        self.get_book()
        return HttpResponse("".join(piece for piece, _count in book_pieces(self.memorial)))
