"""Push notifications: encrypted, sent once, to push services that accept, refuse or are fake. Real TLS."""

import base64
import json
import socket
from collections.abc import Iterator
from dataclasses import replace

import http_ece
import pytest
from allauth.usersessions.models import UserSession
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Mute
from comments.models import Comment
from comments.services.writing import delete_comment
from core.utils import http_client
from notifications.models import Device, Notification, Push
from notifications.push.encryption import MAX_BYTES, encrypt, from_base64, site_public_key, to_base64
from notifications.push.services import add_device, device_name, renew_push_leases, send_push, send_pushes
from notifications.services.preferences import choose, set_thread_level
from tests.accounts.web_servers import Web, page, raw
from tests.factories import PASSWORD, make_comment
from tests.notifications.people import later, write


class Browser:
    """The browser's side of a subscription, with a different library."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = bytes(range(16))

    @property
    def keys(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": to_base64(point), "auth": to_base64(self.auth)}

    def open(self, body: bytes) -> bytes:
        return http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")


@given(st.binary(min_size=1, max_size=MAX_BYTES))
def test_only_the_browser_reads_what_is_sent(message):
    browser = Browser()
    sealed = encrypt(message, **browser.keys)
    assert browser.open(sealed) == message
    with pytest.raises(http_ece.ECEException):
        Browser().open(sealed)


def test_what_is_too_long_is_no_push():
    with pytest.raises(ValueError, match="holds"):
        encrypt(b"x" * (MAX_BYTES + 1), **Browser().keys)


@pytest.fixture
def web(tmp_path, monkeypatch) -> Iterator[Web]:
    web = Web(tmp_path)
    monkeypatch.setattr(http_client, "public_web", web.rules)
    yield web
    web.close()


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def device(db, web, browser, other_member) -> Device:
    """A device of Bob's."""
    web.answers["/push/1"] = page("", "201 Created")
    return add_device(other_member, endpoint=web.url("/push/1"), **browser.keys, name="Firefox, Linux")


@pytest.fixture
def mine(device, post, other_member) -> Comment:
    return make_comment(post, author=other_member)


def states() -> list[str]:
    return list(Push.objects.order_by("pk").values_list("state", flat=True))


def test_an_answer_is_shown_on_the_device_once(web, browser, device, mine, member):
    answer = write(member, mine.post, "By the *stove*.", parent=mine)
    send_pushes()
    assert web.sent == []  # what is undone within the minute notifies no one
    with later(minutes=2):
        send_pushes()
        send_pushes()
    ((headers, body),) = web.sent
    assert json.loads(browser.open(body)) == {
        "title": "alice replied to you",
        "body": f"{mine.post.title}\nBy the stove.",
        "url": f"/comments/{answer.pk}/",
        "tag": f"talk-{mine.post_id}",
    }
    assert {name: headers[name] for name in ("Content-Encoding", "TTL", "Topic", "Urgency")} == {
        "Content-Encoding": "aes128gcm",
        "TTL": "86400",
        "Topic": f"talk-{mine.post_id}",
        "Urgency": "normal",
    }
    assert states() == ["sent"]
    assert "Cookie" not in headers


def test_the_push_service_learns_who_sends_and_can_prove_it(web, device, mine, member):
    write(member, mine.post, parent=mine)
    with later(minutes=2) as clock:
        now = timezone.now().timestamp()
        send_pushes()
        assert clock
    token, key = web.sent[0][0]["Authorization"].removeprefix("vapid t=").split(", k=")
    assert key == site_public_key()
    head, claims, signature = token.split(".")
    assert json.loads(from_base64(head)) == {"typ": "JWT", "alg": "ES256"}
    said = json.loads(from_base64(claims))
    assert (said["aud"], said["sub"]) == (web.url("").rstrip("/"), "http://testserver")
    assert now < said["exp"] <= now + 24 * 3600
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64(key))
    both = from_base64(signature)
    proof = encode_dss_signature(int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big"))
    public.verify(proof, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(proof, b"anything else", ec.ECDSA(SHA256()))


def taken_back(answer, owner):
    delete_comment(answer, by=answer.author)


def read(answer, owner):
    Notification.objects.update(seen_at=timezone.now())


def muted(answer, owner):
    Mute.objects.create(member=owner, muted=answer.author)


def left_the_talk(answer, owner):
    set_thread_level(owner, answer.post, "muted")


def switched_off(answer, owner):
    choose(owner, answers="off")


def left(answer, owner):
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)


@pytest.mark.parametrize("happens", [taken_back, read, muted, left_the_talk, switched_off, left])
def test_what_nobody_needs_any_more_is_not_shown(web, device, mine, member, other_member, happens):
    answer = write(member, mine.post, parent=mine)
    happens(answer, other_member)
    with later(minutes=2):
        send_pushes()
    assert (web.sent, states()) == ([], ["dropped"])


def test_who_follows_along_is_not_disturbed(device, mine, member, other_member):
    other = make_comment()
    Push.objects.all().delete()
    set_thread_level(other_member, other.post, "following")
    write(member, other.post, "Words.", parent=other)
    assert states() == []


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "403 Forbidden"])
def test_a_subscription_that_ended_is_forgotten(web, device, mine, member, status):
    web.answers["/push/1"] = page("", status)
    write(member, mine.post, parent=mine)
    with later(minutes=2):
        send_pushes()
    assert (Device.objects.count(), Push.objects.count()) == (0, 0)


