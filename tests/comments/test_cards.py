"""Pages with comments may embed the two video players, and no other page may; feeds contain plain links."""

import pytest

from core.markup.videos import PLAYERS
from tests.factories import put_comment

pytestmark = pytest.mark.django_db

ID = "dQw4w9WgXcQ"


def frames_of(response) -> list[str]:
    directives = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return next((part[1:] for part in directives if part[0] == "frame-src"), [])


def test_the_players_are_framed_where_comments_are_read_and_written(member, signed_in):
    comment = put_comment(author=member, body=f"https://youtu.be/{ID}")
    browser = signed_in(member)
    for path in (
        comment.post.get_absolute_url(),
        f"/comments/{comment.pk}/edit/",
        f"/comments/{comment.pk}/history/",
    ):
        assert frames_of(browser.get(path)) == PLAYERS
    refused = browser.post(f"{comment.post.get_absolute_url()}comments/", {"body": ""})
    assert (refused.status_code, frames_of(refused)) == (422, PLAYERS)


@pytest.mark.parametrize("path", ["/", "/members/", "/accounts/login/", "/guidelines/", "/nowhere/"])
def test_no_other_page_frames_anything_foreign(path, client):
    assert frames_of(client.get(path)) == []


def test_a_feed_carries_a_plain_link(client):
    put_comment(body=f"https://youtu.be/{ID}", status="public")
    feed = client.get("/feed/comments/").content.decode()
    assert f'href="https://youtu.be/{ID}"' in feed.replace("&quot;", '"').replace("&lt;", "<")
    assert "data-video" not in feed
