"""Profile links verified by a page that links back.

The servers verify, un-verify, redirect, fail, respond slowly and lie.
"""

import ipaddress
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import F
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import LinkFollowed, ProfileLink, User
from accounts.services.link_verification import BackLinks, Unreadable, fetch_and_check_link
from accounts.services.profile import count_following, request_check
from accounts.tasks import check_links_again, forget_old_counts
from core.tasks.periodic import PERIODIC_TASKS
from core.utils import http_client
from core.utils.ratelimit import TooFast
from tests.accounts.web_servers import Web, page, raw, redirect
from tests.factories import make_member
from tests.figures import figure
from tests.slow_inputs import PAGES, repeated

pytestmark = pytest.mark.django_db

PROFILE = "http://testserver/members/alice/"
PROOF = f'<p>Me elsewhere: <a rel="me" href="{PROFILE}">the table</a></p>'


@pytest.fixture
def web(tmp_path, monkeypatch):
    web = Web(tmp_path)
    monkeypatch.setattr(http_client, "public_web", web.rules)
    yield web
    web.close()


@pytest.fixture
def link(web, member) -> ProfileLink:
    return ProfileLink.objects.create(user=member, url=web.url())


def look(link: ProfileLink) -> tuple[str, str]:
    """Check the link; return its state and the reason why it is not verified."""
    fetch_and_check_link(link.pk)
    link.refresh_from_db()
    return link.state, link.problem_text


NO_LINK = "The page has no link with rel=“me” to your profile here."


# --- valid pages ---


@pytest.mark.parametrize(
    "body",
    [
        PROOF,
        f"<LINK REL='noopener ME' HREF={PROFILE}>",
        '<a href="https://testserver/members/alice" rel="me">over https, without the slash</a>',
        '<a rel=me href="http://TESTSERVER:80/members/Alice/#links">in capitals</a>',
        f'<a rel="me"\n\thref="\n{PROFILE} ">with blanks</a>',
        '<base href="http://testserver/members/"><a rel="me" href="alice/">relative</a>',
        f'<a rel="me" href="https://elsewhere.example/">another</a> {PROOF}',
        f"<script>if (a < b) x = '<a>'</script>{PROOF}",
        f"<textarea>words</textarea>{PROOF}",
        "<p>" * 5000 + PROOF,
        b"\xff\xfe not a text at all " + PROOF.encode(),
    ],
)
def test_a_page_that_links_back_proves_the_link(web, link, body):
    web.answers["/"] = page(body)
    with time_machine.travel(datetime(2026, 5, 3, tzinfo=UTC), tick=False):
        assert look(link) == ("proved", "")
    assert (link.verified_at, link.checked_at, link.next_check_at) == (
        *[datetime(2026, 5, 3, tzinfo=UTC)] * 2,
        datetime(2026, 6, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "header",
    [
        f'<{PROFILE}>; rel="me"',
        f"<https://a.example/>; rel=next, <{PROFILE}>; title=x; rel=me",
        f'<{PROFILE}>; rel="author ME"',
    ],
)
def test_a_header_that_links_back_proves_the_link_of_whatever_kind_it_is(web, link, header):
    web.answers["/"] = page("{}", kind="application/json", Link=header)
    assert look(link) == ("proved", "")


def test_characters_not_allowed_in_a_url_are_percent_encoded(web, link):
    ProfileLink.objects.update(url=web.url("/ada?x=ä b&y=%41"))
    web.answers["/ada?x=%C3%A4%20b&y=%41"] = page(PROOF)
    assert look(link) == ("proved", "")
    assert web.asked == [("ada.example", "/ada?x=%C3%A4%20b&y=%41")]


# --- invalid pages ---


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Come and see me at " + PROFILE,
        f'<a href="{PROFILE}">without rel</a>',
        f'<a rel="some" href="{PROFILE}">nearly</a>',
        '<a rel="me" href="http://testserver/members/bob/">somebody else</a>',
        '<a rel="me" href="http://testserver.evil.example/members/alice/">another host</a>',
        '<a rel="me" href="http://evil.example/?http://testserver/members/alice/">another host</a>',
        '<a rel="me" href="http://testserver@evil.example/members/alice/">another host</a>',
        '<a rel="me" href="http://testserver:8000/members/alice/">another port</a>',
        '<a rel="me" href="ftp://testserver/members/alice/">another scheme</a>',
        '<a rel="me" href="http://testserver/members/alice/?next=https://evil.example">another page</a>',
        '<a rel="me" href="http://[testserver/members/alice/">broken</a>',
        f"<!-- {PROOF} -->",
        f"<script>var a = '{PROOF}'</script>",
        f"<style>{PROOF}</style>",
        f"<textarea>{PROOF}</textarea>",
        f"<title>{PROOF}</title>",
        f"<template>{PROOF}</template>",
        f"<iframe>{PROOF}</iframe>",
        f'<p title="{PROOF.replace(chr(34), chr(39))}">in an attribute</p>',
        f'<a href="https://elsewhere.example/" rel="me" href="{PROFILE}">the first of two counts</a>',
        f'<span rel="me" href="{PROFILE}">no link</span>',
        f'<a rel="me" href="{PROFILE}"',
        PROOF.replace("<", "&lt;"),
    ],
)
def test_a_page_that_does_not_link_back_proves_nothing(web, link, body):
    web.answers["/"] = page(body)
    assert look(link) == ("claimed", NO_LINK)
    assert (link.verified_at, link.next_check_at) == (None, None)