@pytest.mark.parametrize("answer", [page("", "503 Service Unavailable"), page("", "429 Too Many Requests"), raw(b"nonsense\r\n\r\n"), page("", "302 Found", Location="https://other.example/")])  # fmt: skip
def test_a_push_service_that_is_away_is_asked_again_and_in_the_end_given_up(
    web, device, mine, member, answer
):
    web.answers["/push/1"] = answer
    write(member, mine.post, parent=mine)
    for minutes in (2, 4, 20, 120, 600):
        with later(minutes=minutes):
            send_pushes()
    assert (states(), len(web.sent), Device.objects.get().failures) == (["failed"], 4, 4)
    assert {host for host, _path in web.asked} == {"ada.example"}


def test_a_device_that_never_answers_is_forgotten_in_the_end(web, device, mine, member):
    web.answers["/push/1"] = page("", "500 Oh")
    Device.objects.update(failures=9)
    write(member, mine.post, parent=mine)
    with later(minutes=2):
        send_pushes()
    assert Device.objects.count() == 0


@pytest.mark.parametrize(
    "endpoint",
    ["https://inside.example/", "https://127.0.0.2/", "http://ada.example/push", "https://ada.example:22/"],
)
def test_nothing_inside_is_ever_asked(web, device, mine, member, endpoint):
    web.addresses["inside.example"] = ["127.0.0.1", "127.0.0.9"]
    Device.objects.update(endpoint=endpoint)
    write(member, mine.post, parent=mine)
    with later(minutes=2):
        send_pushes()
    assert (web.connections, web.asked, Device.objects.count()) == (0, [], 0)


def test_a_worker_that_is_killed_loses_none(web, device, mine, member, monkeypatch):
    write(member, mine.post, parent=mine)

    def die(push):
        raise SystemExit

    with later(minutes=2):
        monkeypatch.setattr("notifications.push.services.send_push", die)
        with pytest.raises(SystemExit):
            send_pushes()
        monkeypatch.setattr("notifications.push.services.send_push", send_push)
        send_pushes()
        assert web.sent == []  # its worker is still considered alive
    with later(minutes=3):
        send_pushes()
    assert (len(web.sent), states()) == (1, ["sent"])


