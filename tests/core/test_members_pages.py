"""What a page reads of a member's session, and the token of its forms, though both are made quickly."""

import re
from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from comments.models import Comment

pytestmark = pytest.mark.django_db


def tokens(page: str) -> set[str]:
    return set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', page))


def is_member(client: Client, post) -> bool:
    """Whether the form of the page is that of a member."""
    return bool(re.search(r'data-writer="\d+"', client.get(post.get_absolute_url()).content.decode()))


def test_a_token_is_another_on_each_page_and_each_is_taken(post, member):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member)
    seen = [tokens(browser.get(post.get_absolute_url()).content.decode()) for _ in range(2)]
    assert [len(each) for each in seen] == [1, 1]
    assert seen[0] != seen[1]
    for number, each in enumerate(seen):
        form = {"body": f"Number {number}, with this token.", "csrfmiddlewaretoken": each.pop()}
        assert browser.post(f"{post.get_absolute_url()}comments/", form).status_code == 302
    assert Comment.objects.count() == 2


def test_no_other_token_is_taken(post, member):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member)
    [token] = tokens(browser.get(post.get_absolute_url()).content.decode())
    for wrong in ("", token[:-1], token[::-1], token.swapcase()):
        form = {"body": "Not mine.", "csrfmiddlewaretoken": wrong}
        assert browser.post(f"{post.get_absolute_url()}comments/", form).status_code == 403
    assert not Comment.objects.exists()


def test_a_thread_sends_the_cookie_of_the_token_once_and_other_pages_renew_it(post, member, signed_in):
    browser = signed_in(member)
    sent = [
        "csrftoken" in browser.get(path).cookies
        for path in (post.get_absolute_url(), post.get_absolute_url(), "/")
    ]
    assert sent == [True, False, True]


@pytest.mark.parametrize("end", ["deleted", "expired", "changed", "another member's", "another key"])
def test_a_session_that_was_read_before_ends_at_once(post, member, other_member, signed_in, end, settings):
    client, other = signed_in(member), signed_in(other_member)
    assert is_member(client, post)
    assert is_member(client, post)
    assert is_member(other, post)
    row = Session.objects.filter(session_key=client.cookies["sessionid"].value)
    match end:
        case "deleted":
            row.delete()
        case "expired":
            row.update(expire_date=timezone.now() - timedelta(seconds=1))
        case "changed":
            row.update(session_data=f"{row.get().session_data[:-1]}!")
        case "another member's":
            other_member.set_password("another one")
            other_member.save()
            row.update(
                session_data=Session.objects.get(session_key=other.cookies["sessionid"].value).session_data
            )
        case "another key":
            settings.SECRET_KEY = "another key"  # noqa: S105
    assert not is_member(client, post)


def test_a_new_password_ends_the_session(post, member, signed_in):
    client = signed_in(member)
    assert is_member(client, post)
    assert is_member(client, post)
    member.set_password("a new password")
    member.save()
    assert not is_member(client, post)


def test_a_deactivated_member_is_a_visitor(post, member, signed_in):
    client = signed_in(member)
    assert is_member(client, post)
    assert is_member(client, post)
    member.is_active = False
    member.save()
    assert not is_member(client, post)


def test_what_a_request_changes_in_its_session_is_not_in_the_next_unless_stored(db):
    store = import_module(settings.SESSION_ENGINE).SessionStore
    first = store()
    first["words"] = ["one"]
    first.save()
    second = store(first.session_key)
    second["words"].append("two")
    assert store(first.session_key)["words"] == ["one"]
    second.save()
    assert store(first.session_key)["words"] == ["one", "two"]
