"""Subscribers as CSV files: export, and import from here or elsewhere."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django.asserts import assertContains

from notifications.models import Subscriber
from tests.notifications.people import later
from tests.notifications.subscribers import subscribe

pytestmark = pytest.mark.django_db

IMPORT, EXPORT = "/admin/notifications/subscriber/import/", "/admin/notifications/subscriber/export/"


@pytest.fixture
def host_client(host, signed_in):
    return signed_in(host)


def send(host_client, content: str | bytes, **more):
    raw = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("people.csv", raw, content_type="text/csv")
    return host_client.post(IMPORT, {"file": file, "has_consent": "on"} | more)


def export(host_client) -> str:
    return b"".join(host_client.get(EXPORT).streaming_content).decode()


def rows() -> list[tuple[str, str, str, bool]]:
    return [
        (one.email, one.rhythm, one.confirmed_at.date().isoformat(), one.is_active)
        for one in Subscriber.objects.order_by("email")
    ]


def test_what_was_exported_is_imported_whole(host_client):
    when = datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)
    subscribe("ada@example.org", confirmed_at=when)
    subscribe("ben@example.org", confirmed_at=when, rhythm="weekly", source="import")
    subscribe("cay@example.org", confirmed_at=when, unsubscribed_at=datetime(2022, 1, 1, tzinfo=UTC))
    subscribe("=1+1@example.org", confirmed_at=when)
    content = export(host_client)
    assert content.splitlines() == [
        "\ufeffemail,frequency,consent_date,source,unsubscribed_date",
        "ada@example.org,at_once,2021-03-04T05:06:07+00:00,form,",
        "ben@example.org,weekly,2021-03-04T05:06:07+00:00,import,",
        "cay@example.org,at_once,2021-03-04T05:06:07+00:00,form,2022-01-01T00:00:00+00:00",
        "'=1+1@example.org,at_once,2021-03-04T05:06:07+00:00,form,",
    ]
    before = rows()
    Subscriber.objects.all().delete()
    assertContains(send(host_client, content), "4 subscribers added.")
    assert rows() == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("ada@example.org\nben@example.org\n", [("ada@example.org", "today"), ("ben@example.org", "today")]),
        ("Email Address;Start date\nAda@Example.org;04/03/2021\n", [("ada@example.org", "2021-03-04")]),
        ("Email\tOptin time\r\nada@example.org\t2021-03-04 05:06:07\r\n", [("ada@example.org", "2021-03-04")]),
        ('"email","name","created_at"\n"ada@example.org","Ada, L.","2021-03-04T05:06:07.000Z"\n', [("ada@example.org", "2021-03-04")]),
        ("email,consent_date\nada@example.org,2999-01-01\n", [("ada@example.org", "today")]),
        ("email,consent_date\nada@example.org,2021-02-31\n", [("ada@example.org", "today")]),
        ("email,consent_date\nada@example.org,0001-01-01\n", [("ada@example.org", "0001-01-01")]),
        ("email\nada@example.org\nADA@example.org\n\n", [("ada@example.org", "today")]),
        ("email\nada@example.org\n".encode("utf-16"), [("ada@example.org", "today")]),
        ("email,name\nada@example.org,Zo\xeb\n".encode("cp1252"), [("ada@example.org", "today")]),
    ],
)  # fmt: skip
def test_files_of_other_systems_are_read(host_client, content, expected):
    assert send(host_client, content).status_code == 200
    today = timezone.now().date().isoformat()
    assert [
        (email, "today" if day == today else day) for email, _rhythm, day, _is_active in rows()
    ] == expected


def test_nobody_who_unsubscribed_here_is_subscribed_again(host_client):
    subscribe("ada@example.org", unsubscribed_at=timezone.now())
    subscribe("ben@example.org")
    with later(days=1):
        response = send(host_client, "email\nada@example.org\nben@example.org\ncay@example.org\n")
    assertContains(response, "1 subscriber added.")
    assertContains(response, "1 was already subscribed.")
    assertContains(response, "1 had unsubscribed here before, and stays unsubscribed.")
    assert not Subscriber.objects.get(email="ada@example.org").is_active


def test_lines_that_are_no_addresses_are_named(host_client):
    response = send(host_client, "email\nada@example.org\nnobody\n" + "x@\n" * 12)
    assertContains(response, "1 subscriber added.")
    assertContains(response, "Line 3 was left out: not an email address")
    assertContains(response, "3 more lines were left out.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name,town\nAda,London\n", "No column is named “email”."),
        ("", "The submitted file is empty."),
        (b"PK\x03\x04" + bytes(range(256)) * 20, "No column is named “email”."),
        ('email\n"' + "x" * 200_000, "This isn’t a CSV file."),
    ],
)
def test_other_files_are_refused_with_a_message(host_client, content, said):
    assertContains(send(host_client, content), said, status_code=422)
    assert not Subscriber.objects.exists()


def test_too_large_files_are_refused(host_client, settings):
    settings.SUBSCRIBER_FILE_MAX_ROWS = 2
    assertContains(
        send(host_client, "email\na@b.org\nb@b.org\nc@b.org\n"), "more than 2 lines", status_code=422
    )
    settings.SUBSCRIBER_FILE_MAX_BYTES = 10
    assertContains(send(host_client, "email\na@b.org\n"), "Split it", status_code=422)
    assert not Subscriber.objects.exists()


def test_nobody_is_imported_without_consent(host_client):
    response = send(host_client, "email\nada@example.org\n", has_consent="")
    assertContains(response, "Confirm that they agreed.", status_code=422)
    assert not Subscriber.objects.exists()


def test_files_are_for_the_host_alone(client, member, moderator, signed_in):
    subscribe("ada@example.org")
    for other in (client, signed_in(member), signed_in(moderator)):
        assert [other.get(page).status_code for page in (IMPORT, EXPORT)] == [302, 302]
        assert send(other, "email\nben@example.org\n").status_code == 302
    assert Subscriber.objects.count() == 1


def test_the_host_unsubscribes_addresses_from_the_list(host_client):
    one, other = subscribe("ada@example.org"), subscribe("ben@example.org")
    page = "/admin/notifications/subscriber/"
    response = host_client.post(
        page, {"action": "unsubscribe_selected", "_selected_action": [one.pk]}, follow=True
    )
    assertContains(response, "1 address unsubscribed.")
    assert [Subscriber.objects.get(pk=pk).is_active for pk in (one.pk, other.pk)] == [False, True]
    assertContains(host_client.get(page, {"state": "unsubscribed"}), "ada@example.org")
    assert "ben@example.org" not in host_client.get(page, {"state": "unsubscribed"}).content.decode()
