"""A deleted post and its comments in the trash: they can be restored, and are deleted after 30 days."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone

from comments.models import Comment
from moderation.models import Decision, Report
from moderation.services.decisions import decide, undo_many
from posts.models import OldAddress, Post, PostRevision
from posts.services.trash import empty_trash, purge_post, restore_post, trash_post
from tests.factories import make_member, make_picture, make_post, put_comment
from tests.posts.test_admin import ADD, LIST, announced, change_url, data_of, form_data  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def host_client(signed_in, host):
    return signed_in(host)


@pytest.fixture
def talk(post):
    """The post with a small tree of comments."""
    first = put_comment(post)
    put_comment(parent=put_comment(parent=first))
    return post


def delete(host_client, post: Post) -> None:
    assert host_client.post(f"{LIST}{post.pk}/delete/", {"post": "yes"}).status_code == 302
    post.refresh_from_db()


def act(host_client, action: str, post: Post) -> None:
    host_client.post(f"{LIST}?state=trash", {"action": action, "_selected_action": [post.pk]})


def places(client, post: Post) -> list[int]:
    comment = Comment.objects.filter(post=post).first()
    addresses = [post.get_absolute_url(), f"{post.get_absolute_url()}feed/", f"/comments/{comment.pk}/"]
    return [client.get(address).status_code for address in addresses]


def test_before_it_says_what_happens(host_client, talk):
    page = host_client.get(f"{LIST}{talk.pk}/delete/").content.decode()
    assert f"“{talk.title}” goes to the trash, with its comments. No one can read it there." in page
    assert "You can restore it for 30 days, exactly as it is now. After that it is deleted for good." in page


def test_a_deleted_post_is_gone_everywhere_with_its_comments(host_client, client, talk):
    delete(host_client, talk)
    assert places(client, talk) == [404, 404, 404]
    for address in ("/", "/posts/", "/feed/", "/feed/comments/", "/sitemap.xml", LIST):
        assert talk.slug not in host_client.get(address).content.decode(), address
    assert host_client.get(f"/posts/{talk.slug}/preview/").status_code == 404
    assert [post.pk for post in host_client.get(f"{LIST}?state=trash").context["cl"].result_list] == [talk.pk]


def test_it_comes_back_whole_and_nobody_is_notified_again(host_client, client, talk, announced):  # noqa: F811
    def whole() -> list:
        columns = [
            field.attname
            for field in Post._meta.concrete_fields
            if field.name not in {"updated_at", "thread_version"}
        ]
        comments = Comment.objects.order_by("pk").values_list(
            "pk", "parent", "tree_id", "lft", "rght", "status", "body"
        )
        return [*Post.objects.filter(pk=talk.pk).values(*columns), *comments]

    before = whole()
    delete(host_client, talk)
    act(host_client, "restore_selected", talk)
    assert whole() == before
    assert places(client, talk) == [200, 200, 302]
    assert announced == []


def test_deleting_is_undone_by_a_button_beside_the_sentence(host_client, talk):
    page = host_client.post(f"{LIST}{talk.pk}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert f"“{talk.title}” is in the trash." in page
    assert f'method="post" action="{LIST}{talk.pk}/untrash/"' in page
    response = host_client.post(f"{LIST}{talk.pk}/untrash/", follow=True)
    assert response.redirect_chain[-1] == (change_url(talk), 302)
    assert "Restored, with its comments." in response.content.decode()
    talk.refresh_from_db()
    assert talk.is_published
    again = host_client.post(f"{LIST}{talk.pk}/untrash/", follow=True).content.decode()
    assert "It isn’t in the trash any more." in again


def test_the_form_of_a_deleted_post_says_so_and_has_the_button(host_client, talk, host):
    delete(host_client, talk)
    page = host_client.get(change_url(talk)).content.decode()
    assert f"Deleted by {host.get_display_name()}</b>" in page
    assert talk.body in page
    assert "id_title" not in page
    assert f'formaction="{LIST}{talk.pk}/untrash/"' in page
    assert host_client.get(f"{LIST}{talk.pk}/untrash/").status_code == 302
    assert Post.objects.in_trash().count() == 1
    assert host_client.post(f"{LIST}999999/untrash/").status_code == 302


def test_a_contributor_restores_what_they_deleted_and_nothing_that_the_host_did(signed_in, host):
    writer = make_member("wilma", is_staff=True)
    rights = ["add_post", "change_post", "delete_post", "view_post"]
    writer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    mine, taken = make_post(writer, published_at=None), make_post(writer)
    trash_post(mine, by=writer)
    trash_post(taken, by=host)
    host_client = signed_in(writer)
    answers = [host_client.post(f"{LIST}{post.pk}/untrash/").status_code for post in (mine, taken)]
    assert answers == [302, 403]
    assert [*Post.objects.in_trash()] == [taken]
    assert "formaction" not in host_client.get(change_url(taken)).content.decode()


def test_a_scheduled_post_whose_time_passed_in_the_trash_comes_back_as_a_draft(host):
    post = make_post(host, published_at=timezone.now() + timedelta(days=2))
    other = make_post(host, published_at=timezone.now() + timedelta(days=9))
    for each in (post, other):
        trash_post(each, by=host)
    with time_machine.travel(timezone.now() + timedelta(days=5)):
        assert (restore_post(post), restore_post(other)) == (True, True)
        post.refresh_from_db()
        other.refresh_from_db()
        assert (post.published_at, other.is_scheduled) == (None, True)


def test_deleting_and_restoring_twice_changes_nothing_more(host, post):
    at = post.published_at
    assert [trash_post(post, by=host), trash_post(post, by=host)] == [True, False]
    assert [restore_post(post), restore_post(post)] == [True, False]
    post.refresh_from_db()
    assert post.published_at == at
    assert purge_post(post) is False


def test_what_is_in_the_trash_is_not_changed_and_keeps_its_address(host_client, host, post):
    delete(host_client, post)
    assert host_client.post(change_url(post), data_of(post, title="Changed")).status_code == 403
    response = host_client.post(ADD, form_data(host, slug=post.slug))
    assert list(response.context["adminform"].form.errors) == ["slug"]


def test_several_go_to_the_trash_together(host_client, host):
    posts = [make_post(host) for _ in range(3)]
    chosen = {"action": "delete_selected", "_selected_action": [post.pk for post in posts]}
    assert "These go to the trash" in host_client.post(LIST, chosen).content.decode()
    host_client.post(LIST, chosen | {"post": "yes"})
    assert Post.objects.in_trash().count() == 3


def test_after_thirty_days_it_goes_for_good_with_all_that_belonged_to_it(
    host_client, host, talk, moderator, member, settings, django_capture_on_commit_callbacks
):
    host_client.post(change_url(talk), data_of(talk, slug="elsewhere", cover=make_picture()))
    talk.refresh_from_db()
    first = Comment.objects.filter(post=talk).first()
    Report.objects.create(comment=first, reporter=member, reason="spam")
    decision = decide(first, "remove", by=moderator)
    undo_many([decision], by=moderator)
    kept = put_comment(make_post(host))
    cover = Path(settings.MEDIA_ROOT) / talk.cover.name
    assert cover.exists()
    delete(host_client, talk)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert empty_trash() == 0
    with (
        time_machine.travel(timezone.now() + timedelta(days=31)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert empty_trash() == 1
    assert [*Comment.objects.all()] == [kept]
    assert not Post.objects.filter(pk=talk.pk).exists()
    assert (PostRevision.objects.count(), OldAddress.objects.count(), Decision.objects.count()) == (0, 0, 0)
    assert not cover.exists()


def test_it_can_be_deleted_for_good_at_once(host_client, talk):
    delete(host_client, talk)
    act(host_client, "purge_selected", talk)
    assert (Post.objects.count(), Comment.objects.count()) == (0, 0)


def test_only_its_own_actions_are_offered_in_the_trash(host_client, talk):
    delete(host_client, talk)
    choices = [
        name
        for name, _label in host_client.get(f"{LIST}?state=trash")
        .context["action_form"]
        .fields["action"]
        .choices
    ]
    assert choices == ["", "restore_selected", "purge_selected"]
    host_client.post(LIST, {"action": "purge_selected", "_selected_action": [talk.pk]})
    assert Post.objects.exists()


@pytest.mark.parametrize("role", ["visitor", "member", "moderator"])
def test_others_delete_and_restore_nothing(client, signed_in, request, talk, host, role):
    reader = client if role == "visitor" else signed_in(request.getfixturevalue(role))
    reader.post(f"{LIST}{talk.pk}/delete/", {"post": "yes"})
    talk.refresh_from_db()
    assert talk.trashed_at is None
    trash_post(talk, by=host)
    act(reader, "restore_selected", talk)
    act(reader, "purge_selected", talk)
    reader.post(f"{LIST}{talk.pk}/untrash/")
    assert Post.objects.in_trash().count() == 1


def test_who_wrote_in_it_still_has_their_profile(client, talk, host_client):
    author = make_member("olga")
    put_comment(talk, author, body="I was here.")
    delete(host_client, talk)
    assert "I was here." not in client.get("/members/olga/").content.decode()
