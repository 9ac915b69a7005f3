"""Incomplete requests, and the responses to them."""

from io import BytesIO

import pytest
from django.test import Client

from comments.models import Comment

URL_ENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def writer(member, signed_in) -> Client:
    return signed_in(member)


def send(
    client: Client,
    url: str,
    body: bytes,
    content_type: str = URL_ENCODED,
    announced: int | None = None,
    **headers: str,
):
    """POST exactly these bytes, with the given Content-Length."""
    length = str(len(body) if announced is None else announced)
    return client.generic(
        "POST", url, body, content_type, CONTENT_LENGTH=length, **({"wsgi.input": BytesIO(body)} | headers)
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "charset", ["utf-16", "utf-7", "iso-8859-1", "windows-1252", "nonsense", "UTF-32", "utf8"]
)
def test_a_form_in_a_foreign_charset_is_refused(writer, charset):
    response = send(
        writer,
        "/theme/",
        b"theme=dark&next=/",
        f"{URL_ENCODED}; charset={charset}",
        HTTP_COOKIE="csrftoken=" + "a" * 32,
    )
    assert response.status_code == 400
    assert b"<h1>Something went wrong with that request</h1>" in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_a_form_in_our_own_charset_is_taken(writer, charset):
    assert (
        send(writer, "/theme/", b"theme=dark&next=/", f"{URL_ENCODED}; charset={charset}").status_code == 302
    )


@pytest.mark.parametrize("path", ["/nowhere/", "/accounts/login/", "/theme/"])
@pytest.mark.django_db
def test_a_foreign_charset_with_a_wrong_token_is_no_error_of_ours(path):
    client = Client(enforce_csrf_checks=True, raise_request_exception=True)
    response = send(
        client,
        path,
        "a=b".encode("utf-16"),
        f"{URL_ENCODED}; charset=utf-16",
        HTTP_COOKIE="csrftoken=" + "a" * 32,
    )
    assert response.status_code in {400, 404}


def test_half_a_comment_is_refused_and_nothing_is_stored(post, writer):
    response = send(writer, f"/posts/{post.slug}/comments/", b"body=I+do+not+agree+wi", announced=300)
    assert response.status_code == 400
    assert not Comment.objects.exists()


def test_half_a_multipart_comment_is_refused_and_nothing_is_stored(post, writer):
    body = b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\nI do not agree wi'
    response = send(
        writer,
        f"/posts/{post.slug}/comments/",
        body,
        "multipart/form-data; boundary=x",
        announced=len(body) + 200,
    )
    assert response.status_code == 400
    assert not Comment.objects.exists()


def test_a_whole_comment_is_stored(post, writer):
    assert send(writer, f"/posts/{post.slug}/comments/", b"body=I+do+not+agree+with+you.").status_code == 302
    assert Comment.objects.get().body == "I do not agree with you."


@pytest.mark.django_db
def test_a_form_without_a_length_is_refused(writer):
    response = writer.generic(
        "POST", "/theme/", b"", URL_ENCODED, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked"
    )
    assert response.status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=é",
        "multipart/form-data; boundary=x",
    ],
)
@pytest.mark.parametrize("path", ["/theme/", "/nowhere/", "/accounts/login/"])
def test_a_multipart_form_that_nobody_can_read_is_no_error_of_ours(writer, content_type, path):
    response = send(writer, path, b"nonsense", content_type)
    assert response.status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/posts/?tag=%00", "/posts/?page=1%00", "/members/%00/", "/posts/a%00b/", "/accounts/login/?next=%00"],
)
def test_a_nul_in_an_address_finds_nothing_and_breaks_nothing(client, path):
    assert client.get(path).status_code in {400, 404}


def test_a_nul_in_a_form_breaks_nothing(post, writer):
    assert send(writer, f"/posts/{post.slug}/comments/", b"body=a%00b").status_code < 500
    assert "\x00" not in "".join(Comment.objects.values_list("body", flat=True))


@pytest.mark.django_db
def test_bytes_that_are_no_text_break_nothing(client):
    for path in ("/posts/%ff%fe/", "/members/%80/", "/posts/?tag=%ff", "/media/%ff.webp"):
        assert client.get(path).status_code < 500


@pytest.mark.django_db
def test_too_many_fields_are_refused(writer):
    assert send(writer, "/theme/", b"&".join(b"f%d=" % number for number in range(1100))).status_code == 400


@pytest.mark.django_db
def test_what_a_member_sees_is_not_kept_by_others(client, writer):
    private = writer.get("/guidelines/")["Cache-Control"]
    assert ("no-store" in private, "private" in private) == (True, True)
    assert client.get("/guidelines/")["Cache-Control"] == "private, no-cache"
