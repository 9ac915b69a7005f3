"""A comment in another language than its page has a `lang` attribute, for screen readers."""

import re

import pytest
from django.test import Client

from comments.models import Comment
from core.services.site_settings import save_settings
from posts.models import Post
from posts.services.publishing import publish_post
from tests.factories import make_comment, make_member, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

FRENCH = "Merci, c’est exactement ce qu’il me fallait pour ma cuisine."
ENGLISH = "Thanks, that was exactly what I needed for my kitchen."
ARABIC = "شكرا، هذا بالضبط ما كنت أحتاج إليه في مطبخي."


def attributes(page: str, comment: Comment) -> str:
    """Return the attributes of the element with its text."""
    return re.search(rf'id="{comment.anchor}".*?<div class="words comment-body"([^>]*)>', page, re.DOTALL)[1]


def test_it_is_guessed_and_said_only_where_it_differs(client, post):
    comments = [make_comment(post, body=body) for body in (FRENCH, ENGLISH, ARABIC, "OK")]
    assert [comment.language for comment in comments] == ["fr", "en", "ar", ""]
    page = client.get(post.get_absolute_url()).content.decode()
    said = [attributes(page, comment) for comment in comments]
    assert said == [' dir="auto" lang="fr"', ' dir="auto"', ' dir="auto" lang="ar"', ' dir="auto"']


def test_in_each_language_of_the_page_the_others_are_said(post):
    save_settings({"languages": ["fr"]}, by=None)
    comments = [make_comment(post, body=body) for body in (FRENCH, ENGLISH)]
    for language, expected in (("en-gb", ["fr", ""]), ("fr", ["", "en"])):
        browser = Client()
        browser.post("/language/", {"language": language})
        page = browser.get(post.get_absolute_url()).content.decode()
        assert [
            re.sub(r'^ dir="auto"(?: lang="(\w+)")?$', r"\1", attributes(page, one)) for one in comments
        ] == expected


def test_its_author_changes_it_and_later_texts_keep_what_they_chose(signed_in, post):
    kay = make_member()
    comment, browser = (
        make_comment(post, kay, body="Croissant, baguette, brioche, chouquette."),
        signed_in(kay),
    )
    edit = f"/comments/{comment.pk}/edit/"
    assert '<option value="fr">Français</option>' in browser.get(edit).content.decode()
    browser.post(edit, {"body": comment.body, "language": "fr"})
    comment.refresh_from_db()
    assert (comment.language, comment.edited_at, comment.revisions.count()) == ("fr", None, 0)
    assert 'lang="fr"' in attributes(browser.get(post.get_absolute_url()).content.decode(), comment)
    browser.post(edit, {"body": ENGLISH, "language": "fr"})
    comment.refresh_from_db()
    assert (comment.body, comment.language) == (ENGLISH, "fr")
    assert browser.post(edit, {"body": ENGLISH, "language": "xx"}).status_code == 422


def test_a_guess_follows_the_text(signed_in, post):
    kay = make_member()
    comment = make_comment(post, kay, body=ENGLISH)
    signed_in(kay).post(f"/comments/{comment.pk}/edit/", {"body": FRENCH, "language": "en"})
    comment.refresh_from_db()
    assert comment.language == "fr"


def test_the_language_of_the_site_can_be_chosen_and_stays(signed_in, post):
    """French words in an English comment are detected as French, until its author says otherwise."""
    kay = make_member()
    comment, browser = make_comment(post, kay, body=FRENCH), signed_in(kay)
    edit, found = f"/comments/{comment.pk}/edit/", []
    for body, language in ((FRENCH, "en"), (f"{FRENCH} {FRENCH}", "en"), (FRENCH, "")):
        browser.post(edit, {"body": body, "language": language})
        comment.refresh_from_db()
        found.append(comment.language)
    assert found == ["en", "en", "fr"]


def test_a_language_cannot_be_changed_all_day_long(signed_in, post, settings):
    settings.RATE_LIMITS, settings.COMMENT_CHANGE_RATES = True, [(2, 3600)]
    kay = make_member()
    comment, browser = make_comment(post, kay, body=ENGLISH), signed_in(kay)
    answers = [
        browser.post(f"/comments/{comment.pk}/edit/", {"body": ENGLISH, "language": language}).status_code
        for language in ("fr", "de", "it")
    ]
    comment.refresh_from_db()
    assert (answers, comment.language) == ([302, 302, 429], "de")


def test_a_post_in_another_language_than_the_site_says_so_when_it_is_published(host):
    french, english, chosen = (
        make_post(host, title=title, slug=title, body=f"<p>{body}</p>", published_at=None, language=language)
        for title, body, language in (("un", FRENCH, ""), ("one", ENGLISH, ""), ("deux", FRENCH, "en"))
    )
    for one in (french, english, chosen):
        publish_post(one)
    assert dict(Post.objects.values_list("slug", "language")) == {"un": "fr", "one": "", "deux": "en"}


def test_a_post_in_the_language_of_the_site_says_so_to_readers_of_another(post):
    save_settings({"languages": ["ar"]}, by=None)
    browser = Client()
    browser.post("/language/", {"language": "ar"})
    page = browser.get(post.get_absolute_url()).content.decode()
    assert '<html lang="ar" dir="rtl"' in page
    assert '<article class="post" aria-labelledby="post-h" lang="en-gb" dir="ltr">' in page
