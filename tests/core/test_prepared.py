"""Prepared queries give what the ORM gives, and compile once."""

from datetime import timedelta

import pytest
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from comments.models import Comment
from core.prepared import A_MOMENT, A_NUMBER, A_WORD, NUMBERS, WORDS, Prepared
from tests.factories import make_comment, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def talk(post):
    """A question of ada's and two answers."""
    question = make_comment(post, author=make_member("ada"), body="100 % rye?")
    answers = [make_comment(parent=question, author=make_member(name)) for name in ("bob", "cy")]
    return [question, *answers]


def test_a_row_comes_with_its_relations_and_annotations(talk, django_assert_num_queries):
    question, _answer, last = talk
    with_answers = Prepared(
        lambda pk, slug: (
            Comment.objects.select_related("author", "post__author")
            .annotate(
                answers=Count("children"), has_some=Exists(Comment.objects.filter(parent=OuterRef("pk")))
            )
            .filter(pk=pk, post__slug=slug)
        ),
        pk=A_NUMBER,
        slug=A_WORD,
    )
    with django_assert_num_queries(2):
        found = with_answers.first(pk=question.pk, slug=question.post.slug)
        said = (found.body, found.author.username, found.post.author.username, found.answers, found.has_some)
        none = with_answers.first(pk=last.pk, slug="elsewhere")
    assert said == ("100 % rye?", "ada", question.post.author.username, 2, True)
    assert none is None
    assert found.created_at == question.created_at


def test_a_relation_that_is_empty_is_none(talk):
    parents = Prepared(lambda pk: Comment.objects.select_related("parent__author").filter(pk=pk), pk=A_NUMBER)
    assert parents.first(pk=talk[0].pk).parent is None
    assert parents.first(pk=talk[1].pk).parent.author.username == "ada"


def test_lists_of_any_length_take_a_few_statements(talk):
    made = []

    def among(keys: list[int], names: list[str], since) -> QuerySet[Comment]:
        made.append((len(keys), len(names)))
        rows = Comment.objects.filter(pk__in=keys, author__username__in=names, created_at__gt=since)
        return rows.order_by("pk").values_list("author__username", "created_at")

    prepared = Prepared(among, keys=NUMBERS, names=WORDS, since=A_MOMENT)
    keys, since = [comment.pk for comment in talk], timezone.now() - timedelta(hours=1)
    names = ["ada", "bob", "cy", "dora", "eve"]
    counts = [
        [len(prepared.rows(keys=keys[:most], names=names[:few], since=since)) for most in range(4)]
        for few in (0, 1, 5)
    ]
    assert counts == [[0, 0, 0, 0], [0, 1, 1, 1], [0, 1, 2, 3]]
    assert made == [(4, 4), (4, 8)]
    assert prepared.rows(keys=keys, names=names, since=since) == [
        (comment.author.username, comment.created_at) for comment in talk
    ]


def test_numbers_of_several_names_are_not_confused(talk):
    between = Prepared(
        lambda first, last: Comment.objects.filter(pk__gte=first, pk__lte=last).order_by("pk"),
        first=A_NUMBER,
        last=A_NUMBER,
    )
    assert between.all(first=talk[1].pk, last=talk[2].pk) == talk[1:]
    assert between.all(first=talk[2].pk, last=talk[1].pk) == []


def test_a_percent_sign_in_the_statement_stays_one(talk):
    shares = Prepared(lambda: Comment.objects.extra(where=["body LIKE '%%rye%%'"]).order_by("pk"))
    assert shares.all() == talk[:1]
