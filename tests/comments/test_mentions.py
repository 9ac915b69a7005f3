"""Mentioning members in comments, and name suggestions."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import User
from accounts.services.permissions import hide_profile
from accounts.signals import profile_changed
from comments.models import Comment, CommentMention
from comments.services.writing import edit_comment, publish_comment
from moderation.models import ModerationSettings
from tests.factories import make_comment, make_member, make_post


def mentioned(comment):
    return sorted(comment.mentions.values_list("member__username", flat=True))


class TestCalling:
    def test_members_who_are_called_are_linked_and_noted(self, post, member, other_member, signed_in):
        make_member("gone", is_active=False)
        signed_in(member).post(
            f"/posts/{post.slug}/comments/", {"body": "@Bob, @gone and @nobody: come. @bob?"}
        )
        comment = Comment.objects.get()
        link = '<a href="/members/bob/" rel="nofollow ugc noopener">@{}</a>'
        assert comment.html == f"<p>{link.format('Bob')}, @gone and @nobody: come. {link.format('bob')}?</p>"
        assert mentioned(comment) == ["bob"]

    def test_they_are_shown_by_their_name_and_by_the_next_one(self, post, member, other_member, signed_in):
        User.objects.filter(pk=other_member.pk).update(display_name="Bob Field")
        comment = make_comment(post, author=member, body="Come, @bob.")
        link = '<a href="/members/bob/" rel="nofollow ugc noopener">@{}</a>'
        assert comment.html == f"<p>Come, {link.format('Bob Field')}.</p>"
        User.objects.filter(pk=other_member.pk).update(display_name="Robert Field")
        profile_changed.send(sender=User, member=other_member)
        comment.refresh_from_db()
        assert (comment.body, comment.html) == ("Come, @bob.", f"<p>Come, {link.format('Robert Field')}.</p>")

    def test_the_name_of_a_hidden_profile_is_not_shown(self, post, member, other_member):
        User.objects.filter(pk=other_member.pk).update(display_name="Bob Field")
        before = make_comment(post, author=member, body="Come, @bob.")
        hide_profile(User.objects.get(pk=other_member.pk))
        before.refresh_from_db()
        after = make_comment(post, author=member, body="Come, @bob.")
        link = '<a href="/members/bob/" rel="nofollow ugc noopener">@bob</a>'
        assert [one.html for one in (before, after)] == [f"<p>Come, {link}.</p>"] * 2

    def test_a_change_calls_others_and_those_who_stay_keep_their_row(self, member, other_member):
        make_member("dora")
        make_member("kit")
        comment = make_comment(author=member, body="@bob and @dora")
        before = CommentMention.objects.get(member=other_member).pk
        edit_comment(comment, body="@bob and @kit", by=member)
        assert mentioned(comment) == ["bob", "kit"]
        assert CommentMention.objects.get(member=other_member).pk == before
        edit_comment(Comment.objects.get(), body="Nobody.", by=member)
        assert mentioned(comment) == []

    def test_a_newcomer_who_calls_somebody_does_not_wait(self, post, other_member):
        newcomer = make_member(date_joined=timezone.now())
        comment = publish_comment(post=post, author=newcomer, body="Hello @bob.")
        assert (comment.status, comment.link_count, mentioned(comment)) == ("public", 0, ["bob"])

    def test_a_comment_that_waits_has_its_calls_noted_for_when_it_is_released(self, post, other_member):
        ModerationSettings.objects.update_or_create(pk=1, defaults={"first_link_waits": True})
        newcomer = make_member(date_joined=timezone.now())
        comment = publish_comment(post=post, author=newcomer, body="Hello @bob, https://a.example/")
        assert (comment.status, mentioned(comment)) == ("held", ["bob"])

    def test_the_preview_shows_who_will_be_called(self, post, member, other_member, signed_in):
        response = signed_in(member).post(
            f"/posts/{post.slug}/comments/", {"body": "@bob", "preview": "1"}, headers={"HX-Request": "true"}
        )
        assertContains(response, '<a href="/members/bob/" rel="nofollow ugc noopener">@bob</a>')

    def test_nobody_is_looked_up_for_words_that_call_nobody(self, post, member, other_member):
        lookups = []
        for author, body in ((member, "Ask a friend."), (other_member, "Ask @friend.")):
            with CaptureQueriesContext(connection) as queries:
                publish_comment(post=post, author=author, body=body)
            lookups.append(sum('"username" IN' in query["sql"] for query in queries.captured_queries))
        assert lookups == [0, 1]

    def test_who_is_called_by_one_comment_has_a_limit(self, settings, member):
        settings.MENTIONS_MAX = 3
        for name in "abcd":
            make_member(f"{name}{name}")
        assert mentioned(make_comment(author=member, body="@aa @bb @cc @dd")) == ["aa", "bb", "cc"]


def found(client, query):
    response = client.get(f"/members/names/?{query}")
    assert response.status_code == 200
    return re.findall(r'data-name="([^"]*)"', response.content.decode())


class TestNames:
    @pytest.fixture
    def people(self, db):
        return [
            make_member("dora", display_name="Dora Bell"),
            make_member("bellamy"),
            make_member("abe", display_name="Abel Dorado"),
        ]

    def test_members_are_found_by_the_beginning_of_a_name(self, people, member, signed_in):
        client = signed_in(member)
        assert found(client, "q=do") == ["abe", "dora"]
        assert found(client, "q=BEL") == ["bellamy", "dora"]
        assert found(client, "q=ora") == []

    def test_who_is_in_the_talk_comes_first_and_whom_one_answers_before_all(
        self, people, post, member, signed_in
    ):
        dora, bellamy, abe = people
        late = make_comment(post, author=bellamy)
        make_comment(post, author=abe, created_at=timezone.now() - timedelta(hours=1))
        early = make_comment(post, author=dora, created_at=timezone.now() - timedelta(hours=2))
        make_comment(post, author=member)
        client = signed_in(member)
        assert found(client, f"q=&post={post.pk}") == ["nora", "bellamy", "abe", "dora"]
        assert found(client, f"q=&post={post.pk}&parent={early.pk}") == ["dora", "nora", "bellamy", "abe"]
        assert found(client, f"q=bel&post={post.pk}&parent={early.pk}") == ["dora", "bellamy"]
        make_comment(author=bellamy)  # on another post: members without public comments are not listed
        Comment.objects.filter(pk=late.pk).update(status="removed")
        assert found(client, f"q=b&post={post.pk}") == ["dora", "bellamy"]

    def test_only_active_members_are_named_and_nothing_but_their_names(self, people, member, signed_in):
        make_member("dorothy", is_active=False)
        response = signed_in(member).get("/members/names/?q=do")
        assertContains(response, "Dora Bell")
        assert "dorothy" not in response.content.decode()
        assert "example.org" not in response.content.decode()
        assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "q=",
            "q=%25",
            "q=_",
            "q=zzz",
            "q=%F0%9F%98%80",
            "q=%ED%A0%80",
            "post=x&parent=-1",
            "post=99999999999999999999&q=x",
            "q=" + "a" * 5000,
        ],
    )
    def test_nonsense_finds_nobody(self, people, member, signed_in, query):
        assert found(signed_in(member), query) == []

    def test_a_draft_names_nobody(self, host, member, signed_in):
        draft = make_post(author=host, published_at=None)
        assert found(signed_in(member), f"q=&post={draft.pk}") == []

    def test_asking_has_a_limit(self, settings, member, other_member, signed_in):
        settings.NAMES_RATES = [(3, 3600)]
        client = signed_in(member)
        answers = [client.get("/members/names/?q=a") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1]["Retry-After"]) <= 3600
        assert signed_in(other_member).get("/members/names/?q=a").status_code == 200
        settings.RATE_LIMITS = False
        assert client.get("/members/names/?q=a").status_code == 200

    @pytest.mark.parametrize(("voices", "queries"), [(2, 7), (30, 6)])
    def test_it_costs_no_more_queries_however_long_the_talk(
        self, post, member, signed_in, voices, queries, django_assert_num_queries
    ):
        for _ in range(voices):
            parent = make_comment(post)
        client = signed_in(member)
        # Session, user, post, parent, its commenters, their rows; others if there is room.
        with django_assert_num_queries(queries):
            client.get(f"/members/names/?q=mem&post={post.pk}&parent={parent.pk}")

    def test_the_address_is_nobodys_page(self, client, signed_in, member):
        response = client.post(
            "/accounts/signup/",
            {"email": "x@example.org", "username": "names", "password1": "wooden spoons for seven"},
        )
        assertContains(response, "This username is reserved.", status_code=response.status_code)
