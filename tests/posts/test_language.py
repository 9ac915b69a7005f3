"""A post declares its language, and its typography follows it."""

import json
import re

import pytest

from posts.models import Post
from tests.factories import make_post
from tests.posts.test_admin import ADD, change_url, form_data

pytestmark = pytest.mark.django_db


def article(client, post: Post) -> str:
    return re.search(r"<article class=\"post\"[^>]*>", client.get(post.get_absolute_url()).content.decode())[
        0
    ]


@pytest.mark.parametrize(
    ("language", "attributes"),
    [
        ("", ""),
        ("ar", ' lang="ar" dir="rtl"'),
        ("he", ' lang="he" dir="rtl"'),
        ("fa", ' lang="fa" dir="rtl"'),
        ("ar-dz", ' lang="ar-dz" dir="rtl"'),
        ("de", ' lang="de" dir="ltr"'),
        ("zh-hans", ' lang="zh-hans" dir="ltr"'),
    ],
)
def test_the_page_says_the_language_and_its_direction(client, language, attributes):
    post = make_post(language=language)
    assert article(client, post) == f'<article class="post" aria-labelledby="post-h"{attributes}>'


def test_lists_and_structured_data_are_updated_too(client):
    post = make_post(title="مرحبا", language="ar")
    for path in ("/", "/posts/"):
        assert re.search(
            r'<h2 [^>]*dir="auto" lang="ar">\s*<a [^>]*>مرحبا', client.get(path).content.decode()
        ), path
    page = client.get(post.get_absolute_url()).content.decode()
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])
    assert data["inLanguage"] == "ar"


def test_what_the_machine_says_stays_in_the_language_of_the_site(client):
    page = client.get(make_post(language="ar").get_absolute_url()).content.decode()
    assert '<div class="person" lang="en-gb">' in page


def test_the_host_chooses_the_language_by_its_own_name(signed_in, host):
    browser = signed_in(host)
    page = browser.get(ADD).content.decode()
    assert [
        choice in page
        for choice in ('<option value="ar">العربيّة</option>', '<option value="de">Deutsch</option>')
    ] == [True, True]
    browser.post(ADD, form_data(host, language="ar"))
    post = Post.objects.get()
    assert post.language == "ar"
    page = browser.post(change_url(post), form_data(host, language="x-martian")).content.decode()
    assert "Select a valid choice" in page
    assert Post.objects.get().language == "ar"


def test_a_language_that_django_does_not_know_stays_when_the_post_is_changed(signed_in, host):
    browser, post = signed_in(host), make_post(author=host, title="Tea", slug="tea", language="yi")
    browser.post(change_url(post), form_data(host, language="yi", title="Green tea"))
    post.refresh_from_db()
    assert (post.title, post.language, post.direction) == ("Green tea", "yi", "ltr")


def test_blocks_of_both_directions_find_their_own(client):
    post = make_post(body="<p>English</p><p>مرحبا</p>", language="en")
    assert (
        '<p dir="auto">English</p><p dir="auto">مرحبا</p>'
        in client.get(post.get_absolute_url()).content.decode()
    )
