"""Uploaded files in an S3 bucket: everything that works on a disk works there."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from botocore.config import Config
from django.core import mail
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from pytest_django.asserts import assertContains

from accounts.services.export import private_storage, request_export
from accounts.tasks import sweep_profile_pictures
from comments.models import CommentPicture
from comments.services.cleanup import discard_pictures
from comments.services.images import add_picture, picture_markdown
from comments.services.writing import set_status
from posts.models import Post
from tests.accounts.test_profile import EDIT, typed
from tests.core.s3_server import KEY, Bucket, serve_bucket
from tests.core.test_environment import PRODUCTION, setting
from tests.factories import make_comment, make_host, make_picture
from tests.fresh_process import run
from tests.posts.test_admin import ADD, form_data

NO_ROOM = "We can’t store pictures right now"


@pytest.fixture
def bucket(settings):
    """The objects in the bucket, by name. Both storages of this site use it."""
    with serve_bucket() as (address, objects):
        options = {
            "endpoint_url": address, "region_name": "x", "access_key": KEY, "secret_key": "y", "default_acl": None,
            "client_config": Config(
                request_checksum_calculation="when_required", response_checksum_validation="when_required", signature_version="s3v4",
                s3={"addressing_style": "path"}, retries={"max_attempts": 0},
            ),
        }  # fmt: skip
        backend = "core.utils.storage.BucketStorage"
        settings.STORAGES = settings.STORAGES | {
            "default": {
                "BACKEND": backend,
                "OPTIONS": options | {"bucket_name": "pictures", "object_parameters": settings.IMMUTABLE},
            },
            "private": {"BACKEND": backend, "OPTIONS": options | {"bucket_name": "closed"}},
        }
        yield objects


@pytest.mark.django_db
def test_a_picture_goes_there_is_shown_and_goes_with_its_page(
    bucket, member, signed_in, client, django_capture_on_commit_callbacks
):
    alice = signed_in(member)
    assert alice.post(EDIT, typed(avatar=make_picture())).status_code == 302
    member.refresh_from_db()
    names = sorted(bucket)
    assert [name.partition("/")[0] for name in names] == ["pictures"] * 4
    _content, said = bucket[f"pictures/{member.avatar.name}"]
    assert (said["Content_Type"], said["Cache_Control"]) == (
        "image/jpeg",
        "public, max-age=31536000, immutable",
    )
    page = client.get("/members/alice/")
    assertContains(page, f'src="/media/{member.avatar.name}"')
    response = client.get(f"/media/{member.avatar.name}")
    assert Image.open(BytesIO(b"".join(response.streaming_content))).size == (400, 400)
    assert (response["Content-Type"], response["Content-Security-Policy"]) == (
        "image/jpeg",
        "default-src 'none'; sandbox",
    )
    part = client.get(f"/media/{member.avatar.name}", headers={"Range": "bytes=-2"})
    assert (part.status_code, part.getvalue()) == (206, b"\xff\xd9")  # the end of a JPEG
    assert client.get("/media/avatars/none.jpg").status_code == 404
    assert client.get("/media/../closed/x.jpg").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        alice.post(EDIT, typed(**{"avatar-clear": "on"}))
    assert sorted(bucket) == []


@pytest.mark.django_db
def test_of_a_recording_the_bucket_is_asked_for_what_the_browser_asks_for(bucket, client, monkeypatch):
    recording = bytes(range(256)) * 4_000
    default_storage.save("memorials/voice.mp3", BytesIO(recording))
    sent: list[int] = []

    def answer(self, status, body=b"", *args, inner=Bucket.answer, **kwargs):
        if self.command == "GET":
            sent.append(len(body))
        inner(self, status, body, *args, **kwargs)

    monkeypatch.setattr(Bucket, "answer", answer)
    path, size = "/media/memorials/voice.mp3", len(recording)
    answers = {}
    for asked in ("bytes=0-1", "bytes=512000-512255", "bytes=-3", f"bytes={size}-", ""):
        sent.clear()
        found = client.get(path, headers={"Range": asked} if asked else {})
        answers[asked] = (found.status_code, found.get("Content-Range"), found.getvalue(), [*sent])
    assert answers == {
        "bytes=0-1": (206, f"bytes 0-1/{size}", b"\x00\x01", [2]),
        "bytes=512000-512255": (206, f"bytes 512000-512255/{size}", bytes(range(256)), [256]),
        "bytes=-3": (206, f"bytes {size - 3}-{size - 1}/{size}", b"\xfd\xfe\xff", [3]),
        f"bytes={size}-": (416, f"bytes */{size}", b"", []),
        "": (200, None, recording, [size]),
    }
    sent.clear()
    head = client.head(path)
    assert (head["Content-Length"], head["Accept-Ranges"], sent) == (str(size), "bytes", [])


@pytest.mark.django_db
def test_what_nobody_needs_is_swept_there_too(bucket, member):
    default_storage.save("avatars/0123.jpg", BytesIO(b"left by a killed process"))
    assert sweep_profile_pictures() == 0
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert sweep_profile_pictures() == 1
    assert list(bucket) == []
    picture = add_picture(make_picture(), by=member, alt="A pond")
    comment = make_comment(author=member, body=picture_markdown(picture))
    assert {name.rpartition("/")[0] for name in bucket} == {"pictures/comments"}
    set_status(comment, "deleted")
    assert discard_pictures() == 1
    assert not CommentPicture.objects.exists()
    assert list(bucket) == []


@pytest.mark.django_db
def test_somebodys_data_lies_in_the_closed_one(bucket, member, client):
    export = request_export(member)
    export.refresh_from_db()
    assert list(bucket) == [f"closed/{export.file}"]
    with private_storage().open(export.file) as file:
        assert ZipFile(BytesIO(file.read())).testzip() is None
    assert client.get(f"/media/{export.file}").status_code == 404


@pytest.fixture(
    params=[{"endpoint_url": "http://127.0.0.1:9"}, {"access_key": "forgotten"}], ids=["away", "closed to us"]
)
def broken_bucket(request, bucket, settings):
    settings.STORAGES = {
        name: storage
        | {"OPTIONS": storage.get("OPTIONS", {}) | (request.param if name != "staticfiles" else {})}
        for name, storage in settings.STORAGES.items()
    }


@pytest.mark.django_db
def test_a_bucket_that_takes_nothing_is_said_at_the_field(broken_bucket, member, post, signed_in, client):
    alice = signed_in(member)
    picture = alice.post("/comments/pictures/", {"picture": make_picture()})
    comment = alice.post(
        f"/posts/{post.slug}/comments/", {"body": "A long thought.", "pictures": make_picture()}
    )
    profile = alice.post(EDIT, typed(avatar=make_picture()))
    assert [answer.status_code for answer in (picture, comment, profile)] == [422, 422, 422]
    assert NO_ROOM in picture.json()["error"]
    assertContains(comment, "A long thought.</textarea>", status_code=422)
    assertContains(profile, NO_ROOM, status_code=422)
    assert not CommentPicture.objects.exists()
    assert client.get("/media/avatars/none.jpg").status_code == 404


@pytest.mark.django_db
def test_what_a_bucket_cannot_take_elsewhere_keeps_the_text(broken_bucket, signed_in):
    """A form that has no field to show the error at."""
    host = make_host()
    form = form_data(
        host, title="A pond", body="<p>Deep and dark.</p>", cover=make_picture(), cover_alt="A pond"
    )
    answer = signed_in(host).post(ADD, form)
    assert answer.status_code == 507
    assertContains(answer, "&lt;p&gt;Deep and dark.&lt;/p&gt;</textarea>", status_code=507)
    assert not Post.objects.exists()


@pytest.mark.django_db
def test_a_picture_goes_from_the_profile_though_its_bucket_is_away(
    broken_bucket, member, signed_in, django_capture_on_commit_callbacks
):
    type(member).objects.filter(pk=member.pk).update(avatar="avatars/0123.jpg")
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(member).post(EDIT, typed(**{"avatar-clear": "on"}))
    member.refresh_from_db()
    assert (answer.status_code, member.avatar.name) == (302, "")


@pytest.mark.django_db
def test_data_that_finds_no_place_is_said_by_email(broken_bucket, member):
    request_export(member)
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([member.email], "We couldn’t prepare your data")
    assert not member.data_exports.exists()  # so that it can be requested again at once


def test_without_a_bucket_pictures_lie_on_the_disk(tmp_path):
    assert "FileSystemStorage" in setting("STORAGES['default']['BACKEND']", tmp_path)
    assert "FileSystemStorage" in setting("STORAGES['private']['BACKEND']", tmp_path)
    assert setting("CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src']", tmp_path) == "[\"'self'\", 'data:']"


def test_the_environment_names_the_bucket(tmp_path):
    environment = {
        "S3_BUCKET": "pictures",
        "S3_ENDPOINT_URL": "https://s3.example.org",
        "S3_REGION": "eu",
        "S3_ACCESS_KEY": "a",
        "S3_SECRET_KEY": "b",
    }
    options = setting("STORAGES['default']['OPTIONS']", tmp_path, **environment)
    for said in (
        "'bucket_name': 'pictures'",
        "'endpoint_url': 'https://s3.example.org'",
        "'access_key': 'a'",
        "'default_acl': None",
    ):
        assert said in options
    # Private files are not stored where the public can read.
    assert "FileSystemStorage" in setting("STORAGES['private']['BACKEND']", tmp_path, **environment)
    assert "closed" in setting(
        "STORAGES['private']['OPTIONS']", tmp_path, **environment, S3_PRIVATE_BUCKET="closed"
    )


def test_a_host_for_pictures_and_recordings_joins_the_policy_only_when_it_is_set(tmp_path):
    environment = {"S3_BUCKET": "pictures", "S3_REGION": "eu"}
    public = environment | {"MEDIA_URL": "https://pictures.example.org/"}
    policy = setting("CONTENT_SECURITY_POLICY['DIRECTIVES']", tmp_path, **environment)
    assert "s3" not in policy
    policy = setting("CONTENT_SECURITY_POLICY['DIRECTIVES']", tmp_path, **public)
    for said in ("'img-src': [\"'self'\", 'data:', {}]", "'media-src': [\"'self'\", {}]"):
        assert said.format("'https://pictures.example.org/'") in policy
    result = run(
        "import django; django.setup(); from django.core.files.storage import default_storage; print(default_storage.url('avatars/a b.jpg'))",
        tmp_path,
        **(PRODUCTION | public),
    )
    assert result.stdout.strip() == "https://pictures.example.org/avatars/a%20b.jpg"


def test_without_the_packages_it_says_which_are_missing(tmp_path):
    (tmp_path / "botocore").mkdir()
    (tmp_path / "botocore" / "__init__.py").write_text("raise ImportError('not installed')")
    result = run(
        "import community.settings",
        tmp_path,
        **(PRODUCTION | {"S3_BUCKET": "pictures", "PYTHONPATH": str(tmp_path)}),
    )
    assert result.stderr.strip() == "S3_BUCKET needs more packages: bin/install s3"
