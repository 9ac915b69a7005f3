"""Objects built from columns equal those that Django builds."""

import pytest
from django.db import models
from django.db.models.signals import post_init, pre_init
from mptt.models import MPTTModel

from accounts.models import User
from comments.models import Comment
from core.models.rows import RowConstructorMixin
from posts.models import Page, Post
from tests.factories import make_member, put_comment

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
MODELS = [User, Comment, Post, Page]


def test_nobody_takes_part_when_a_row_is_made():
    heard = [one for one in MODELS if pre_init.has_listeners(one) or post_init.has_listeners(one)]
    assert heard == []
    inits = {base.__init__ for model in MODELS for base in model.__mro__ if "__init__" in vars(base)}
    # Page.__init__ sets the kind of a new page; what MPTTModel.__init__ does is in Comment.from_db.
    assert inits == {models.Model.__init__, MPTTModel.__init__, Page.__init__, object.__init__}


@pytest.mark.parametrize("narrowed", ["all", "deferred", "related"])
def test_a_row_is_the_one_that_django_makes(post, monkeypatch, narrowed):
    put_comment(parent=put_comment(post, make_member("ada", tagline="Bakes.")))

    def rows() -> list:
        found: list = []
        for model, columns in ((User, ["tagline", "avatar"]), (Comment, ["body", "parent"]), (Post, ["body", "cover"])):  # fmt: skip
            some = model.objects.order_by("pk")
            found += some.defer(*columns) if narrowed == "deferred" else some
        if narrowed == "related":
            found = [
                *Comment.objects.select_related("author", "post__author", "parent__author").order_by("pk")
            ]
        return found

    def seen(row) -> dict:
        held = {**vars(row), "_state": (row._state.adding, row._state.db, type(row._state))}
        related = {name: seen(one) for name, one in row._state.fields_cache.items() if one is not None}
        return held | {"related": related, "deferred": row.get_deferred_fields()}

    ours = [seen(row) for row in rows()]
    monkeypatch.delattr(RowConstructorMixin, "from_db")
    monkeypatch.delattr(Comment, "from_db")
    assert ours == [seen(row) for row in rows()]
    assert len(ours) >= 2
