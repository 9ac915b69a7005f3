"""Hostile files are refused with a message and change nothing; merely odd parts are repaired and do no harm."""

import gzip
import io
import json
import os
import socket
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError

from accounts.models import User
from comments.models import Comment
from posts.models import Post, Tag
from posts.models.editing import Upload
from tests.factories import make_host
from tests.transfer.blogs import DISQUS, plain, remark, run, thread
from tests.transfer.wxr import HEAD, TAIL, author, post
from transfer.models import ImportRun

pytestmark = pytest.mark.django_db

PAGE = "---\ntitle: On bread\ndate: 2012-04-25\n---\nText.\n"
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>\n'
)
BREAD = {"id": "7", "title": "On bread", "published_at": "2012-04-25T12:00:00Z"}


@pytest.fixture(autouse=True)
def host(db) -> User:
    return make_host("ida")


@pytest.fixture
def limits(monkeypatch) -> None:
    """Reduce the limits, so that small files exceed them instead of a gigabyte in one field."""
    monkeypatch.setattr("transfer.imports.xml_stream.MAX_TEXT_CHARACTERS", 5000)
    monkeypatch.setattr("transfer.wordpress.reader.MAX_TEXT_CHARACTERS", 5000)
    monkeypatch.setattr("transfer.imports.json_stream.MAX_ITEM_BYTES", 5000)
    monkeypatch.setattr("transfer.imports.bundle.MAX_FILES", 20)
    monkeypatch.setattr("transfer.imports.bundle.SMALL_BYTES", 10_000)


def wxr(*parts: str, before: str = "") -> bytes:
    return (HEAD.replace("<rss", f"{before}<rss", 1) + author() + "".join(parts) + TAIL).encode()


def blog(*posts: dict) -> bytes:
    return json.dumps(plain(*posts)).encode()


