"""Each member can thank once, never for their own comment, and the count is right despite concurrent clicks."""

import pytest
from django.core.exceptions import PermissionDenied

from comments.models import Comment, Thanks
from comments.services.reactions import thank, withdraw_thanks
from comments.services.writing import recount
from comments.signals import comment_thanked
from posts.models import Post
from tests.comments.test_concurrency import in_threads
from tests.factories import make_member, put_comment

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


def state(comment: Comment) -> tuple[int, int]:
    """Return the number of rows, and the counter of the comment."""
    comment.refresh_from_db()
    return Thanks.objects.filter(comment=comment).count(), comment.thanks_count


@pytest.fixture
def heard():
    calls = []

    def hear(sender, comment, by, **kwargs):
        calls.append((comment.pk, by.pk))

    comment_thanked.connect(hear)
    yield calls
    comment_thanked.disconnect(hear)


def test_a_second_click_and_a_reload_do_no_harm(member, heard):
    comment = put_comment()
    assert [thank(comment, by=member), thank(comment, by=member)] == [True, False]
    assert state(comment) == (1, 1)
    assert heard == [(comment.pk, member.pk)]
    assert [withdraw_thanks(comment, by=member), withdraw_thanks(comment, by=member)] == [True, False]
    assert state(comment) == (0, 0)


def test_thanks_change_the_version_of_the_thread_only_if_something_changed(member):
    comment = put_comment()

    def version() -> int:
        return Post.objects.get(pk=comment.post_id).thread_version

    before = version()
    thank(comment, by=member)
    thank(comment, by=member)
    assert version() == before + 1
    withdraw_thanks(comment, by=member)
    withdraw_thanks(comment, by=member)
    assert version() == before + 2


def test_nobody_thanks_themselves(member, heard):
    comment = put_comment(author=member)
    with pytest.raises(PermissionDenied, match="thank yourself"):
        thank(comment, by=member)
    assert (state(comment), heard) == ((0, 0), [])


@pytest.mark.parametrize("status", ["held", "removed", "spam", "deleted"])
def test_only_public_words_are_thanked_for(status, member):
    comment = put_comment(status=status)
    with pytest.raises(PermissionDenied, match="isn’t public"):
        thank(comment, by=member)
    assert state(comment) == (0, 0)


def test_a_guest_from_an_import_can_be_thanked(member):
    comment = put_comment()
    Comment.objects.filter(pk=comment.pk).update(author=None, guest_name="Ann")
    assert thank(comment, by=member)
    assert state(comment) == (1, 1)


def test_a_repair_counts_anew(member):
    comment, other = put_comment(), put_comment()
    thank(comment, by=member)
    Comment.objects.update(thanks_count=7)
    recount(comment.post_id)
    recount(other.post_id)
    assert (state(comment), state(other)) == ((1, 1), (0, 0))


# --- over HTTP ---------------------------------------------------------------------


def test_thanking_leads_back_to_the_comment(member, signed_in):
    comment = put_comment()
    response = signed_in(member).post(f"/comments/{comment.pk}/thanks/", {"thanks": "1"})
    assert (response.status_code, response["Location"]) == (
        302,
        f"{comment.post.get_absolute_url()}#comment-{comment.pk}",
    )
    assert state(comment) == (1, 1)
    signed_in(member).post(f"/comments/{comment.pk}/thanks/", {"thanks": "0"})
    assert state(comment) == (0, 0)


def test_without_a_value_it_thanks(member, signed_in):
    comment = put_comment()
    for _ in range(2):
        assert signed_in(member).post(f"/comments/{comment.pk}/thanks/").status_code == 302
    assert state(comment) == (1, 1)


@pytest.mark.parametrize(("sent", "pressed", "next_value"), [("1", "true", "0"), ("0", "false", "1")])
def test_htmx_gets_the_button_alone(sent, pressed, next_value, member, signed_in):
    comment = put_comment()
    thank(comment, by=make_member())
    html = (
        signed_in(member)
        .post(f"/comments/{comment.pk}/thanks/", {"thanks": sent}, headers={"HX-Request": "true"})
        .content.decode()
    )
    assert html.strip().startswith("<button ")
    assert html.count("<button") == 1
    assert f'aria-pressed="{pressed}"' in html
    assert f'name="thanks" value="{next_value}"' in html
    assert f"· {1 + int(sent)}<" in html


def test_signed_out_the_way_leads_through_the_door_and_back(client):
    comment = put_comment()
    response = client.post(f"/comments/{comment.pk}/thanks/", {"thanks": "1"})
    assert (response.status_code, response["Location"]) == (
        302,
        f"/accounts/login/?next=%2Fcomments%2F{comment.pk}%2F",
    )
    response = client.post(f"/comments/{comment.pk}/thanks/", {"thanks": "1"}, headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (
        200,
        f"/accounts/login/?next=%2Fcomments%2F{comment.pk}%2F",
    )
    assert state(comment) == (0, 0)


def test_ones_own_words_are_refused_in_a_sentence(member, signed_in):
    comment = put_comment(author=member)
    response = signed_in(member).post(f"/comments/{comment.pk}/thanks/")
    assert response.status_code == 403
    assert "You can’t thank yourself." in response.content.decode()


@pytest.mark.parametrize("status", ["held", "removed", "deleted"])
def test_what_may_not_be_seen_is_not_there(status, member, signed_in):
    comment = put_comment(status=status)
    assert signed_in(member).post(f"/comments/{comment.pk}/thanks/").status_code == 404


def test_clicking_for_ever_is_stopped_and_says_until_when(member, signed_in, settings):
    settings.THANKS_RATES = [(3, 86_400)]
    comment, browser = put_comment(), signed_in(member)
    answers = [browser.post(f"/comments/{comment.pk}/thanks/", {"thanks": str(n % 2)}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 86_400
    assert signed_in(make_member()).post(f"/comments/{comment.pk}/thanks/").status_code == 302


# --- concurrency -------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_count_is_right_whoever_clicks_at_the_same_time(settings):
    settings.THANKS_RATES = []
    comment = put_comment()
    member, others = make_member(), [make_member() for _ in range(4)]
    in_threads(
        [lambda: thank(comment, by=member) and None] * 4
        + [lambda other=other: thank(comment, by=other) and None for other in others]
    )
    assert state(comment) == (5, 5)

    def to_and_fro(who):
        for _ in range(6):
            withdraw_thanks(comment, by=who)
            thank(comment, by=who)

    in_threads(
        [lambda: to_and_fro(member)] * 3
        + [lambda: to_and_fro(others[0]), lambda: withdraw_thanks(comment, by=others[1]) and None]
    )
    assert state(comment) == (4, 4)
