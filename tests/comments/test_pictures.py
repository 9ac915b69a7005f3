"""Images in comments: uploaded with the text or before, by their owner, re-encoded, and deleted when hidden."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import User
from comments.models import Comment, CommentPicture
from comments.services.cleanup import discard_pictures
from comments.services.images import add_picture, clean_alt, picture_markdown
from comments.services.writing import delete_comment, edit_comment, publish_comment, set_status
from moderation.services.decisions import decide
from tests.comments.test_concurrency import in_threads
from tests.core.test_pictures import png, saved
from tests.factories import make_comment, make_member, make_picture, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def trusted_member(member) -> User:
    """A member whose links and images were published before."""
    make_comment(author=member, body="See https://example.org/a there.", status="public")
    return member


def picture_of(member: User, **options: object) -> CommentPicture:
    return add_picture(make_picture(**options), by=member)


def files_in(settings) -> set[str]:
    folder = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def post_words(client: Client, post, **fields: object):
    return client.post(f"{post.get_absolute_url()}comments/", fields)


# --- uploads --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "widths", "largest"),
    [((4000, 3000), [480, 960, 1600], (1600, 1200)), ((3000, 4000), [480, 960, 1200], (1200, 1600)), ((700, 500), [480, 700], (700, 500)), ((40, 30), [40], (40, 30))],
)  # fmt: skip
def test_a_picture_is_kept_in_several_widths_and_once_for_every_program(
    size, widths, largest, member, settings
):
    picture = picture_of(member, size=size)
    assert (picture.widths, (picture.width, picture.height)) == (widths, largest)
    assert files_in(settings) == set(picture.file_names())
    for width in widths:
        with Image.open(Path(settings.MEDIA_ROOT) / picture.webp_name(width)) as drawn:
            assert (drawn.format, drawn.width) == ("WEBP", width)
    with Image.open(Path(settings.MEDIA_ROOT) / picture.file.name) as plain:
        assert (plain.format, plain.width) == ("JPEG", min(960, largest[0]))


def test_a_picture_with_holes_keeps_them_for_every_program(member, settings):
    upload = SimpleUploadedFile("a.png", saved(Image.new("RGBA", (20, 20), (255, 0, 0, 0)), "PNG"))
    picture = add_picture(upload, by=member)
    with Image.open(Path(settings.MEDIA_ROOT) / picture.file.name) as plain:
        assert (plain.format, plain.convert("RGBA").getpixel((3, 3))[3]) == ("PNG", 0)


def test_no_file_says_where_the_picture_was_taken(member, settings):
    exif = Image.Exif()
    exif[0x010E] = "SECRETWORD"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 26.0)
    content = saved(
        Image.new("RGB", (600, 400)),
        "JPEG",
        exif=exif,
        comment=b"SECRETWORD",
        icc_profile=b"SECRETWORD" * 20,
        xmp=b"<x>SECRETWORD</x>",
    )
    add_picture(SimpleUploadedFile("SECRETWORD.jpg", content), by=member)
    for name in files_in(settings):
        kept = (Path(settings.MEDIA_ROOT) / name).read_bytes()
        assert [
            mark for mark in (b"SECRETWORD", b"Exif", b"EXIF", b"XMP", b"ICC", b"GPS") if mark in kept
        ] == []
        assert "SECRETWORD" not in name


BROKEN = saved(Image.effect_noise((120, 90), 60).convert("RGB"), "JPEG")


@pytest.mark.parametrize(
    "content",
    [
        png(50_000, 50_000, b"\0"),
        png(1, 65_535, b"\0" * 65_535 * 4),
        BROKEN[: len(BROKEN) // 2],
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"GIF89a<script>alert(1)</script>",
        b"\0" * 100,
    ],
    ids=["bomb", "1 × 65,535", "half", "svg", "eps", "polyglot without a picture", "nothing"],
)
def test_what_attacks_ends_in_words_and_nothing_on_disk(content, trusted_member, signed_in, settings):
    response = signed_in(trusted_member).post(
        "/comments/pictures/", {"picture": SimpleUploadedFile("a.png", content)}
    )
    assert response.status_code == 422
    assert response.json()["error"].endswith(".")
    assert (files_in(settings), CommentPicture.objects.count()) == (set(), 0)


def test_a_page_behind_a_picture_is_not_kept(trusted_member, signed_in, settings):
    content = saved(Image.new("RGB", (60, 40)), "GIF") + b"<script>alert(1)</script>"
    response = signed_in(trusted_member).post(
        "/comments/pictures/", {"picture": SimpleUploadedFile("x.html", content)}
    )
    assert response.status_code == 201
    assert {Path(name).suffix for name in files_in(settings)} == {".webp", ".jpg"}
    assert not any(
        b"script" in (Path(settings.MEDIA_ROOT) / name).read_bytes() for name in files_in(settings)
    )


def test_the_answer_is_the_line_that_shows_it(member, signed_in):
    response = signed_in(member).post(
        "/comments/pictures/", {"picture": make_picture(), "alt": "Our [long]\n table"}
    )
    picture = CommentPicture.objects.get()
    assert (response.status_code, response.json()) == (
        201,
        {"line": f"![Our (long) table](picture:{picture.pk})", "src": picture.file.url},
    )
    assert (picture.uploaded_by, picture.comment, picture.alt) == (member, None, "Our (long) table")


@pytest.mark.parametrize(
    "alt", ["x" * 5000, "\x00\u202e\ud800", "](picture:1)", "![a](b)", "\n\n", "\\", "`*_<b>"]
)
def test_no_description_breaks_the_line(alt, member):
    picture = picture_of(member)
    picture.alt = clean_alt(alt)
    comment = Comment(author=member)
    comment.set_body(picture_markdown(picture))
    assert comment.shown_pictures == [picture.pk]


def test_without_an_account_there_is_no_picture(client, post, settings):
    response = client.post("/comments/pictures/", {"picture": make_picture()})
    assert (response.status_code, response.json()["error"]) == (403, "Sign in to add pictures.")
    assert post_words(client, post, body="Words.", pictures=make_picture()).status_code == 302
    assert post_words(client, post, body="Words.", pictures=make_picture(), preview="1").status_code == 200
    assert (files_in(settings), CommentPicture.objects.count()) == (set(), 0)
    assert 'type="file"' not in client.get(post.get_absolute_url()).content.decode()


@pytest.mark.parametrize("fields", [{}, {"picture": "words"}])
def test_no_picture_at_all_is_refused(fields, member, signed_in):
    assert signed_in(member).post("/comments/pictures/", fields).status_code == 422


def test_many_pictures_in_a_short_time_are_refused_for_a_while(member, signed_in, settings):
    settings.PICTURE_RATES = [(2, 600)]
    answers = [
        signed_in(member).post("/comments/pictures/", {"picture": make_picture(size=(10 + n, 10))})
        for n in range(3)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 600
    assert answers[-1].json()["error"] == "You’ve added many pictures in a short time. Try again later."
    assert (
        signed_in(make_member()).post("/comments/pictures/", {"picture": make_picture()}).status_code == 201
    )


# --- with the text, without scripts -------------------------------------------------------


def test_a_picture_goes_with_the_words(trusted_member, signed_in, post, client, settings):
    response = post_words(
        signed_in(trusted_member),
        post,
        body="Look:",
        pictures=make_picture(size=(1000, 600)),
        picture_alt="Our table",
    )
    comment = Comment.objects.get(post=post)
    picture = comment.pictures.get()
    assert response["Location"].endswith(f"#comment-{comment.pk}")
    assert (comment.body, comment.picture_count, comment.status) == (
        f"Look:\n\n![Our table](picture:{picture.pk})",
        1,
        "public",
    )
    page = client.get(post.get_absolute_url()).content.decode()
    sources = re.findall(r"/media/comments/[^\s\"]+", comment.html)
    assert f'<img src="{picture.file.url}" alt="Our table" width="907" height="544" loading="lazy"' in page
    assert len(sources) == 4
    for source in sources:
        served = client.get(source)
        assert (served.status_code, served["X-Content-Type-Options"]) == (200, "nosniff")
        assert served["Content-Type"] in {"image/webp", "image/jpeg"}
        assert b"".join(served.streaming_content)


def test_a_picture_alone_is_a_comment(trusted_member, signed_in, post):
    assert post_words(signed_in(trusted_member), post, body="", pictures=make_picture()).status_code == 302
    assert Comment.objects.get(post=post).picture_count == 1


def test_a_preview_shows_the_picture_and_keeps_it_for_the_posting(trusted_member, signed_in, post):
    browser = signed_in(trusted_member)
    page = post_words(
        browser, post, body="Look:", pictures=make_picture(), picture_alt="Our table", preview="1"
    ).content.decode()
    picture = CommentPicture.objects.get()
    line = f"![Our table](picture:{picture.pk})"
    assert f'<img src="{picture.file.url}" alt="Our table"' in page
    assert f"Look:\n\n{line}</textarea>" in page
    assert picture.comment is None
    assert post_words(browser, post, body=f"Look:\r\n\r\n{line}").status_code == 302
    picture.refresh_from_db()
    assert picture.comment == Comment.objects.get(post=post)


def test_what_is_refused_says_why_at_the_field_and_costs_no_words(trusted_member, signed_in, post):
    good, bad = make_picture(), SimpleUploadedFile("notes.txt", b"no picture")
    response = post_words(signed_in(trusted_member), post, body="Look:", pictures=[bad, good])
    page = response.content.decode()
    assert response.status_code == 422
    assert (
        '<ul class="errorlist" id="id_new_pictures_error"><li>notes.txt: This isn’t a picture we can read.'
        in page
    )
    assert 'aria-invalid="true"' in page
    assert f"Look:\n\n![](picture:{CommentPicture.objects.get().pk})</textarea>" in page
    assert not Comment.objects.filter(post=post).exists()


def test_more_pictures_than_fit_are_refused(trusted_member, signed_in, post, settings):
    settings.COMMENT_MAX_PICTURES = 2
    response = post_words(
        signed_in(trusted_member), post, body="", pictures=[make_picture(size=(10 + n, 10)) for n in range(3)]
    )
    assert response.status_code == 422
    assert "A comment can have up to 2 pictures." in response.content.decode()
    assert CommentPicture.objects.count() == 2
    pictures = [picture_of(trusted_member, size=(30 + n, 10)) for n in range(3)]
    response = post_words(signed_in(trusted_member), post, body="\n".join(map(picture_markdown, pictures)))
    assert response.status_code == 422
    assert "A comment can have up to 2 pictures." in response.content.decode()


def test_a_double_click_makes_one_picture_and_one_comment(trusted_member, signed_in, post, settings):
    for _ in range(2):
        post_words(signed_in(trusted_member), post, body="Look:", pictures=make_picture())
    picture = CommentPicture.objects.get()
    assert Comment.objects.get(post=post).pictures.get() == picture
    assert files_in(settings) == set(picture.file_names())


def test_the_same_picture_chosen_again_after_a_preview_stands_once_in_the_words(
    trusted_member, signed_in, post
):
    browser = signed_in(trusted_member)
    post_words(browser, post, body="Look:", pictures=make_picture(), preview="1")
    line = picture_markdown(CommentPicture.objects.get())
    post_words(browser, post, body=f"Look:\n\n{line}", pictures=make_picture())
    assert Comment.objects.get(post=post).body == f"Look:\n\n{line}"


def test_the_same_file_can_be_sent_in_another_comment(trusted_member):
    first = picture_of(trusted_member)
    comment = publish_comment(post=make_post(), author=trusted_member, body=picture_markdown(first))
    second = picture_of(trusted_member)
    assert first != second
    other = publish_comment(post=make_post(), author=trusted_member, body=picture_markdown(second))
    assert (comment.picture_count, other.picture_count) == (1, 1)


# --- ownership ------------------------------------------------------------------------------


def test_nobody_shows_the_picture_of_somebody_else(trusted_member, other_member):
    line = picture_markdown(picture_of(other_member))
    comment = publish_comment(post=make_post(), author=trusted_member, body=line)
    assert comment.html == f"<p>{line}</p>"
    assert CommentPicture.objects.get().comment is None


def test_a_picture_stands_in_one_comment_and_stays_there_through_changes(trusted_member):
    line = picture_markdown(picture_of(trusted_member))
    comment = publish_comment(post=make_post(), author=trusted_member, body=line)
    other = publish_comment(post=make_post(), author=trusted_member, body=line)
    assert (comment.picture_count, other.picture_count) == (1, 0)
    comment = edit_comment(comment, body=f"Better: \n{line}", by=trusted_member)
    assert "<img" in comment.html
    comment = edit_comment(comment, body="Without.", by=trusted_member)
    comment = edit_comment(comment, body=f"With again:\n{line}", by=trusted_member)
    assert "<img" in comment.html


def test_the_form_for_changes_takes_pictures_too(trusted_member, signed_in):
    comment = make_comment(author=trusted_member, body="Look:")
    browser = signed_in(trusted_member)
    preview = browser.post(
        f"/comments/{comment.pk}/edit/", {"body": "Look:", "pictures": make_picture(), "preview": "1"}
    ).content.decode()
    line = picture_markdown(CommentPicture.objects.get())
    assert "<picture>" in preview
    assert f"{line}</textarea>" in preview
    comment.refresh_from_db()
    assert comment.body == "Look:"
    browser.post(f"/comments/{comment.pk}/edit/", {"body": f"Look:\n\n{line}"})
    comment.refresh_from_db()
    assert (comment.picture_count, comment.pictures.count()) == (1, 1)


# --- moderation and feeds ---------------------------------------------------------------------


def test_a_new_members_picture_waits_like_a_link(member, moderator, signed_in):
    comment = publish_comment(post=make_post(), author=member, body=picture_markdown(picture_of(member)))
    assert (comment.status, comment.hold_reasons[0]["code"]) == ("held", "new_member_picture")
    page = signed_in(moderator).get(f"/moderation/comments/{comment.pk}/").content.decode()
    assert f'<img src="{comment.pictures.get().file.url}"' in page
    decide(comment, "approve", by=moderator)
    second = picture_of(member, size=(20, 20))
    assert publish_comment(post=make_post(), author=member, body=picture_markdown(second)).status == "public"


def test_a_picture_put_in_later_waits_too(member):
    comment = make_comment(author=member)
    assert comment.status == "public"
    comment = edit_comment(comment, body=picture_markdown(picture_of(member)), by=member)
    comment.refresh_from_db()
    assert comment.status == "held"


def test_a_feed_names_pictures_whole(trusted_member, client):
    comment = publish_comment(
        post=make_post(), author=trusted_member, body=picture_markdown(picture_of(trusted_member))
    )
    feed = client.get("/feed/comments/").content.decode()
    assert f"http://testserver{comment.pictures.get().file.url}" in feed
    assert "srcset" not in feed


# --- clean-up -----------------------------------------------------------------------------------


def later(**time: float) -> None:
    """Move all images that far into the past."""
    for picture in CommentPicture.objects.all():
        picture.created_at -= timedelta(**time)
        picture.discard_at = picture.discard_at and picture.discard_at - timedelta(**time)
        picture.save()


def test_what_was_never_sent_goes_after_a_day(member, settings):
    picture_of(member)
    later(hours=23)
    assert (discard_pictures(), len(files_in(settings))) == (0, 3)
    later(hours=2)
    assert (discard_pictures(), files_in(settings), CommentPicture.objects.count()) == (1, set(), 0)


def test_one_file_that_cannot_be_deleted_keeps_no_other(member, other_member, settings, monkeypatch):
    stuck = picture_of(member)
    picture_of(other_member)
    delete, name = FileSystemStorage.delete, stuck.file_names()[0]

    def refuses_one(storage, path):
        if path == name:
            raise PermissionError(name)
        delete(storage, path)

    monkeypatch.setattr(FileSystemStorage, "delete", refuses_one)
    later(hours=25)
    assert (discard_pictures(), [*CommentPicture.objects.all()]) == (1, [stuck])
    monkeypatch.undo()
    assert (discard_pictures(), files_in(settings)) == (1, set())


def test_what_was_sent_stays(trusted_member, settings):
    publish_comment(
        post=make_post(), author=trusted_member, body=picture_markdown(picture_of(trusted_member))
    )
    later(days=400)
    assert (discard_pictures(), len(files_in(settings))) == (0, 3)


def test_with_withdrawn_words_the_picture_goes_at_once(trusted_member, settings):
    comment = publish_comment(
        post=make_post(), author=trusted_member, body=picture_markdown(picture_of(trusted_member))
    )
    delete_comment(comment, by=trusted_member)
    assert (discard_pictures(), files_in(settings)) == (1, set())
    comment.refresh_from_db()
    assert "<img" not in comment.html


@pytest.mark.parametrize("status", ["removed", "spam"])
def test_a_removed_picture_stays_as_long_as_the_decision_may_be_taken_back(status, trusted_member, settings):
    comment = publish_comment(
        post=make_post(), author=trusted_member, body=f"Look:\n{picture_markdown(picture_of(trusted_member))}"
    )
    set_status(comment, Comment.Status(status))
    later(days=29)
    assert discard_pictures() == 0
    set_status(comment, Comment.Status.PUBLIC)
    later(days=60)
    assert (discard_pictures(), len(files_in(settings))) == (0, 3)
    set_status(comment, Comment.Status(status))
    later(days=31)
    version = comment.post.thread_version
    assert (discard_pictures(), files_in(settings)) == (1, set())
    set_status(comment, Comment.Status.PUBLIC)
    comment.refresh_from_db()
    assert re.fullmatch(r"<p>Look:</p>\n<p>!\[\]\(picture:\d+\)</p>", comment.html)
    assert comment.picture_count == 0
    assert comment.post.thread_version > version


def test_a_sweep_that_was_killed_is_done_again(member, settings, monkeypatch):
    picture_of(member)
    later(days=2)

    def die(self, *args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(CommentPicture, "delete", die)
        with pytest.raises(KeyboardInterrupt):
            discard_pictures()
    assert (files_in(settings), CommentPicture.objects.count()) == (set(), 1)
    assert (discard_pictures(), CommentPicture.objects.count()) == (1, 0)


def test_the_account_is_gone_and_the_picture_stays_in_its_comment(trusted_member):
    comment = publish_comment(
        post=make_post(), author=trusted_member, body=picture_markdown(picture_of(trusted_member))
    )
    CommentPicture.objects.update(uploaded_by=None)
    comment.set_body(comment.body)
    assert comment.picture_count == 1


# --- concurrency ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_picture_sent_from_two_places_at_once_stands_in_one_of_them(settings):
    settings.COMMENT_RATES = {"member": [], "host": []}
    settings.COMMENT_CHANGE_RATES = []
    author = make_member()
    make_comment(author=author, body="See https://example.org/a there.", status="public")
    line = picture_markdown(picture_of(author))
    posts = [make_post() for _ in range(6)]
    in_threads(
        [lambda post=post: publish_comment(post=post, author=author, body=line) and None for post in posts]
    )
    shown = Comment.objects.filter(post__in=posts, html__contains="<img")
    assert shown.get().pictures.count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_clicks_at_once_take_one_picture_in(settings):
    author, content = make_member(), make_picture().read()
    in_threads([lambda: add_picture(SimpleUploadedFile("a.jpg", content), by=author) and None] * 4)
    assert files_in(settings) == set(CommentPicture.objects.get().file_names())


@pytest.mark.django_db(transaction=True)
def test_a_sweep_and_a_posting_at_once_leave_no_hole(settings):
    author = make_member()
    make_comment(author=author, body="See https://example.org/a there.", status="public")
    post = make_post()
    for number in range(4):
        line = picture_markdown(picture_of(author, size=(20 + number, 10)))
        CommentPicture.objects.unsent().update(created_at=timezone.now() - timedelta(days=2))
        in_threads(
            [
                lambda line=line: publish_comment(post=post, author=author, body=line) and None,
                lambda: discard_pictures() and None,
            ]
        )
    for comment in Comment.objects.filter(post=post):
        for source in re.findall(r'src="/media/([^"]+)"', comment.html):
            assert source in files_in(settings)
        assert ("<img" in comment.html) == comment.pictures.exists()
