"""Prepared queries return what the ORM returns, and are compiled once."""

from datetime import timedelta

import pytest
from django.db import NotSupportedError, connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.prepared import A_MOMENT, A_NUMBER, A_WORD, NUMBERS, WORDS, Prepared, PreparedInsert, setting
from moderation.models import Assessment
from tests.factories import make_comment, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def talk(post):
    """A question by ada and two answers."""
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


def test_a_value_may_stand_in_several_places(talk):
    like = Prepared(
        lambda words, pk: (
            Comment.objects.extra(where=["body LIKE '%%rye%%'"])
            .filter(Q(body=words) | Q(guest_name=words), pk__lte=pk, parent=None)
            .annotate(said=Value(words), is_last=Q(pk=pk))
        ),
        words=A_WORD,
        pk=A_NUMBER,
    )
    found = like.first(words="100 % rye?", pk=talk[0].pk)
    assert (found.pk, found.said, found.is_last) == (talk[0].pk, "100 % rye?", True)
    assert like.first(words="%s $1 %(pk)s", pk=talk[0].pk) is None


def test_rows_are_changed_by_a_prepared_statement(talk):
    tops = Prepared(
        lambda post, name: setting(
            Comment.objects.filter(post=post, parent=None),
            guest_name=name,
            thanks_count=F("thanks_count") + 2,
        ),
        post=A_NUMBER,
        name=A_WORD,
    )
    for name in ("Ann", "Bea"):
        tops.execute(post=talk[0].post_id, name=name)
    changed = Comment.objects.order_by("pk").values_list("guest_name", "thanks_count")
    assert list(changed) == [("Bea", 4), ("", 0), ("", 0)]


def test_rows_are_stored_by_one_statement_as_the_orm_stores_them(talk, django_assert_num_queries):
    values = {
        "score": 0.25,
        "outcome": "hold",
        "reasons": [{"code": "phone", "marks": ["“1 %”"]}],
        "model_version": "2.7",
        "sketch": b"\x00\xff",
        "created_at": timezone.now(),
    }
    one, other = Assessment(**values), Assessment(**values)
    insert = PreparedInsert(Assessment)
    with django_assert_num_queries(1):
        insert(one, other)
    insert()
    by_orm = Assessment.objects.create(**values)
    stored = {row.pop("id"): row for row in Assessment.objects.filter(comment=None).values()}
    assert list(stored) == [one.pk, other.pk, by_orm.pk]
    assert stored[one.pk] == stored[other.pk] == stored[by_orm.pk]
    one.outcome = "reject"
    one.save()  # it knows that it is stored
    assert Assessment.objects.filter(comment=None).count() == 3


def test_what_the_database_generates_of_a_stored_row_is_known(talk, django_assert_num_queries):
    given = {"post": talk[0].post, "author": talk[0].author, "body": "Buy now.", "html": "<p>Buy now.</p>", "status": "held"}  # fmt: skip
    place = {"tree_id": Comment.objects.new_tree_ids(1)[0], "lft": 1, "rght": 2, "level": 0}
    held = Comment(**given, **place, hold_reasons=[{"code": "turned_away"}])
    with django_assert_num_queries(1):
        PreparedInsert(Comment)(held)
        assert held.held_as == "turned_away"
    assert Comment.objects.values().get(pk=held.pk) == {
        field.attname: getattr(held, field.attname) for field in Comment._meta.concrete_fields
    }


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans each time")
@pytest.mark.django_db(transaction=True)
def test_rows_are_stored_by_a_statement_that_is_planned_once(settings):
    settings.DATABASE_PREPARE = True
    insert = PreparedInsert(Assessment)
    common = {"outcome": "hold", "model_version": "2.7", "sketch": b"\x00\xff", "created_at": timezone.now()}
    rows = [
        Assessment(**common, score=0.5, reasons=[{"code": "phone", "marks": ["1 % of $1"]}]),
        Assessment(**common, score=1.0, reasons=[]),
    ]
    for row in rows:
        insert(row)
    insert(*(Assessment(**common, score=0.25, reasons=[]) for _ in range(2)))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE 'INSERT INTO \"moderation_assessment\"%' ORDER BY length(statement)"
        )
        assert cursor.fetchall() == [(2,), (1,)]
    assert [row.reasons for row in Assessment.objects.order_by("pk")[:2]] == [row.reasons for row in rows]
    assert list(Assessment.objects.order_by("pk").values_list("score", flat=True)) == [0.5, 1.0, 0.25, 0.25]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans each time")
@pytest.mark.django_db(transaction=True)
def test_an_update_that_changes_the_type_of_a_column_disturbs_nobody(settings):
    """A migration of a later version runs while this version serves."""
    settings.DATABASE_PREPARE = True
    ada = make_member("ada", display_name="Ada")
    members = Prepared(lambda pk: User.objects.filter(pk=pk), pk=A_NUMBER)
    assert members.first(pk=ada.pk).display_name == "Ada"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT %FROM \"accounts_user\"%'"
        )
        assert cursor.fetchone() == (1,)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_user ALTER COLUMN display_name TYPE varchar(200)")
            assert [members.first(pk=ada.pk).display_name for _time in range(2)] == ["Ada", "Ada"]
            cursor.execute("ALTER TABLE accounts_user ALTER COLUMN display_name TYPE varchar(60)")
        with pytest.raises(NotSupportedError), transaction.atomic():
            members.first(pk=ada.pk)
        assert members.first(pk=ada.pk).display_name == "Ada"
    finally:
        other.close()
