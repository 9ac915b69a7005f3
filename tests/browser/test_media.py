"""Thanks, videos and images in a browser: with scripts and without."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from comments.models import Comment, CommentPicture, Thanks
from comments.services.writing import publish_comment
from core.markup.videos import PLAYERS
from tests.factories import make_comment, make_host, make_member, make_picture, make_post

pytestmark = pytest.mark.django_db(transaction=True)

ID = "dQw4w9WgXcQ"


@pytest.fixture
def talk(site):
    """A post, and a member bob who may use links and images."""
    make_host("nora")
    post = make_post()
    make_comment(post, author=make_member("bob"), body="See https://example.org/a there.", status="public")
    return post


@pytest.fixture
def photo(tmp_path) -> Path:
    path = tmp_path / "table.jpg"
    path.write_bytes(make_picture(size=(1000, 600)).read())
    return path


def test_a_card_loads_nothing_from_elsewhere_before_the_click(visit, talk):
    host = make_host("olga")
    youtube = publish_comment(post=talk, author=host, body=f"[The quiet minute](https://youtu.be/{ID}?t=42)")
    vimeo = publish_comment(post=talk, author=host, body="https://vimeo.com/76979871/abcdef0123")
    reader = visit()
    reader.context.route("**/*", lambda route: route.continue_() if route.request.url.startswith(reader.site) else route.fulfill(body="<p>player</p>", content_type="text/html"))  # fmt: skip
    page = reader.open(talk.get_absolute_url())
    page.hover(f"#comment-{youtube.pk} .video")
    page.wait_for_load_state("networkidle")
    assert reader.foreign == []
    page.focus(f"#comment-{youtube.pk} .video")
    page.keyboard.press("Enter")
    frame = page.wait_for_selector(f"#comment-{youtube.pk} iframe")
    page.wait_for_function("document.activeElement.tagName === 'IFRAME'")
    assert frame.get_attribute("title") == "The quiet minute"
    page.click(f"#comment-{vimeo.pk} .video")
    page.frame_locator(f"#comment-{vimeo.pk} iframe").locator("text=player").wait_for()
    page.frame_locator(f"#comment-{youtube.pk} iframe").locator("text=player").wait_for()
    assert reader.foreign == [
        f"https://www.youtube-nocookie.com/embed/{ID}?autoplay=1&rel=0&start=42",
        "https://player.vimeo.com/video/76979871?dnt=1&autoplay=1&h=abcdef0123",
    ]
    assert all(url.startswith(tuple(PLAYERS)) for url in reader.foreign)
    assert reader.complaints == []


def test_without_scripts_a_card_is_a_link_to_the_video(visit, talk):
    comment = publish_comment(post=talk, author=make_host("olga"), body=f"https://youtu.be/{ID}")
    reader = visit(javascript=False)
    page = reader.open(talk.get_absolute_url())
    assert page.locator(f"#comment-{comment.pk} a.video").get_attribute("href") == f"https://youtu.be/{ID}"
    assert reader.foreign == []


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [False, True], ids=["without scripts", "with scripts"])
def test_a_picture_goes_into_a_comment(visit, talk, photo, tmp_path, javascript):
    bob = visit(javascript=javascript)
    bob.sign_in("bob")
    page = bob.open(talk.get_absolute_url())
    form = page.locator("form.comment-form")
    form.locator("textarea").fill("Look at this:")
    form.locator("text=Add pictures").click()
    form.locator("input[type=file]").set_input_files(photo)
    if javascript:
        page.wait_for_selector("text=Picture added.")
        page.keyboard.type("Our table")
        form.locator("button[name=preview]").click()
        page.wait_for_selector(".preview picture")
    else:
        form.locator("[name=picture_alt]").fill("Our table")
        form.locator("button[name=preview]").click()
        page.wait_for_selector(".preview picture")
        form = page.locator("form.comment-form")
    picture = CommentPicture.objects.get()
    line = f"![Our table](picture:{picture.pk})"
    assert form.locator("textarea").input_value().split() == f"Look at this: {line}".split()
    form.locator("text=Post comment").click()
    page.wait_for_selector("text=Posted.")
    comment = Comment.objects.get(picture_count=1)
    shown = page.locator(f"#comment-{comment.pk} picture img")
    assert shown.get_attribute("alt") == "Our table"
    shown.scroll_into_view_if_needed()
    page.wait_for_function(
        "document.querySelector('.comment-body picture img')?.naturalWidth > 0"
    ) if javascript else None
    assert CommentPicture.objects.get().comment == comment
    assert (bob.complaints, bob.foreign) == ([], [])


def test_a_picture_is_dropped_and_pasted_and_a_refused_one_says_why(visit, talk):
    bob = visit()
    bob.sign_in("bob")
    page = bob.open(talk.get_absolute_url())
    page.fill("form.comment-form textarea", "Before.\nBehind.")
    page.evaluate("document.querySelector('textarea').setSelectionRange(3, 3)")
    give = """([kind, hex, type]) => {
        const bytes = Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], "some.file", { type }));
        const options = { bubbles: true, cancelable: true, dataTransfer: transfer, clipboardData: transfer };
        const event = kind === "paste" ? new ClipboardEvent(kind, options) : new DragEvent(kind, options);
        document.querySelector("form.comment-form textarea").dispatchEvent(event);
    }"""
    # The upload script is loaded when someone starts to write, or drags a file over the field.
    page.evaluate("import(document.querySelector('[data-uploads]').dataset.uploads)")
    out = BytesIO()
    Image.new("RGB", (30, 20)).save(out, "PNG")
    page.evaluate(give, ["drop", out.getvalue().hex(), "image/png"])
    page.wait_for_selector("text=Picture added.")
    first = CommentPicture.objects.get()
    assert page.input_value("form.comment-form textarea") == f"Before.\n![](picture:{first.pk})\nBehind."
    page.keyboard.type("One")
    page.evaluate(give, ["paste", b"<svg/>".hex(), "image/svg+xml"])
    page.wait_for_selector("text=some.file: This isn’t a picture we can read.")
    assert page.input_value("form.comment-form textarea") == f"Before.\n![One](picture:{first.pk})\nBehind."
    assert [text for text in bob.complaints if "422" not in text] == []


def test_the_page_with_cards_and_pictures_shuts_nobody_out(visit, talk):
    host = make_host("olga")
    publish_comment(
        post=talk,
        author=host,
        body=f"https://youtu.be/{ID}\n\n[Result](https://example.org/{'long' * 30})\n\nhttps://example.org/a",
    )
    bob = visit(width=320, scheme="dark")
    bob.sign_in("bob")
    bob.open(talk.get_absolute_url())
    assert bob.faults() == []


@pytest.mark.journey
@pytest.mark.parametrize("javascript", [False, True], ids=["without scripts", "with scripts"])
def test_thanks_are_given_and_withdrawn(visit, talk, javascript):
    comment = make_comment(talk)
    bob = visit(javascript=javascript)
    bob.sign_in("bob")
    page = bob.open(talk.get_absolute_url())
    button = page.locator(f"#thanks-{comment.pk}")
    button.click()
    page.wait_for_selector(f"#thanks-{comment.pk}[aria-pressed=true]")
    assert Thanks.objects.filter(comment=comment).count() == 1
    button.click()
    page.wait_for_selector(f"#thanks-{comment.pk}[aria-pressed=false]")
    assert not Thanks.objects.exists()
    assert (bob.complaints, bob.foreign) == ([], [])