def test_a_picture_is_not_a_page(web, link):
    web.answers["/"] = page(PROOF, kind="image/png")
    assert look(link) == ("claimed", "The address doesn’t lead to a web page (image/png).")


@pytest.mark.parametrize("answer", [raw(b"SSH-2.0-OpenSSH_9.9\r\n"), raw(b""), raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), raw(b"HTTP/1.1 " + b"2" * 70_000), raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")])  # fmt: skip
def test_what_is_not_http_is_no_answer(web, link, answer):
    web.answers["/"] = answer
    assert look(link) == ("claimed", "The server didn’t respond, or not over HTTP.")


def test_a_length_that_is_not_true_does_no_harm(web, link):
    web.answers["/"] = raw(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999999\r\n\r\n" + PROOF.encode()
    )
    assert look(link) == ("proved", "")


def test_a_certificate_for_another_name_is_not_believed(web, link):
    web.answers["/"] = page(PROOF)
    ProfileLink.objects.update(url=web.url(host="mallory.example"))
    assert look(link) == ("claimed", "The server’s certificate isn’t valid for this address.")
    assert web.asked == []


# --- changed and unreachable pages ---


def test_a_seal_goes_when_the_page_links_back_no_longer_and_comes_again(web, link):
    web.answers["/"] = page(PROOF)
    look(link)
    verified_at = link.verified_at
    web.answers["/"] = page("Moved on.")
    assert look(link) == ("claimed", NO_LINK)
    assert link.verified_at == verified_at
    assert link.next_check_at > link.checked_at
    web.answers["/"] = page(PROOF)
    assert look(link) == ("proved", "")
    assert link.verified_at > verified_at


def days(link: ProfileLink, number: int) -> list[str]:
    """Return the link's state after daily checks, each with a second one requested by its owner."""
    start, states = timezone.now(), []
    for day in range(number):
        for hour in (0, 1):
            with time_machine.travel(start + timedelta(days=day, hours=hour), tick=False):
                states.append(look(link)[0])
    return states[::2]


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
@pytest.mark.parametrize("before", ["claimed", "proved"])
def test_a_page_that_is_not_there_for_days_is_gone(web, link, status, before):
    if before == "proved":
        web.answers["/"] = page(PROOF)
        look(link)
    web.answers["/"] = page(PROOF, status)
    assert look(link) == (before, f"The page wasn’t found (response {status[:3]}).")
    assert link.next_check_at - link.checked_at == timedelta(days=1)
    assert days(link, 4)[1:] == [before, "gone", "gone"]
    web.answers["/"] = page(PROOF)
    assert look(link) == ("proved", "")


def test_a_host_that_is_not_there_for_days_is_gone(web, link):
    web.addresses["ada.invalid"] = []
    ProfileLink.objects.update(url=web.url(host="ada.invalid"))
    assert look(link) == ("claimed", "ada.invalid doesn’t exist.")
    assert days(link, 3) == ["claimed", "claimed", "gone"]


NOT_REACHED = "We couldn’t reach it. That may be our fault, so nothing has changed. We’ll try again tomorrow."


def raising(error: Exception):
    def resolve(*_args: Any, **_kwargs: Any) -> list[Any]:
        raise error

    return resolve


@pytest.mark.parametrize("before", ["claimed", "proved", "gone"])
@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
        socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure in name resolution"),
        socket.gaierror(socket.EAI_SYSTEM, "System error"),
        socket.gaierror(socket.EAI_MEMORY, "History allocation failure"),
        OSError(24, "Too many open files"),
    ],
    ids=str,
)
def test_a_name_server_of_ours_that_fails_changes_no_link(web, link, monkeypatch, before, error):
    ProfileLink.objects.update(state=before, verified_at=timezone.now() if before == "proved" else None)
    monkeypatch.setattr(http_client, "public_web", lambda: replace(web.rules(), resolve=raising(error)))
    assert look(link) == (before, NOT_REACHED)
    assert days(link, 5) == [before] * 5
    assert (link.failed_checks, link.next_check_at - link.checked_at) == (0, timedelta(days=1))


