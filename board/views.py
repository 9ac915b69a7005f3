"""The board, and the page of its cards with their threads."""

from typing import Any

from django.http import Http404
from django.views.generic import TemplateView

from board.models import Board
from board.services import wall_for
from comments.thread.pagination import read_number
from comments.views.thread import PostThreadView
from posts.models import Post


class WallView(TemplateView):
    """The cards, newest first. `?before=`: older ones than that card."""

    template_name = "board/wall.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        board = Board.current()
        if board is None:  # the part was switched on before there was a host
            raise Http404
        before = read_number(self.request.GET.get("before", ""))
        wall = wall_for(board, self.request.user, before or None)
        return super().get_context_data(**kwargs) | {"board": board, "wall": wall, "is_first": not before}


class CardsView(PostThreadView):
    """All cards with their threads, and the form for a new one."""

    template_name = "board/cards.html"
    post_kind = Post.Kind.BOARD

    def structured_data(self) -> list[dict[str, Any]]:
        return []
