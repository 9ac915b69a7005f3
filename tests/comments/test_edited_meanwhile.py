"""Two edits of one comment at the same time: no one overwrites a text that they have not seen."""

import html
import re

import pytest

from comments.models import Comment
from tests.factories import make_moderator, put_comment

pytestmark = pytest.mark.django_db

SAID = "The comment was changed while you were writing."


@pytest.fixture
def comment(post, member):
    return put_comment(post, author=member, body="Soup at eight. Call 555 0100.")


def edit_url(comment) -> str:
    return f"/comments/{comment.pk}/edit/"


def correct_url(comment) -> str:
    return f"/moderation/comments/{comment.pk}/correct/"


def seen_in(response) -> str:
    return re.search(r'name="seen" value="(\w*)"', response.content.decode())[1]


def texts_in(response) -> dict[str, str]:
    """Return the contents of each text field of the page, by id."""
    found = re.findall(
        r'<textarea[^>]* id="(\w+)"[^>]*>\n(.*?)</textarea>', response.content.decode(), re.DOTALL
    )
    shown = re.findall(r'<textarea id="(\w+)"[^>]*>\n(.*?)</textarea>', response.content.decode(), re.DOTALL)
    return {name: html.unescape(text) for name, text in [*found, *shown]}


def text_of(comment) -> str:
    return Comment.objects.get(pk=comment.pk).body


def test_the_edit_of_an_older_form_shows_both_texts_and_is_saved_when_sent_again(comment, member, signed_in):
    laptop, phone = signed_in(member), signed_in(member)
    old = seen_in(phone.get(edit_url(comment)))
    laptop.post(edit_url(comment), {"body": "A long addition.", "seen": old})
    refused = phone.post(edit_url(comment), {"body": "Soup at nine.", "seen": old})
    assert (refused.status_code, SAID in refused.content.decode()) == (422, True)
    assert texts_in(refused) == {"newer_text": "A long addition.", "id_body": "Soup at nine."}
    assert text_of(comment) == "A long addition."
    phone.post(edit_url(comment), {"body": "Soup at nine.", "seen": seen_in(refused)})
    assert text_of(comment) == "Soup at nine."


def test_an_open_form_does_not_undo_a_correction(comment, member, signed_in):
    writer, browser = signed_in(member), signed_in(make_moderator("carol"))
    old = seen_in(writer.get(edit_url(comment)))
    browser.post(
        correct_url(comment), {"body": "Soup at eight.", "seen": seen_in(browser.get(correct_url(comment)))}
    )
    looked = writer.post(
        edit_url(comment), {"body": f"{comment.body} Bring bread.", "seen": old, "preview": "1"}
    )
    assert seen_in(looked) == old
    refused = writer.post(edit_url(comment), {"body": f"{comment.body} Bring bread.", "seen": old})
    assert (refused.status_code, text_of(comment)) == (422, "Soup at eight.")


def test_a_correction_does_not_undo_what_its_author_wrote_in_the_meantime(comment, member, signed_in):
    browser = signed_in(make_moderator("carol"))
    old = seen_in(browser.get(correct_url(comment)))
    signed_in(member).post(edit_url(comment), {"body": "Soup at nine. Call me.", "seen": old})
    refused = browser.post(correct_url(comment), {"body": "Soup at eight.", "seen": old})
    assert (refused.status_code, texts_in(refused)["newer_text"]) == (422, "Soup at nine. Call me.")
    browser.post(correct_url(comment), {"body": "Soup at nine.", "seen": seen_in(refused)})
    assert text_of(comment) == "Soup at nine."


def test_a_text_saved_during_sign_in_is_compared_with_the_text_it_started_from(
    comment, member, signed_in, client
):
    old = seen_in(signed_in(member).get(edit_url(comment)))
    client.post(edit_url(comment), {"body": "Soup at nine.", "seen": old})
    signed_in(member).post(edit_url(comment), {"body": "A long addition.", "seen": old})
    client.force_login(member)
    form = client.get(edit_url(comment))
    assert texts_in(form)["id_body"] == "Soup at nine."
    refused = client.post(edit_url(comment), {"body": "Soup at nine.", "seen": seen_in(form)})
    assert (refused.status_code, text_of(comment)) == (422, "A long addition.")


def test_the_same_edit_twice_is_one(comment, member, signed_in):
    client = signed_in(member)
    old = seen_in(client.get(edit_url(comment)))
    sent = {"body": "Soup at nine.", "seen": old}
    assert [client.post(edit_url(comment), sent).status_code for _twice in range(2)] == [302, 302]
    assert comment.revisions.count() == 1


def test_a_form_that_says_nothing_of_what_it_began_with_is_saved(comment, member, signed_in):
    """It was opened before an update of the site."""
    client = signed_in(member)
    for body in ("Soup at nine.", "Soup at ten."):
        assert client.post(edit_url(comment), {"body": body}).status_code == 302
    assert text_of(comment) == "Soup at ten."
