"""Access to the moderation pages: moderators and the host, no one else."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from comments.models import Comment
from moderation.models import Decision
from moderation.services.decisions import decide
from tests.moderation.helpers import make_held


def test_the_group_of_moderators_has_exactly_the_permission_it_needs(db):
    group = Group.objects.get(name="moderators")
    assert list(group.permissions.values_list("content_type__app_label", "codename")) == [
        ("comments", "moderate_comment")
    ]


@pytest.fixture
def pages(moderator, post) -> list[str]:
    comment = make_held(post=post)
    return [
        reverse("moderation:queue"),
        reverse("moderation:comment-review", args=[comment.pk]),
        reverse("moderation:decision-list"),
    ]


def test_moderators_and_the_host_see_every_page(pages, moderator, host, signed_in):
    for user in (moderator, host):
        assert [signed_in(user).get(page).status_code for page in pages] == [200, 200, 200]


def test_visitors_are_sent_to_sign_in_and_come_back(pages, client):
    for page in pages:
        assertRedirects(
            client.get(page), f"{reverse('account_login')}?next={page}", fetch_redirect_response=False
        )


def test_members_are_told_why_they_have_no_access(pages, member, signed_in):
    for page in pages:
        assertContains(
            signed_in(member).get(page), "Only moderators can see what’s awaiting review.", status_code=403
        )


def test_only_moderators_decide_and_undo(post, moderator, member, signed_in, client):
    held = make_held(post=post)
    decided = decide(make_held(post=post), "approve", by=moderator)
    acts = [
        (reverse("moderation:decide"), {"comments": held.pk, "action": "approve"}),
        (reverse("moderation:undo"), {"decisions": decided.pk}),
        (reverse("moderation:decision-undo", args=[decided.pk]), {}),
    ]
    for url, data in acts:
        # Sign-in redirects to a page, not to a URL that only accepts POST.
        assertRedirects(
            client.post(url, data),
            f"{reverse('account_login')}?next=/moderation/",
            fetch_redirect_response=False,
        )
        assert signed_in(member).post(url, data).status_code == 403
        assert signed_in(moderator).get(url).status_code == 405
    assert Decision.objects.count() == 1
    assert Comment.objects.get(pk=held.pk).status == "held"


def test_a_moderator_who_left_the_group_is_a_member_again(moderator, signed_in):
    client = signed_in(moderator)
    moderator.groups.clear()
    assert client.get(reverse("moderation:queue")).status_code == 403