def packed(files: dict[str, bytes | str], change: Callable[[zipfile.ZipInfo], None] | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(info)
            archive.writestr(info, content)
    return made.getvalue()


def as_link(info: zipfile.ZipInfo) -> None:
    info.external_attr = 0o120777 << 16


DEEP = "[" * 5000 + "]" * 5000
HOSTILE: dict[str, Callable[[], bytes]] = {
    "entities.wordpress": lambda: wxr(post(10, content="x"), before=ENTITIES),
    "entities.disqus": lambda: (DISQUS % thread("1")).replace("<disqus", ENTITIES + "<disqus", 1).encode(),
    "entities.blogger": lambda: f'<?xml version="1.0"?>{ENTITIES}<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:blogger.com,1999:blog-1.archive</id><title>&b;</title></feed>'.encode(),
    "deep.wordpress": lambda: wxr(post(10, tags="<a>" * 60 + "</a>" * 60)),
    "deep.disqus": lambda: (DISQUS % remark("1", "x", more="<a>" * 60 + "</a>" * 60)).encode(),
    "deep.json": lambda: blog(BREAD).replace(b'"On bread"', DEEP.encode()),
    "long.wordpress": lambda: wxr(post(10, content="Words. " * 900)),
    "long.disqus": lambda: (DISQUS % remark("1", "Words. " * 900)).encode(),
    "long.json": lambda: blog(BREAD | {"body": "Words. " * 900}),
    "up.zip": lambda: packed({"../on-bread.md": PAGE}),
    "deep-up.zip": lambda: packed({"a/../../on-bread.md": PAGE}),
    "root.zip": lambda: packed({"/etc/on-bread.md": PAGE}),
    "drive.zip": lambda: packed({"C:\\on-bread.md": PAGE}),
    "back.zip": lambda: packed({"a\\..\\..\\on-bread.md": PAGE}),
    "link.zip": lambda: packed({"on-bread.md": "/etc/passwd"}, as_link),
    "nameless.zip": lambda: packed({"": PAGE}),
    "many.zip": lambda: packed({f"{number}.md": PAGE for number in range(21)}),
    "bomb.zip": lambda: packed({"on-bread.md": PAGE + " " * 400_000}),
    "bomb.gz": lambda: gzip.compress(blog(BREAD | {"body": " " * 400_000})),
    "cut.gz": lambda: gzip.compress(blog(BREAD | {"body": os.urandom(2000).hex()}))[:-900],
    "zeros": lambda: b"\0" * 1000,
}  # fmt: skip
ENTITIES_SAID = "it defines its own document type or entities, which WordPress never does."
SAID = {
    "entities.wordpress": ENTITIES_SAID,
    "entities.disqus": "it defines a document type or entities, which no export does.",
    "entities.blogger": "it defines a document type or entities, which no export does.",
    "deep.wordpress": "elements nested 40 deep; this is not a WordPress export.",
    "deep.disqus": "elements nested 40 deep, deeper than in any export.",
    "deep.json": "Its values are nested more than 1,000 deep, deeper than in any export.",
    "long.wordpress": "a text longer than 5,000 characters.",
    "long.disqus": "a text longer than 5,000 characters.",
    "long.json": "A post or comment in it is larger than 0 MB, more than in any export.",
    "up.zip": "A file in the zip has a path that leads out of it (../on-bread.md).",
    "deep-up.zip": "A file in the zip has a path that leads out of it (a/../../on-bread.md).",
    "root.zip": "A file in the zip has a path that leads out of it (/etc/on-bread.md).",
    "drive.zip": "A file in the zip has a path that leads out of it (C:/on-bread.md).",
    "back.zip": "A file in the zip has a path that leads out of it (a/../../on-bread.md).",
    "link.zip": "A file in the zip has a path that leads out of it (on-bread.md).",
    "nameless.zip": "There is no file in it.",
    "many.zip": "There are more than 20 files in it.",
    "bomb.zip": "on-bread.md in the zip would unpack to more than 200 times its size, which no export does.",
    "bomb.gz": "bomb.gz unpacks to more than 0 MB.",
    "cut.gz": "cut.gz in it is damaged (Compressed file ended before the end-of-stream marker was reached).",
    "zeros": "We can’t read this file.",
}


def test_each_is_refused_in_a_sentence_and_nothing_is_written(tmp_path, limits):
    said = {}
    for name, made in HOSTILE.items():
        (tmp_path / name).write_bytes(made())
        with pytest.raises(CommandError) as refused:
            run(tmp_path / name)
        said[name] = str(refused.value)
    assert {name: SAID[name] for name, words in said.items() if SAID[name] not in words} == {}, said
    assert [model.objects.count() for model in (Post, Comment, Tag)] == [0, 0, 0]
    assert not (tmp_path.parent / "on-bread.md").exists()


INSIDE = (
    "http://127.0.0.1/a.jpg",
    "https://127.0.0.1/a.jpg",
    "https://[::1]/a.jpg",
    "https://169.254.169.254/a.jpg",
    "https://10.0.0.1/a.jpg",
    "https://localhost/a.jpg",
    "https://0x7f.1/a.jpg",
)


def test_scripts_zeros_circles_and_second_ids_do_nothing_and_nothing_inside_is_asked(tmp_path, monkeypatch):
    asked: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _socket, address: asked.append(address))

    def said_by_per(key: str, body: str, parent: str = "") -> dict[str, str]:
        return {
            "id": key,
            "parent": parent,
            "name": "Per",
            "body": body,
            "written_at": "2012-04-26T08:00:00Z",
        }

    pictures = "".join(f'<img src="{address}">' for address in (*INSIDE, "file:///etc/passwd"))
    body = (
        '<p onclick="x()">R\0ye<script>alert(1)</script> <a href="javascript:alert(1)">and</a> salt</p>'
        + pictures
    )
    comments = [
        said_by_per("a", "One <script>alert(1)</script>", "b"),
        said_by_per("b", "Two\0", "a"),
        said_by_per("a", "Three"),
        said_by_per("d", "Four", "d"),
    ]
    (tmp_path / "blog.json").write_bytes(
        blog(BREAD | {"body": body, "comments": comments}, BREAD | {"title": "On salt"})
    )
    said = run(tmp_path / "blog.json", fetch_pictures=True)
    links = " ".join(f'<a href="{address}" rel="noopener">{address}</a>' for address in INSIDE)
    assert asked == []
    assert not Upload.objects.exists()
    assert dict(Post.objects.values_list("title", "body")) == {
        "On bread": f"<p>Rye and salt</p>\n<p>{links}</p>",
        "On salt": "",
    }
    assert list(Comment.objects.order_by("tree_id", "lft").values_list("level", "body")) == [
        (0, "One \\<script>alert(1)\\</script>"),
        (1, "Two"),
        (0, "Three"),
        (0, "Four"),
    ]
    assert said[1:] == [
        "A link that is not a web address is left out; its text is kept: “On bread”.",
        "A picture could not be fetched from the old site: “On bread”.",
        "A picture on another site becomes a link: “On bread”.",
        "A picture without an address is left out: “On bread”.",
        "A script or style sheet is left out: “On bread”.",
        "It replied to itself in a loop, and becomes a top-level comment: “On bread” and 1 more.",
        "Its ID belongs to another; it is given a new one: “On bread”, “On salt”.",
        "2 posts and 4 comments by 1 guest imported.",
    ]


def test_a_text_that_is_in_another_charset_than_it_says_is_read_all_the_same(tmp_path):
    text = (DISQUS % (thread("11", title="Café") + remark("1", "Déjà vu"))).encode("cp1252")
    (tmp_path / "disqus.xml").write_bytes(text)
    said = run(tmp_path / "disqus.xml")
    assert (Post.objects.get().title, Comment.objects.get().body) == ("Café", "Déjà vu")
    assert said[1] == (
        "Some characters were not in the encoding of the file and are read as cp1252: “Café” and 1 more."
    )


def test_a_zip_with_very_many_names_is_listed_by_the_worker_and_not_while_the_host_waits(
    client, host, monkeypatch
):
    monkeypatch.setattr("transfer.imports.runs.MAX_LIST_BYTES", 2000)
    monkeypatch.setattr("transfer.imports.bundle.MAX_FILES", 20)
    client.force_login(host)

    def upload(count: int) -> tuple[int, list[str]]:
        file = SimpleUploadedFile("blog.zip", packed({f"{number}.txt": "x" for number in range(count)}))
        answer = client.post("/admin/transfer/importrun/add/", {"file": file})
        errors = answer.context["form"].errors["file"] if answer.status_code == 422 else []
        return answer.status_code, [*errors, *ImportRun.objects.values_list("error", flat=True)]

    assert upload(21) == (422, ["There are more than 20 files in it."])
    assert upload(50) == (302, ["There are more than 20 files in it."])