def test_no_way_out_of_here_changes_no_link(web, link, monkeypatch, signed_in, member):
    """A real socket without a route: no address of this kind is reachable from this machine."""
    ProfileLink.objects.update(state="proved", verified_at=timezone.now())
    nowhere = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("255.255.255.255", 443))]
    monkeypatch.setattr(
        http_client,
        "public_web",
        lambda: replace(
            web.rules(), resolve=lambda *_args, **_kwargs: nowhere, is_allowed=lambda _address: True
        ),
    )
    assert look(link) == ("proved", NOT_REACHED)
    card = signed_in(member).get("/members/alice/card.vcf").content.decode().replace("\r\n ", "")
    assert link.url in card


def test_a_network_that_closed_is_gone_and_nobody_goes_there(web, link):
    ProfileLink.objects.update(url="https://plus.google.com/1")
    assert look(link) == ("gone", "Google+ has closed.")
    assert web.resolved == []


def test_a_server_at_fault_gets_three_tries_before_the_seal_goes(web, link):
    web.answers["/"] = page(PROOF)
    look(link)
    web.answers["/"] = page("Out of order.", "503 Service Unavailable")
    words = "The server had an error (response 503)."
    assert look(link) == ("proved", words)
    assert days(link, 3) == ["proved", "proved", "claimed"]
    assert link.next_check_at - link.checked_at == timedelta(days=30)
    web.answers["/"] = page(PROOF)
    assert look(link) == ("proved", "")
    assert link.failed_checks == 0


@pytest.mark.parametrize(
    "status",
    ["401 Unauthorized", "403 Forbidden", "429 Too Many Requests", "999 Go Away", "304 Not Modified"],
)
def test_a_server_that_lets_nobody_in_says_nothing_about_the_link(web, link, status):
    web.answers["/"] = page(PROOF, status)
    assert look(link) == ("claimed", f"The server refused to show us the page (response {status[:3]}).")


def test_a_server_that_is_switched_off_is_no_answer(web, link):
    web.close()
    assert look(link) == ("claimed", "The server didn’t respond, or not over HTTP.")


# --- redirects ---


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
def test_redirects_are_taken_on_the_same_host(web, link, status):
    web.answers |= {
        "ada.example/": redirect("/ada", status),
        "/ada": redirect(web.url("/me", "www.ada.example"), status),
        "/me": page(PROOF),
    }
    assert look(link) == ("proved", "")
    assert web.asked == [("ada.example", "/"), ("ada.example", "/ada"), ("www.ada.example", "/me")]


def test_the_hosts_of_one_network_are_one(web, link):
    ProfileLink.objects.update(url=web.url("/ada", "twitter.com"))
    web.answers |= {"twitter.com/ada": redirect(web.url("/ada", "x.com")), "x.com/ada": page(PROOF)}
    assert look(link) == ("proved", "")


def test_another_host_cannot_speak_for_this_one(web, link):
    web.answers |= {"ada.example/": redirect(web.url("/", "other.example")), "other.example/": page(PROOF)}
    assert look(link) == (
        "claimed",
        f"The page redirects to other.example:{web.port}. Use that address instead.",
    )
    assert web.asked == [("ada.example", "/")]