def test_a_slow_push_service_does_not_lose_the_lease_of_a_worker_that_lives(
    web, device, mine, member, monkeypatch
):
    write(member, mine.post, parent=mine)

    def send_slowly(push):
        """Two minutes pass, with a heartbeat every ten seconds; another worker runs in between."""
        for seconds in range(10, 120, 10):
            with later(seconds=seconds):
                assert renew_push_leases() == 1
                assert not Push.objects.to_send().exists()
        send_push(push)

    with later(minutes=2):
        monkeypatch.setattr("notifications.push.services.send_push", send_slowly)
        send_pushes()
        assert renew_push_leases() == 0
    assert (len(web.sent), states()) == (1, ["sent"])


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
        OSError(24, "Too many open files"),
    ],
    ids=str,
)
def test_what_fails_on_our_side_does_not_count_against_a_device(
    web, device, mine, member, monkeypatch, error
):
    def resolve(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(http_client, "public_web", lambda: replace(web.rules(), resolve=resolve))
    Device.objects.update(failures=9)
    write(member, mine.post, parent=mine)
    with later(minutes=2):
        send_pushes()
    assert (states(), Device.objects.get().failures) == (["ready"], 9)
    monkeypatch.setattr(http_client, "public_web", web.rules)
    with later(minutes=15):
        send_pushes()
    assert (states(), Device.objects.get().failures) == (["sent"], 0)


# --- turning it on and off -----------------------------------------------------------


def test_a_member_switches_a_device_on_and_off(signed_in, browser, other_member, member):
    bob = signed_in(other_member)
    sent = {"endpoint": "https://push.example/abc", **browser.keys}
    agent = {"User-Agent": "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0"}
    assert [bob.post("/notifications/devices/", sent, headers=agent).status_code for _ in range(2)] == [
        204,
        204,
    ]
    device = Device.objects.get()
    assert (device.member, device.name, device.endpoint) == (
        other_member,
        "Firefox, Android",
        "https://push.example/abc",
    )
    page = bob.get("/notifications/settings/").content.decode()
    assert "Firefox, Android" in page
    assert f'data-key="{site_public_key()}"' in page
    assert "push.example" not in page
    alice = signed_in(member)
    assert alice.post(f"/notifications/devices/{device.pk}/delete/").status_code == 404
    assert "Firefox, Android" not in alice.get("/notifications/settings/").content.decode()
    assert bob.post(f"/notifications/devices/{device.pk}/delete/").status_code == 302
    assert Device.objects.count() == 0


@pytest.fixture
def signed_in_twice(browser, member) -> tuple[Client, Client]:
    """Alice's laptop and phone, each with push notifications; a third device got them long ago."""
    clients = (Client(headers={"User-Agent": "Table"}), Client(headers={"User-Agent": "Phone"}))
    for number, client in enumerate(clients):
        client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
        sent = {"endpoint": f"https://push.example/{number}", **browser.keys}
        assert client.post("/notifications/devices/", sent).status_code == 204
    add_device(member, endpoint="https://push.example/2", **browser.keys, name="")
    return clients


def left() -> list[str]:
    return [device.endpoint[-1] for device in Device.objects.order_by("endpoint")]


@pytest.mark.django_db
def test_signing_out_ends_the_push_notifications_of_that_device(signed_in_twice, browser, other_member):
    table, phone = signed_in_twice
    table.post("/accounts/logout/")
    assert left() == ["1", "2"]
    # The browser belongs to another member now.
    add_device(other_member, endpoint="https://push.example/1", **browser.keys, name="")
    phone.post("/accounts/logout/")
    assert left() == ["1", "2"]


@pytest.mark.django_db
@pytest.mark.parametrize("which", ["that one", "all others"])
def test_a_device_that_is_signed_out_from_another_one_shows_nothing_more(signed_in_twice, which):
    table, _phone = signed_in_twice
    there = UserSession.objects.get(user_agent="Phone")
    table.post(
        f"/members/me/devices/{there.pk}/end/" if which == "that one" else "/accounts/sessions/",
    )
    assert left() == ["0", "2"]


@pytest.mark.django_db
def test_a_new_password_ends_the_push_notifications_of_all_devices(signed_in_twice, browser, other_member):
    add_device(other_member, endpoint="https://push.example/3", **browser.keys, name="")
    new = "forks and knives for nine"
    signed_in_twice[0].post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert left() == ["3"]


def test_a_browser_shows_the_alerts_of_one_member_only(browser, member, other_member, db):
    for somebody in (member, other_member):
        add_device(somebody, endpoint="https://push.example/abc", **browser.keys, name="")
    assert Device.objects.get().member == other_member


def test_only_so_many_devices(browser, member):
    for number in range(Device.MAX_PER_MEMBER + 3):
        add_device(member, endpoint=f"https://push.example/{number}", **browser.keys, name=str(number))
    assert sorted(int(device.name) for device in Device.objects.all()) == list(
        range(3, Device.MAX_PER_MEMBER + 3)
    )


@pytest.mark.parametrize("wrong", [
    {"endpoint": "http://push.example/"}, {"endpoint": "javascript:alert(1)"}, {"endpoint": ""}, {"endpoint": "https://push.example/" + "x" * 2000}, {"endpoint": "https://push.example/\x00"},
    {"p256dh": ""}, {"p256dh": "AAAA"}, {"p256dh": "é" * 20}, {"p256dh": base64.urlsafe_b64encode(b"\x04" + bytes(64)).decode()}, {"auth": "AAAA"}, {"auth": "\ud800".encode("utf-8", "surrogatepass")},
], ids=str)  # fmt: skip
def test_what_is_no_subscription_is_refused(signed_in, member, browser, wrong):
    answer = signed_in(member).post(
        "/notifications/devices/", {"endpoint": "https://push.example/abc", **browser.keys} | wrong
    )
    assert (answer.status_code, list(answer.json())) == (422, list(wrong))
    assert Device.objects.count() == 0


def test_the_script_for_browsers_may_act_for_the_whole_site(client, db):
    answer = client.get("/push-worker.js")
    assert answer["Content-Type"] == "text/javascript"
    assert "no-cache" in answer["Cache-Control"]
    assert "fetch" not in answer.content.decode()  # it intercepts no requests


@pytest.mark.parametrize(("agent", "name"), [
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0", "Edge, Windows"), ("curl/8", ""),
])  # fmt: skip
def test_devices_have_names_that_people_know(agent, name):
    assert device_name(agent) == name
