"""The book of a memorial: offline, in order, with every memory that the family may have, and nothing else."""

import mimetypes
import re
from base64 import b64decode, b64encode
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.services.export import private_storage
from comments.models import Comment
from comments.services.images import add_picture as add_comment_picture
from comments.services.images import picture_markdown
from comments.services.writing import edit_comment, set_status
from memorials.models import Book, FamilyChoice, Memorial
from memorials.services import book
from memorials.services.book import book_pieces, read_picture, sweep_books, write_book
from memorials.services.editing import Text, add_picture, add_recording, edit_memorial
from memorials.services.memories import choose_for_family
from tests.factories import make_comment, make_member, make_picture, put_comment, switch_on
from tests.memorials.people import a_memorial, a_recording, a_thousand_memories

pytestmark = pytest.mark.django_db

BOOK = "/members/otter/memorial/book/"
# Everything that makes a browser send a request.
ASKS = {"src", "srcset", "href", "action", "data", "poster", "formaction", "background"}


@pytest.fixture(autouse=True)
def switched_on():
    switch_on("memorials")


class Page(HTMLParser):
    """The content of the file: its elements, what it would request, and each memory with its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.asked: list[str] = []
        self.memories: list[int] = []
        self.words: dict[int, str] = {}
        self.pictures: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.elements.add(tag)
        self.asked += [value or "" for name, value in attrs if name in ASKS]
        if tag == "img":
            self.pictures.append(values.get("alt") or "")
        if (values.get("id") or "").startswith("memory-"):
            self.memories.append(int((values["id"] or "").removeprefix("memory-")))

    def handle_data(self, data: str) -> None:
        if self.memories:
            self.words[self.memories[-1]] = self.words.get(self.memories[-1], "") + data


def permit(*memories: Comment) -> None:
    for memory in memories:
        choose_for_family(memory, is_allowed=True)


def book_of(signed_in, memorial: Memorial) -> str:
    keeper = signed_in(memorial.keeper)
    keeper.post(BOOK)  # the tests run tasks at once
    answer = keeper.get(f"{BOOK}file/")
    assert answer.status_code == 200, answer
    return read(answer)


def read(answer) -> str:
    """Read a file response and close it."""
    return b"".join(answer.streaming_content).decode() if answer.streaming else ""


def test_it_opens_without_a_network_and_nothing_in_it_runs(signed_in):
    memorial = a_memorial(dates="1968 to 2025")
    text = Text(
        "In memory of Otter",
        "1968 to 2025",
        "Leave a [chair](https://chair.example/).",
        "https://voice.example/",
        "His voice",
        "public",
    )
    edit_memorial(memorial, text, by=memorial.host)
    add_picture(memorial, make_picture(), "Otter at the pond", by=memorial.host)
    writer = make_member("friend")
    drawn = add_comment_picture(make_picture(size=(300, 200)), by=writer, alt="The <pond> at night")
    words = f"Look:\n\n{picture_markdown(drawn)}\n\nhttps://www.youtube.com/watch?v=dQw4w9WgXcQ\n\nand [this](https://pond.example/a?b=1&c=2)."
    said = make_comment(memorial.post, author=writer, body=words)
    set_status(said, Comment.Status.PUBLIC)
    permit(said)
    html = book_of(signed_in, memorial)
    page = Page(html)
    assert {one.partition(",")[0] for one in page.asked} == {
        "data:image/webp;base64",
        "data:image/jpeg;base64",
    }
    assert (
        page.elements & {"script", "link", "iframe", "form", "a", "object", "base", "svg", "video"} == set()
    )
    assert re.findall(r"url\(|@import", html) == []
    assert page.pictures == ["Otter at the pond", "The <pond> at night"]
    # URLs of links are still mentioned.
    for address in (
        "https://chair.example/",
        "https://voice.example/",
        "https://pond.example/a?b=1&amp;c=2",
        "watch?v=dQw4w9WgXcQ",
    ):
        assert address in html
    for said_there in ("1968 to 2025", "His voice", "@media print"):
        assert said_there in html


def test_it_has_every_permitted_memory_once_and_in_order_counted_against_a_thread_of_a_thousand(signed_in):
    memorial, writer = a_memorial(), make_member("friend")
    thread = a_thousand_memories(memorial, writer)
    reply = put_comment(parent=thread[500], author=writer, body="He said it to me as well.")
    # Of each ten, one may not be included, one was not asked, and one awaits a moderator.
    allowed = {one.pk for number, one in enumerate(thread) if number % 10 not in (3, 4)}
    Comment.objects.filter(pk__in=[one.pk for number, one in enumerate(thread) if number % 10 == 5]).update(
        status="held"
    )
    choices = [
        FamilyChoice(comment=one, is_allowed=one.pk in allowed)
        for number, one in enumerate(thread)
        if number % 10 != 4
    ]
    FamilyChoice.objects.bulk_create([*choices, FamilyChoice(comment=reply, is_allowed=True)])
    expected = [one.pk for number, one in enumerate(thread) if number % 10 not in (3, 4, 5)]
    expected.insert(expected.index(thread[500].pk) + 1, reply.pk)
    page = Page(book_of(signed_in, memorial))
    assert page.memories == expected
    numbers = {one.pk: f"Memory {number}." for number, one in enumerate(thread)} | {reply.pk: reply.body}
    assert {pk for pk, words in page.words.items() if numbers[pk] not in words} == set()
    book = Book.objects.get()
    assert (book.done, book.total, len(expected)) == (701, 701, 701)


def test_a_book_with_withdrawn_texts_is_not_handed_out(signed_in, django_capture_on_commit_callbacks):
    memorial, writer = a_memorial(), make_member("friend")
    first, second, third = (
        make_comment(memorial.post, author=writer, body=f"Words {number}.") for number in range(3)
    )
    permit(first, second, third)
    keeper = signed_in(memorial.keeper)
    page = Page(book_of(signed_in, memorial))
    assert page.memories == [first.pk, second.pk, third.pk]
    file = Book.objects.get().file
    signed_in(writer).post(f"/comments/{first.pk}/delete/")
    assertRedirects(keeper.get(f"{BOOK}file/"), BOOK)
    assertContains(keeper.get(BOOK), "Something on the page has changed")
    with django_capture_on_commit_callbacks(execute=True):
        assert Page(book_of(signed_in, memorial)).memories == [second.pk, third.pk]
    assert not private_storage().exists(file)
    choose_for_family(second, is_allowed=False)
    assertNotContains(keeper.get(BOOK), "Download the book")
    assert Book.objects.count() == 0


def test_the_recording_is_inside_it_and_a_large_one_is_named(signed_in, monkeypatch):
    memorial = a_memorial()
    text = Text("In memory of Otter", "", "", "https://voice.example/otter", "Otter sings", "public")
    edit_memorial(memorial, text, by=memorial.keeper)
    memorial = add_recording(memorial, a_recording(), by=memorial.keeper)
    page = Page(html := book_of(signed_in, memorial))
    assert page.asked == [f"data:audio/mpeg;base64,{b64encode(b'ID3' + bytes([4]) + b' a voice').decode()}"]
    assert "Recording: Otter sings" in html
    assert "<bdi>https://voice.example/otter</bdi>" in html
    assertContains(
        signed_in(memorial.keeper).get(f"{BOOK}print/"), f'<audio src="{memorial.recording_file.url}"'
    )
    monkeypatch.setattr(book, "LARGEST_RECORDING", 5)
    html = book_of(signed_in, memorial)
    assert Page(html).asked == []
    assert "<bdi>Otter sings</bdi>, <bdi>http://testserver/members/otter/memorial/</bdi>" in html


def test_a_long_recording_is_never_in_memory_as_a_whole(signed_in):
    memorial, said = a_memorial(), b"ID3\x04" + bytes(range(256)) * 4000
    memorial = add_recording(memorial, a_recording(content=said), by=memorial.keeper)
    pieces = [piece for piece, _count in book.book_pieces(memorial, styles="p {}")]
    assert max(map(len, pieces)) < len(said) / 3
    [address] = Page("".join(pieces)).asked
    assert b64decode(address.partition(",")[2], validate=True) == said


def test_a_recording_has_its_type_on_a_machine_that_knows_none(signed_in, monkeypatch):
    monkeypatch.setattr(mimetypes, "guess_type", lambda _name: (None, None))
    memorial = a_memorial()
    add_recording(memorial, a_recording("voice.FLAC", b"fLaC"), by=memorial.keeper)
    assert Page(book_of(signed_in, memorial)).asked == ["data:audio/flac;base64,ZkxhQw=="]


def test_while_it_is_made_a_second_request_is_no_second_line_in_the_log(signed_in, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}
    memorial = a_memorial()
    for _press in range(3):
        signed_in(memorial.keeper).post(BOOK)
    assert memorial.steps.filter(kind="book").count() == 1


def test_who_may_have_it_and_how_they_learn_that_it_is_ready(client, signed_in, member, moderator):
    memorial = a_memorial()
    permit(put_comment(memorial.post, body="Good evening."))
    mail.outbox.clear()
    signed_in(memorial.host).post(BOOK)
    assert [(one.to, one.subject) for one in mail.outbox] == [
        (["nora@example.org"], "The book for Otter is ready")
    ]
    states = []
    for who in (member, moderator, memorial.host, memorial.keeper):
        answer = signed_in(who).get(f"{BOOK}file/")
        states.append((answer.status_code, "Good evening." in read(answer)))
    assert states == [(404, False), (404, False), (200, True), (200, True)]
    assert client.get(f"{BOOK}file/").status_code == 302
    answer = signed_in(memorial.host).get(f"{BOOK}file/")
    read(answer)
    assert (answer["Content-Disposition"], answer["Cache-Control"]) == (
        'attachment; filename="in-memory-of-otter.html"',
        "private, no-store",
    )
    printed = signed_in(memorial.host).get(f"{BOOK}print/").content.decode()
    assert Page(printed).memories == [*Comment.objects.values_list("pk", flat=True)]
    assert ("data-print" in printed, "<style" in printed, "memorial-book.css" in printed) == (
        True,
        False,
        True,
    )


def test_while_it_is_made_the_page_says_how_far_it_is(signed_in):
    memorial = a_memorial()
    book = Book.objects.create(memorial=memorial, done=124, total=1000)
    page = signed_in(memorial.keeper).get(BOOK)
    assertContains(page, "124 of 1,000 memories")
    assertContains(page, '<meta http-equiv="refresh" content="5">', html=True)
    signed_in(memorial.keeper).post(BOOK)  # a second click
    assert Book.objects.get().asked_at == book.asked_at
    Book.objects.update(asked_at=timezone.now() - timedelta(hours=7))
    assert (sweep_books(), Book.objects.count(), write_book(memorial.pk, memorial.host.pk)) == (1, 0, False)


def test_a_book_with_a_memory_as_it_was_before_an_edit_is_not_handed_out(signed_in, member):
    """An edit within minutes is not marked as one, but changes the text all the same."""
    memorial = a_memorial()
    memory = put_comment(memorial.post, author=member, body="We walked.")
    permit(memory)
    assert "We walked." in book_of(signed_in, memorial)
    edit_comment(memory, body="We walked at night.", by=member)
    assertRedirects(signed_in(memorial.keeper).get(f"{BOOK}file/"), BOOK)
    assert "We walked at night." in book_of(signed_in, memorial)


def test_a_book_with_a_name_that_its_writer_has_given_up_is_not_handed_out(signed_in):
    memorial, writer = a_memorial(), make_member("friend", display_name="A name")
    permit(put_comment(memorial.post, author=writer))
    assert "A name" in book_of(signed_in, memorial)
    writer.display_name = "Another"
    writer.save()
    assertRedirects(signed_in(memorial.keeper).get(f"{BOOK}file/"), BOOK)
    html = book_of(signed_in, memorial)
    assert ("A name" in html, "Another" in html) == (False, True)


def test_it_is_written_in_pieces_and_texts_withdrawn_in_the_meantime_are_left_out(monkeypatch):
    """A piece with large images contains one memory; nothing is read before its turn."""
    monkeypatch.setattr("memorials.services.book.ROWS_AT_ONCE", 2)
    monkeypatch.setattr("memorials.services.book.CHARACTERS_AT_ONCE", 10)
    memorial = a_memorial()
    memories = [put_comment(memorial.post, body=f"A long memory, number {number}.") for number in range(4)]
    permit(*memories)
    pieces = book_pieces(memorial)
    counts = [next(pieces)[1], next(pieces)[1]]
    choose_for_family(memories[3], is_allowed=False)
    rest = [*pieces]
    assert (counts, [count for _piece, count in rest]) == ([0, 1], [1, 1, 0, 0])
    assert "number 3" not in "".join(piece for piece, _count in rest)


@pytest.mark.parametrize("name", ["../../etc/passwd", "%00", "\0", "comments/gone.webp"])
def test_an_address_that_leads_to_no_picture_of_ours_is_none(name):
    assert read_picture(default_storage.url("x").removesuffix("x") + name) is None


def test_names_and_texts_in_any_script_are_text_and_nothing_else(signed_in):
    memorial = a_memorial()
    edit_memorial(
        memorial,
        Text('In memory of "O\'tter" <b>', 'a"b<i>', "", "https://voice.example/?a=1&b=2", "<صوت>", "public"),
        by=memorial.host,
    )
    permit(
        put_comment(
            memorial.post, author=make_member("friend", display_name='ليلى "<img src=x>'), body="سلام"
        )
    )
    html = book_of(signed_in, memorial)
    assert Page(html).asked == []
    for there in (
        "<bdi>ليلى &quot;&lt;img src=x&gt;</bdi>",
        "<bdi>&lt;صوت&gt;</bdi>",
        "سلام",
        "O&#x27;tter&quot; &lt;b&gt;",
    ):
        assert there in html