@pytest.mark.parametrize(
    ("steps", "expected"), [(5, ("proved", "")), (6, ("claimed", "The page redirects too many times."))]
)
def test_five_redirects_are_enough(web, link, steps, expected):
    web.answers |= {f"/{step}": redirect(f"/{step + 1}") for step in range(1, steps)}
    web.answers |= {"/": redirect("/1"), f"/{steps}": page(PROOF)}
    assert look(link) == expected


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("http://ada.example/", "Only addresses that start with https:// can be verified."),
        ("//www.ada.example:22/", "www.ada.example:22 isn’t on the public web."),
        ("https://www.ada.example:PORT/", "www.ada.example isn’t on the public web."),
        ("https://[ada", "The server didn’t respond, or not over HTTP."),
    ],
)
def test_each_step_of_a_redirect_is_looked_at(web, link, to, words):
    web.addresses["www.ada.example"] = ["127.0.0.2"]
    web.answers |= {"/": redirect(to.replace("PORT", str(web.port)))}
    assert look(link) == ("claimed", words)
    assert web.asked == [("ada.example", "/")]


def test_a_redirect_without_a_place_is_not_taken(web, link):
    web.answers["/"] = page(PROOF, "302 Found")
    assert look(link) == ("claimed", "The server refused to show us the page (response 302).")


# --- slow and endless responses ---


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"HTTP/1.1 200 OK\r\nX: ", b"x", drip=0.01, for_ever=True),
        raw(HEAD, b"x", drip=0.01, for_ever=True),
        raw(b"HTTP/1.1 100 Continue\r\n\r\n", drip=0.01, for_ever=True),
        raw(HEAD, b"", drip=20, for_ever=True),
    ],
    ids=["head", "body", "continue", "silence"],
)
def test_a_server_that_drips_is_left(web, link, monkeypatch, answer):
    web.answers["/"] = answer
    monkeypatch.setattr(http_client, "public_web", lambda: web.rules(max_seconds=0.5))
    assert look(link) == ("claimed", "The server took too long to respond.")


def test_a_server_that_never_shakes_hands_is_left(web, link, monkeypatch):
    web.answers["no handshake"] = page("")
    monkeypatch.setattr(http_client, "public_web", lambda: web.rules(max_seconds=0.5))
    assert look(link) == ("claimed", "The server took too long to respond.")


def test_all_redirects_share_one_time(web, link, monkeypatch):
    web.answers |= {"/": redirect("/1"), "/1": raw(HEAD, b"x", drip=0.01, for_ever=True)}
    monkeypatch.setattr(http_client, "public_web", lambda: web.rules(max_seconds=0.5))
    assert look(link) == ("claimed", "The server took too long to respond.")


@pytest.mark.parametrize(("before", "expected"), [(b"", ("proved", "")), (b"x" * 2**20, ("claimed", "The page is larger than 1 MB, and the first part has no link to your profile."))])  # fmt: skip
def test_no_more_than_a_megabyte_is_read(web, link, before, expected):
    web.answers["/"] = raw(HEAD + before + PROOF.encode(), b"x" * 65536, for_ever=True)
    assert look(link) == expected


@pytest.mark.parametrize("start", PAGES)
def test_a_page_made_to_keep_the_parser_busy_is_read_or_set_aside(start):
    """tests/bench_slow_inputs.py measures how long it takes."""
    text = repeated(start, 2**18)
    with suppress(Unreadable):
        assert not BackLinks("https://ada.example/", lambda url: True).find(text)


# --- no requests to internal addresses ---


