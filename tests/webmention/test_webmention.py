"""Incoming and outgoing webmentions, with a small web on this machine."""

from datetime import timedelta
from urllib.parse import parse_qs, quote

import pytest
from django.utils import timezone

from comments.models import Comment
from comments.services.writing import set_status
from core.models import SiteSettings
from core.utils import http_client
from moderation.services.decisions import decide
from posts.models import Post
from posts.services.publishing import publish_post
from tests.accounts.web_servers import Web, page, redirect
from tests.factories import make_comment, make_member, make_post
from webmention.models import Mention, SentMention
from webmention.services import receiving, sending

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(tmp_path, monkeypatch):
    web = Web(tmp_path)
    monkeypatch.setattr(http_client, "public_web", web.rules)
    yield web
    web.close()


def linking_page(post: Post, words: str = "They bake well, and it shows.") -> str:
    address = f"http://testserver{post.get_absolute_url()}"
    return (
        "<title>On baking</title><meta name=author content='Ada'><script>evil()</script>"
        f"<p>I read <a href='{address}#talk'>this</a> today. {words}</p>"
    )


def mention(client, web: Web, post: Post, path: str = "/on-baking", **changes: str):
    sent = {"source": web.url(path), "target": f"http://testserver{post.get_absolute_url()}"} | changes
    return client.post("/webmention/", sent)


def look_at_due() -> list[str]:
    return [receiving.look_at(pk) for pk in receiving.take_due(20)]


# --- incoming -----------------------------------------------------------------------------------


def test_a_page_that_links_here_becomes_a_comment_to_review(client, web, post, moderator):
    web.answers["/on-baking"] = page(linking_page(post))
    response = mention(client, web, post)
    assert (response.status_code, web.asked, Comment.objects.count()) == (202, [], 0)
    assert look_at_due() == ["found"]
    comment = Comment.objects.get()
    assert (comment.author, comment.guest_name, comment.guest_url, comment.status, comment.why_held) == (
        None, "Ada", web.url("/on-baking"), "held", ["It comes from a page that links here."]
    )  # fmt: skip
    assert comment.body == (
        f"On baking\n\n> I read this today. They bake well, and it shows.\n\n{web.url('/on-baking')}"
    )
    assert b"On baking" not in client.get(post.get_absolute_url()).content
    decide(comment, "approve", by=moderator)
    assert b"On baking" in client.get(post.get_absolute_url()).content


@pytest.mark.parametrize("written", [quote, str])
def test_an_address_in_another_script_is_known_however_it_is_written(written, client, web, host):
    post = make_post(host, slug="хлеб-" * 20)
    path = written(f"/posts/{post.slug}/")
    web.answers["/on-baking"] = page(f"<p><a href='http://testserver{path}'>this</a></p>")
    assert [mention(client, web, post).status_code, *look_at_due()] == [202, "found"]


def test_the_page_of_a_post_says_where(client, post, host):
    assert client.get(post.get_absolute_url())["Link"] == '</webmention/>; rel="webmention"'
    SiteSettings._known = (SiteSettings(pk=1, webmentions_in=False), float("inf"))
    assert not client.get(post.get_absolute_url()).has_header("Link")
    response = client.post("/webmention/", {"source": "https://a.example/", "target": "http://testserver/"})
    assert (response.status_code, response.content.decode()) == (
        400,
        "This site doesn’t accept webmentions.\n",
    )


def test_sent_twice_it_is_one(client, web, post):
    web.answers["/on-baking"] = page(linking_page(post))
    for _try in range(2):
        assert mention(client, web, post).status_code == 202
        look_at_due()
    assert (Mention.objects.count(), Comment.objects.count(), len(web.asked)) == (1, 1, 1)


def test_a_page_that_does_not_link_here_is_no_comment(client, web, post, host):
    web.answers["/on-baking"] = page(linking_page(make_post(host)))
    mention(client, web, post)
    assert (look_at_due(), Comment.objects.count()) == (["gone"], 0)


def test_a_page_made_to_keep_the_parser_busy_is_set_aside(client, web, post, host):
    web.answers["/on-baking"] = page("<a " * 2**15 + linking_page(post), Link="<" * 50_000)
    mention(client, web, post)
    assert look_at_due() == ["gone"]
    assert sending.find_endpoint(http_client.fetch(web.url("/on-baking"), web.rules())) is None


@pytest.mark.parametrize("then", ["no link", "410 Gone"])
@pytest.mark.parametrize("was_approved", [True, False])
def test_when_the_link_is_gone_so_is_the_comment(
    then, was_approved, client, web, post, moderator, time_machine
):
    time_machine.move_to(timezone.now())
    web.answers["/on-baking"] = page(linking_page(post))
    mention(client, web, post)
    look_at_due()
    if was_approved:
        decide(Comment.objects.get(), "approve", by=moderator)
    time_machine.shift(timedelta(hours=23))
    assert look_at_due() == []
    time_machine.shift(timedelta(hours=2))
    web.answers["/on-baking"] = page("Nothing.", "200 OK" if then == "no link" else then)
    assert (look_at_due(), Comment.objects.get().status) == (["gone"], "deleted")


def test_what_a_moderator_removed_stays_removed(client, web, post, moderator, time_machine):
    time_machine.move_to(timezone.now())
    web.answers["/on-baking"] = page(linking_page(post))
    mention(client, web, post)
    look_at_due()
    decide(Comment.objects.get(), "spam", by=moderator)
    time_machine.shift(timedelta(days=2))
    mention(client, web, post)
    assert (look_at_due(), Comment.objects.get().status) == (["found"], "spam")
    time_machine.shift(timedelta(days=31))
    web.answers["/on-baking"] = page("Nothing.")
    look_at_due()
    assert Comment.objects.get().status == "spam"


