"""Webhooks: recipients, signatures, retries, and never text that is not public."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from api.models import Delivery, Event, Format, Webhook
from api.services.failures import WORDS as WORDS_OF_FAILURES
from api.services.failures import failure_of
from api.services.webhooks import PAUSES, TAKEN_FOR, deliver, send_again, send_test, take_due, tell
from comments.services.writing import edit_comment, set_status
from core.utils import http_client
from moderation.services.reports import report_comment
from posts.models import Post
from posts.services.publishing import publish_post
from tests.accounts.web_servers import Web, page
from tests.comments.test_concurrency import in_threads
from tests.factories import make_comment, make_member, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def web(tmp_path, monkeypatch):
    web = Web(tmp_path)
    monkeypatch.setattr(http_client, "public_web", web.rules)
    web.answers["/hook"] = page("", "204 No Content")
    yield web
    web.close()


def make_webhook(web: Web, *events: Event, **fields) -> Webhook:
    wanted = [event.value for event in events or Event]
    return Webhook.objects.create(**{"name": "Chat", "address": web.url("/hook"), "events": wanted} | fields)


def send_due() -> list[bool]:
    return [deliver(*taken) for taken in take_due()]


def bodies(web: Web) -> list[dict]:
    return [json.loads(body) for _headers, body in web.sent]


def test_a_published_comment_is_delivered_with_a_signature(web, post, member):
    webhook = make_webhook(web, Event.COMMENT_PUBLISHED)
    comment = make_comment(post, member, body="By the *stove*.")
    assert web.sent == []  # the worker sends it, not the request
    assert send_due() == [True]
    ((headers, body),) = web.sent
    delivery = Delivery.objects.get()
    assert json.loads(body) == {
        "type": "comment.published",
        "timestamp": delivery.created_at.isoformat(),
        "data": {
            "comment": {
                "id": comment.pk,
                "url": f"http://testserver/comments/{comment.pk}/",
                "created_at": comment.created_at.isoformat(),
                "parent": None,
                "author": "alice",
                "html": "<p>By the <em>stove</em>.</p>",
            },
            "post": {"slug": post.slug, "title": post.title, "url": f"http://testserver/posts/{post.slug}/"},
        },
    }
    signed = f"{delivery.message_id}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert (headers["webhook-id"], headers["webhook-signature"]) == (delivery.message_id, f"v1,{expected}")
    assert (delivery.state, delivery.status_code, send_due()) == ("sent", 204, [])


@pytest.mark.parametrize("visibility", ["members", "unlisted"])
@pytest.mark.parametrize("format", Format.values)
def test_text_that_not_everybody_may_read_is_not_sent(visibility, format, web, host, member):
    make_webhook(web, format=format, room="1")
    inside = make_post(host, title="Secret title", summary="Secret summary", visibility=visibility)
    comment = make_comment(inside, member, body="Secret words.")
    held = make_comment(make_post(host), member, body="Secret spam.", status="held")
    report_comment(held, reporter=make_member(), reason="rude", note="Secret note.")
    draft = Post.objects.create(author=host, title="Secret draft", summary="Secret", visibility="members")
    publish_post(draft)
    send_due()
    sent = b"".join(body for _headers, body in web.sent)
    assert b"ecret" not in sent.replace(b"secret-draft", b"")  # nor the slug of the comment's post
    assert f"/comments/{comment.pk}/".encode() in sent
    assert f"/moderation/comments/{held.pk}/".encode() in sent


def test_what_is_no_longer_public_when_it_is_sent_is_not_sent(web, post, member):
    make_webhook(web, Event.COMMENT_PUBLISHED)
    removed = make_comment(post, member)
    set_status(removed, removed.Status.REMOVED)
    changed = make_comment(post, member, body="First.")
    edit_comment(changed, body="Second.", by=member)
    send_due()
    assert [one["data"]["comment"]["html"] for one in bodies(web)] == ["<p>Second.</p>"]
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["dropped", "sent"]


def test_a_new_members_links_are_text(web, post):
    make_webhook(web, Event.COMMENT_PUBLISHED)
    newcomer = make_member(date_joined=timezone.now())
    make_comment(post, newcomer, body="See [this](https://elsewhere.example/).", status="public")
    send_due()
    assert "<a " not in bodies(web)[0]["data"]["comment"]["html"]


def test_a_scheduled_post_is_delivered_when_it_is_published(web, host, time_machine):
    make_webhook(web, Event.POST_PUBLISHED)
    time_machine.move_to(timezone.now())
    draft = Post.objects.create(author=host, title="Later", summary="About later.")
    publish_post(draft, at=timezone.now() + timedelta(days=2))
    assert send_due() == []
    time_machine.shift(timedelta(days=2, minutes=1))
    assert send_due() == [True]
    assert bodies(web)[0]["data"]["post"]["title"] == "Later"


def test_a_member_joins_once_with_their_username_alone(web):
    make_webhook(web, Event.MEMBER_JOINED)
    member = make_member("wanda", display_name="Buy Pills")
    member.emailaddress_set.get().save()
    send_due()
    [body] = bodies(web)
    assert body["data"] == {"member": {"username": "wanda", "url": "http://testserver/members/wanda/"}}


def test_each_webhook_gets_what_it_wants(web, post):
    wanting = make_webhook(web, Event.COMMENT_HELD)
    make_webhook(web, Event.POST_PUBLISHED)
    make_webhook(web, Event.COMMENT_HELD, is_active=False)
    make_comment(post, status="held")
    assert [(one.webhook, one.event) for one in Delivery.objects.all()] == [(wanting, "comment.held")]


def test_a_failure_is_tried_again_after_growing_pauses(web, post, time_machine):
    make_webhook(web, Event.COMMENT_PUBLISHED)
    web.answers["/hook"] = page("", "500 Oops")
    time_machine.move_to(timezone.now())
    make_comment(post)
    assert send_due() == [False]
    delivery = Delivery.objects.get()
    waits = delivery.due_at - timezone.now()
    assert (delivery.state, delivery.status_code, round(waits / PAUSES[0], 1)) == ("waiting", 500, 1)
    assert send_due() == []
    time_machine.shift(PAUSES[0])
    web.answers["/hook"] = page("", "200 OK")
    assert send_due() == [True]
    assert Webhook.objects.get().failing_since is None
    assert len({headers["webhook-id"] for headers, _body in web.sent}) == 1


def test_after_days_of_failure_it_is_switched_off_and_hosts_are_notified(web, post, host, time_machine):
    webhook = make_webhook(web, Event.COMMENT_PUBLISHED)
    web.answers["/hook"] = page("", "500 Oops")
    time_machine.move_to(timezone.now())
    make_comment(post)
    send_due()
    mail.outbox.clear()
    time_machine.shift(timedelta(days=4))
    send_due()
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.switched_off_at is not None) == (False, True)
    [message] = mail.outbox
    assert (message.to, message.subject) == ([host.email], "The webhook “Chat” was switched off")
    make_comment(post)
    assert Delivery.objects.count() == 1


def test_addresses_inside_are_not_reached(web, post):
    web.addresses["ada.example"] = ["127.0.0.2"]
    make_webhook(web, Event.COMMENT_PUBLISHED)
    make_comment(post)
    assert send_due() == [False]
    assert (web.asked, "not_public" in Delivery.objects.get().error) == ([], True)


def test_two_workers_send_it_once(web, post):
    make_webhook(web, Event.COMMENT_PUBLISHED)
    make_comment(post)
    taken = take_due()
    assert (len(taken), take_due()) == (1, [])


def test_a_late_worker_makes_each_try_once(web, post, time_machine):
    """Its queue contains the same delivery several times, each of which was taken without success."""
    make_webhook(web, Event.COMMENT_PUBLISHED)
    web.answers["/hook"] = page("", "500 Oops")
    time_machine.move_to(timezone.now())
    make_comment(post)
    queue = []
    for _time in range(5):
        queue += take_due()
        time_machine.shift(TAKEN_FOR)
    assert len(queue) == 5
    assert [deliver(*taken) for taken in queue] == [False] * 5
    assert (len(web.sent), Delivery.objects.get().tries) == (1, 1)
    assert send_due() == []  # the pause is one pause
    time_machine.shift(PAUSES[0])
    send_due()
    assert (len(web.sent), Delivery.objects.get().tries) == (2, 2)


def test_a_webhook_deleted_elsewhere_keeps_nobody_from_writing(web, post, member, signed_in):
    """This process still has it in its cache; a process without a cache finds it off."""
    gone, off, kept = (make_webhook(web, Event.COMMENT_PUBLISHED) for _each in range(3))
    make_comment(post)
    known = Webhook._known
    gone.delete()
    Webhook.objects.filter(pk=off.pk).update(is_active=False)
    Webhook._known = known
    response = signed_in(member).post(f"/posts/{post.slug}/comments/", {"body": "Still here."})
    comment = post.comments.latest("pk")
    assert (response.status_code, comment.body) == (302, "Still here.")
    told = Delivery.objects.filter(subject=comment.pk)
    assert list(told.values_list("webhook", flat=True)) == [kept.pk]
    connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_some_who_write_while_one_deletes_the_webhook_all_get_through(monkeypatch):
    webhook = Webhook.objects.create(
        name="Chat", address="https://chat.example/", events=["comment.published"]
    )
    known = [Webhook(pk=webhook.pk)]
    monkeypatch.setattr(Webhook, "wanting", lambda _event: known)

    def write(writer: int) -> None:
        for number in range(8):
            with transaction.atomic():
                tell(Event.COMMENT_PUBLISHED, writer * 100 + number)

    in_threads([*(partial(write, writer) for writer in range(3)), webhook.delete])
    assert (Webhook.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.parametrize("answer", ["500 Oops", "204 No Content"])
def test_a_webhook_may_be_deleted_while_a_message_is_on_its_way(answer, web, post, monkeypatch):
    webhook = make_webhook(web, Event.COMMENT_PUBLISHED)
    web.answers["/hook"] = page("", answer)
    make_comment(post)

    def rules_while_somebody_deletes_it():
        webhook.delete()
        return web.rules()

    monkeypatch.setattr(http_client, "public_web", rules_while_somebody_deletes_it)
    send_due()
    assert (len(web.sent), Delivery.objects.count(), Webhook.objects.count()) == (1, 0, 0)


def test_a_test_message_and_sending_again(web, post):
    webhook = make_webhook(web)
    delivery = send_test(webhook)
    assert not send_again(delivery)
    assert send_due() == [True]
    assert send_again(delivery)
    assert send_due() == [True]
    assert [body["type"] for body in bodies(web)] == ["test", "test"]
    assert len({headers["webhook-id"] for headers, _body in web.sent}) == 1


WORDS = "Hi @channel, <b>see</b> [x](https://x.example/) & *more* `code`"
SAID = {
    "slack": {
        "text": "<{url}|alice commented on “Rye &amp; &lt;Oats&gt;”>\n> Hi @channel, &lt;b&gt;see&lt;/b&gt; x &amp; more code",
        "unfurl_links": False,
    },
    "discord": {
        "content": "[alice commented on “Rye & \\<Oats\\>”]({url})\n> Hi @\u200bchannel, \\<b\\>see\\</b\\> x & more code",
        "allowed_mentions": {"parse": []},
    },
    "mattermost": {
        "text": "[alice commented on “Rye & \\<Oats\\>”]({url})\n> Hi @\u200bchannel, \\<b\\>see\\</b\\> x & more code"
    },
    "matrix": {
        "text": "alice commented on “Rye & <Oats>”\nHi @channel, <b>see</b> x & more code\n{url}",
        "html": '<a href="{url}">alice commented on “Rye &amp; &lt;Oats&gt;”</a><blockquote>Hi @channel, &lt;b&gt;see&lt;/b&gt; x &amp; more code</blockquote>',
        "username": "The Long Table",
    },
    "telegram": {
        "chat_id": "-100",
        "text": "alice commented on “Rye & <Oats>”\nHi @channel, <b>see</b> x & more code\n{url}",
    },
}


@pytest.mark.parametrize("format", SAID)
def test_each_chat_gets_a_sentence_in_which_members_text_is_text(format, web, host, member):
    make_webhook(web, Event.COMMENT_PUBLISHED, format=format, room="-100")
    comment = make_comment(make_post(host, title="Rye & <Oats>"), member, body=WORDS)
    send_due()
    url = f"http://testserver/comments/{comment.pk}/"
    filled = json.loads(json.dumps(SAID[format]).replace("{url}", url))
    assert bodies(web) == [filled]


def test_the_admin_makes_tests_and_shows_them(web, host, signed_in, post):
    admin = signed_in(host)
    sent = {"name": "Chat", "address": web.url("/hook"), "format": "telegram", "events": ["comment.held"]}
    refused = admin.post("/admin/api/webhook/add/", sent | {"address": "http://ada.example/"})
    errors = refused.context["adminform"].form.errors
    assert {*errors} == {"address", "room"}
    admin.post("/admin/api/webhook/add/", sent | {"room": "1", "is_active": "on"})
    webhook = Webhook.objects.get()
    assert webhook.events == ["comment.held"]
    assert webhook.secret in admin.get(f"/admin/api/webhook/{webhook.pk}/change/").content.decode()
    admin.post("/admin/api/webhook/", {"action": "send_a_test", "_selected_action": [webhook.pk]})
    assert send_due() == [True]
    delivery = Delivery.objects.get()
    admin.post("/admin/api/delivery/", {"action": "send_again", "_selected_action": [delivery.pk]})
    assert send_due() == [True]
    assert "204" in admin.get(f"/admin/api/delivery/{delivery.pk}/change/").content.decode()


FAILURES = [
    ({"error": "no_host hooks.example"}, "hooks.example can’t be found."),
    ({"error": "not_public 10.0.0.1"}, "10.0.0.1 isn’t on the public web."),
    ({"error": "too_slow"}, "The server took too long to respond."),
    ({"error": "of a later version"}, "The message couldn’t be sent."),
    ({"status_code": 500}, "The server responded with an error (500)."),
    ({"state": "dropped"}, "What it was about is no longer public."),
    ({"state": "sent", "status_code": 204}, ""),
]


@pytest.mark.parametrize(("fields", "words"), FAILURES)
def test_the_log_says_what_went_wrong(fields, words):
    assert failure_of(Delivery(event="test", subject=0, **fields)) == words


def test_every_failure_has_a_message():
    codes = {
        value for name, value in vars(http_client.FetchError).items() if name.isupper() and name != "OURS"
    }
    assert codes == {*WORDS_OF_FAILURES}


def test_the_log_shows_no_codes(web, host, signed_in):
    delivery = send_test(make_webhook(web))
    Delivery.objects.update(state="failed", error="no_host hooks.example", tries=1)
    admin = signed_in(host)
    for path in ("", f"{delivery.pk}/change/"):
        page = admin.get(f"/admin/api/delivery/{path}").content.decode()
        assert 'Failed<br><span class="quiet">hooks.example can’t be found.</span>' in page
        assert ("no_host" in page, "test 0" in page, "Response code:" in page) == (False, False, False)


def test_a_webhooks_own_page_sends_a_test(web, host, signed_in):
    webhook = make_webhook(web)
    admin, address = signed_in(host), f"/admin/api/webhook/{webhook.pk}/test/"
    page = admin.get(f"/admin/api/webhook/{webhook.pk}/change/").content.decode()
    assert (f'action="{address}"' in page, "Failing since" in page) == (True, False)
    said = admin.post(address, follow=True).content.decode()
    assert f'<a href="/admin/api/delivery/?webhook__id__exact={webhook.pk}">View the log</a>' in said
    assert [one.event for one in Delivery.objects.all()] == ["test"]
    Webhook.objects.update(is_active=False, failing_since=timezone.now())
    page = admin.get(f"/admin/api/webhook/{webhook.pk}/change/").content.decode()
    assert (f'action="{address}"' in page, "Failing since" in page) == (False, True)
    assert "Switch the webhook on" in admin.post(address, follow=True).content.decode()
    assert Delivery.objects.count() == 1


def test_staff_without_the_permission_see_none_of_it(web, signed_in):
    writer, webhook = signed_in(make_member(is_staff=True)), make_webhook(web)
    assert writer.get("/admin/api/webhook/").status_code == 403
    assert writer.post(f"/admin/api/webhook/{webhook.pk}/test/").status_code == 403
    assert not Delivery.objects.exists()


def test_a_comment_costs_no_query_where_there_are_no_webhooks(post, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert tell(Event.COMMENT_PUBLISHED, 1) == 0