LOOPBACK = [
    "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1", "127.0.1", "127.0.0.1.", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001",
    "0", "0.0.0.0", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",  # noqa: S104
    "①②⑦.0.0.1", "127。0。0。1", "user@127.0.0.1", "example.org@127.0.0.1", "example.org:x@127.0.0.1", "127.127.127.127",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_no_spelling_of_this_machine_is_asked(host):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        port = listener.getsockname()[1]
        rules = replace(http_client.public_web(), ports=frozenset({port}))
        with pytest.raises(http_client.FetchError) as refused:
            http_client.fetch(f"https://{host}:{port}/", rules)
        assert refused.value.reason in {"not_public", "no_host"}
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255",
     "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "2001:0:a00:1::f5ff:fffe", "fec0::1"],
)  # fmt: skip
def test_addresses_of_the_inside_are_not_public(address):
    assert not http_client.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "93.184.215.14",
        "1.1.1.1",
        "2606:4700:4700::1111",
        "2a00:1450:4001:81b::200e",
        "64:ff9b::101:101",
        "::ffff:1.1.1.1",
    ],
)
def test_addresses_of_the_web_are_public(address):
    assert http_client.is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_is_as_public_as_what_is_wrapped_in_it(address):
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert http_client.is_public(ipaddress.ip_address(wrapped)) == http_client.is_public(address)


def test_one_address_inside_among_several_is_a_trap(web, link):
    web.addresses["ada.example"] = ["127.0.0.1", "127.0.0.2"]
    assert look(link) == ("claimed", "ada.example isn’t on the public web.")
    assert web.connections == 0


def test_the_connection_goes_to_the_address_that_was_looked_at(web, link, monkeypatch):
    """A DNS server with a different second answer (DNS rebinding) is not queried a second time."""
    web.answers["/"] = page(PROOF)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: pytest.fail("resolved again"))
    assert look(link) == ("proved", "")
    assert web.resolved == ["ada.example"]


def test_an_address_without_encryption_is_not_asked(web, link):
    ProfileLink.objects.update(url=f"http://ada.example:{web.port}/")
    assert look(link) == ("claimed", "Only addresses that start with https:// can be verified.")
    assert web.connections == 0


# --- who may request a check, and when ---


def test_nothing_is_fetched_that_nobody_asked_for(web, member, signed_in):
    client = signed_in(member)
    data = {
        "links-TOTAL_FORMS": 1,
        "links-INITIAL_FORMS": 0,
        "links-0-url": web.url(),
        "display_name": "",
        "bio": f"See {web.url()}",
    }
    assert client.post("/members/me/edit/", data).status_code == 302
    for path in ("/members/alice/", "/members/", "/members/me/links/"):
        assert client.get(path).status_code == 200
    check_links_again()
    assert (web.resolved, web.connections) == ([], 0)


def test_the_owner_asks_and_reads_what_was_found(web, link, member, signed_in):
    client, check = signed_in(member), f"/members/me/links/{link.pk}/check/"
    web.answers["/"] = page("Not found.")
    assertRedirects(client.post(check), "/members/me/links/")
    assertContains(client.get("/members/me/links/"), NO_LINK)
    ProfileLink.objects.update(check_asked_at=F("check_asked_at") - timedelta(minutes=6))
    web.answers["/"] = page(PROOF)
    client.post(check)
    response = client.get("/members/me/links/")
    assertContains(response, '<span class="badge new">Verified</span>', html=True)
    assertNotContains(response, NO_LINK)
    assertContains(client.get("/members/alice/"), '<span class="vh">Verified</span>', html=True)
    assertContains(client.get("/members/alice/"), "What “verified” means")


def test_somebody_elses_link_is_not_ones_to_check(web, link, other_member, signed_in):
    assert signed_in(other_member).post(f"/members/me/links/{link.pk}/check/").status_code == 404
    assert signed_in(other_member).post("/members/me/links/99999999999999999999/check/").status_code == 404
    assert web.connections == 0


def test_repeated_requests_are_refused_with_a_message(web, link, member, signed_in):
    client, check = signed_in(member), f"/members/me/links/{link.pk}/check/"
    client.post(check)
    assertContains(client.post(check, follow=True), "This link was checked recently. Try again in 5 minutes.")
    assert len(web.asked) == 1


def test_twenty_links_an_hour_are_enough(web, member):
    links = [ProfileLink.objects.create(user=member, url=web.url(f"/{number}")) for number in range(21)]
    for link in links[:20]:
        request_check(link)
    with pytest.raises(TooFast):
        request_check(links[20])
    assert len(web.asked) == 20