def test_a_page_that_fails_is_looked_at_again_and_then_given_up(client, web, post, time_machine):
    time_machine.move_to(timezone.now())
    web.answers["/on-baking"] = page("Oops.", "500 Oops")
    mention(client, web, post)
    states = []
    for pause in receiving.PAUSES:
        states += look_at_due()
        time_machine.shift(pause)
    assert ([*states, *look_at_due()], look_at_due()) == (["waiting"] * 4 + ["gone"], [])


def test_addresses_inside_are_not_fetched(client, web, post):
    web.addresses["ada.example"] = ["127.0.0.2"]
    mention(client, web, post)
    assert (look_at_due(), web.asked) == (["gone"], [])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": ""}, "Send “source” and “target”, both web addresses."),
        ({"source": "javascript:alert(1)"}, "Send “source” and “target”, both web addresses."),
        ({"source": "https://[a.example/"}, "Send “source” and “target”, both web addresses."),
        ({"target": "http://testserver]/"}, "The target isn’t a public post on this site."),
        ({"source": "https://a.example/\x00"}, "Send “source” and “target”, both web addresses."),
        ({"source": "http://a.example/"}, "The source must begin with https://."),
        ({"source": "http://testserver/posts/"}, "The source must be a page of another site."),
        ({"target": "https://a.example/"}, "The target isn’t a public post on this site."),
        ({"target": "http://testserver/members/"}, "The target isn’t a public post on this site."),
        ({"target": "http://testserver/posts/none/"}, "The target isn’t a public post on this site."),
        ({"source": "https://a.example/" + "a" * 500}, "The address is too long."),
    ],
)  # fmt: skip
def test_errors_are_explained(changes, said, client, web, post):
    response = mention(client, web, post, **changes)
    assert (response.status_code, response.content.decode().strip()) == (400, said)
    assert not Mention.objects.exists()


def test_only_open_posts_that_everybody_can_read_are_mentioned(client, web, host):
    answers = [
        mention(client, web, make_post(host, **fields)).status_code
        for fields in ({"visibility": "members"}, {"published_at": None}, {"comments_open": False}, {})
    ]
    assert answers == [400, 400, 400, 202]


def test_a_sender_and_a_host_have_limits(client, web, post, settings):
    settings.WEBMENTION_RATES = {"sender": [(3, 3600)], "host": [(2, 3600)]}
    sent = [mention(client, web, post, path=f"/{i}").status_code for i in range(3)]
    elsewhere = mention(client, web, post, source="https://other.example/x")
    assert (sent, elsewhere.status_code, elsewhere.has_header("Retry-After")) == ([202, 202, 429], 429, True)


# --- outgoing -----------------------------------------------------------------------------------


@pytest.fixture
def sends():
    SiteSettings._known = (SiteSettings(pk=1, webmentions_out=True), float("inf"))


def send_due() -> list[str]:
    return [sending.send(pk) for pk in sending.take_due(20)]


ENDPOINTS = {
    "header": page("Hello.", Link='</style.css>; rel="preload", </wm?a=1>; rel="other webmention"'),
    "link": page('<head><link rel="webmention" href="/wm?a=1"></head>'),
    "a": page('<p><a rel="nofollow webmention" href="wm?a=1">Tell us</a>'),
}


@pytest.mark.parametrize("where", ENDPOINTS)
def test_a_linked_page_is_notified_at_its_endpoint(where, sends, web, post, member):
    web.answers["/their-post"] = redirect("/moved")
    web.answers["/moved"], web.answers["/wm?a=1"] = ENDPOINTS[where], page("", "202 Accepted")
    comment = make_comment(post, member, body=f"As [they]({web.url('/their-post')}) say.")
    assert web.asked == []
    assert send_due() == ["sent"]
    [(_headers, body)] = web.sent
    assert parse_qs(body.decode()) == {
        "source": [f"http://testserver/comments/{comment.pk}/"],
        "target": [web.url("/their-post")],
    }


def test_a_post_tells_once_it_is_published(sends, web, host):
    web.answers["/their-post"] = ENDPOINTS["a"]
    web.answers["/wm?a=1"] = page("")
    draft = Post.objects.create(
        author=host, title="Rye", body=f"<p><a href='{web.url('/their-post')}'>x</a></p>"
    )
    assert not SentMention.objects.exists()
    publish_post(draft)
    assert send_due() == ["sent"]
    assert parse_qs(web.sent[0][1].decode())["source"] == ["http://testserver/posts/rye/"]


def test_pages_that_take_none_are_left_alone(sends, web, post):
    web.answers["/their-post"] = page("<p>Just words about rel=webmention.</p>")
    make_comment(post, body=f"See [there]({web.url('/their-post')}).")
    assert (send_due(), web.sent, send_due()) == (["none"], [], [])


def test_nothing_that_is_not_public_is_sent(sends, web, host, member):
    web.answers["/their-post"] = ENDPOINTS["a"]
    words = f"See [there]({web.url('/their-post')})."
    make_comment(make_post(host, visibility="members"), member, body=words)
    make_comment(make_post(host, visibility="unlisted"), member, body=words)
    make_comment(make_post(host), make_member(date_joined=timezone.now()), body=words, status="public")
    assert not SentMention.objects.exists()
    removed = make_comment(make_post(host), member, body=words)
    set_status(removed, Comment.Status.REMOVED)
    assert (send_due(), web.asked) == (["failed"], [])


def test_a_site_that_has_not_switched_it_on_tells_nobody(web, post):
    make_comment(post, body=f"See [there]({web.url('/their-post')}).")
    assert not SentMention.objects.exists()
