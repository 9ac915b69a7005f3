from django.urls import path, register_converter

from memorials.models import ENDING
from memorials.views.book import BookFileView, BookPrintView, BookView
from memorials.views.keeping import (
    CustodianView,
    MemorialEditView,
    MemorialKeepView,
    MemorialProposeView,
    PictureView,
    RecordingView,
)
from memorials.views.reading import MemorialDetailView, MemorialListView, TellView, WordsView


class MemorialSlugConverter:
    """Converts between the username in the URL and the slug of the memorial's post, which has an ending."""

    regex = "[-a-zA-Z0-9_]+"

    def to_python(self, value: str) -> str:
        return f"{value.lower()}{ENDING}"

    def to_url(self, value: str) -> str:
        if not value.endswith(ENDING):
            raise ValueError(value)
        return value.removesuffix(ENDING)


register_converter(MemorialSlugConverter, "memorial_slug")

app_name = "memorials"

urlpatterns = [
    path("memorials/", MemorialListView.as_view(), name="memorial-list"),
    path("memorials/new/", MemorialProposeView.as_view(), name="memorial-propose"),
    path("members/me/custodian/", CustodianView.as_view(), name="custodian"),
    path("members/<memorial_slug:slug>/memorial/", MemorialDetailView.as_view(), name="memorial-detail"),
    path("members/<slug:username>/memorial/keep/", MemorialKeepView.as_view(), name="memorial-keep"),
    path("members/<slug:username>/memorial/edit/", MemorialEditView.as_view(), name="memorial-edit"),
    path("members/<slug:username>/memorial/pictures/", PictureView.as_view(), name="pictures"),
    path("members/<slug:username>/memorial/recording/", RecordingView.as_view(), name="recording"),
    path("members/<slug:username>/memorial/words/", WordsView.as_view(), name="words"),
    path("members/<slug:username>/memorial/tell/", TellView.as_view(), name="tell"),
    path("members/<slug:username>/memorial/book/", BookView.as_view(), name="book"),
    path("members/<slug:username>/memorial/book/file/", BookFileView.as_view(), name="book-file"),
    path("members/<slug:username>/memorial/book/print/", BookPrintView.as_view(), name="book-print"),
]