def test_proved_links_are_looked_at_again_every_month_and_no_others(web, member, other_member):
    web.answers |= {"/": page(PROOF), "/b": page(""), "/c": page("")}
    proved = ProfileLink.objects.create(user=member, url=web.url())
    ProfileLink.objects.create(user=member, url=web.url("/b"))
    closed = ProfileLink.objects.create(
        user=other_member, url=web.url("/c"), next_check_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    User.objects.filter(pk=other_member.pk).update(is_active=False)
    with time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC), tick=False) as clock:
        fetch_and_check_link(proved.pk)
        clock.shift(timedelta(days=29))
        assert check_links_again() == 0
        clock.shift(timedelta(days=2))
        assert (check_links_again(), check_links_again()) == (1, 0)
        proved.refresh_from_db()
        assert proved.verified_at == datetime(2026, 6, 1, tzinfo=UTC)
    assert [path for _host, path in web.asked] == ["/", "/"]
    closed.refresh_from_db()
    assert closed.checked_at is None


def test_the_worker_has_these_periodic_tasks():
    assert {check_links_again, forget_old_counts} <= {task.run for task in PERIODIC_TASKS}


def test_what_was_found_of_an_address_is_not_written_to_another(web, link, monkeypatch):
    web.answers["/"] = page(PROOF)
    real = http_client.fetch

    def fetch_while_the_owner_changes_it(*args: Any, **options: Any) -> http_client.Page:
        ProfileLink.objects.filter(pk=link.pk).update(url=web.url("/other"))
        return real(*args, **options)

    monkeypatch.setattr(http_client, "fetch", fetch_while_the_owner_changes_it)
    assert look(link) == ("claimed", "")
    assert link.checked_at is None


# --- clicks on a link ---


def follow(client, link) -> int:
    return client.post(f"/members/links/{link.pk}/followed/").status_code


def test_only_the_owner_sees_how_often_a_link_was_followed(client, member, other_member, signed_in):
    link = ProfileLink.objects.create(user=member, url="https://ada.example/")
    assert [follow(visitor, link) for visitor in (client, signed_in(other_member), signed_in(member))] == [
        204,
        204,
        204,
    ]
    assertContains(
        signed_in(member).get("/members/me/links/"),
        "2 clicks in the last 30 days</span> <span>2 in the last year",
    )
    for visitor in (client, signed_in(other_member)):
        assertNotContains(visitor.get("/members/alice/"), "clicks in the last")
    assertNotContains(signed_in(other_member).get("/members/me/links/"), "ada.example")


def test_a_count_says_nothing_about_who(client, member):
    link = ProfileLink.objects.create(user=member, url="https://ada.example/")
    response = client.post(f"/members/links/{link.pk}/followed/")
    assert (response.content, response.cookies) == (b"", {})
    assert {field.name for field in LinkFollowed._meta.get_fields()} == {"id", "link", "day", "count"}


def test_a_link_of_nobody_is_not_counted(client, member):
    link = ProfileLink.objects.create(user=member, url="https://ada.example/")
    User.objects.update(is_active=False)
    assert follow(client, link) == 204  # as for any number
    assert not LinkFollowed.objects.exists()


def test_days_are_counted_apart_and_forgotten_after_a_year(member):
    link = ProfileLink.objects.create(user=member, url="https://ada.example/")
    with time_machine.travel(datetime(2026, 1, 1, 12, tzinfo=UTC), tick=False) as clock:
        for days in (0, 0, 300, 40, 0):
            clock.shift(timedelta(days=days))
            count_following(link)
        counted = member.links.with_counts().get()
        assert (counted.followed_lately, counted.followed_in_all) == (2, 5)
        clock.shift(timedelta(days=30))
        forget_old_counts()
        counted = member.links.with_counts().get()
        assert (counted.followed_lately, counted.followed_in_all) == (0, 3)


@pytest.mark.parametrize("links", [1, figure(5, 30)])
def test_the_page_of_links_costs_the_same_queries_however_many(links, signed_in, django_assert_num_queries):
    member = make_member("many")
    for number in range(links):
        count_following(ProfileLink.objects.create(user=member, url=f"https://example.org/{number}"))
    client = signed_in(member)
    with django_assert_num_queries(4):  # session, user, their unread notifications, the links
        assertContains(client.get("/members/me/links/"), "1 click in the last 30 days", count=links)
