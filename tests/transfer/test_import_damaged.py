"""Damaged or extremely large files lead to a message, not to an exception or exhausted memory."""

import json
import struct
import zipfile
from io import BytesIO

import pytest
from django.core.management import CommandError

from posts.models import Post
from tests.factories import make_host
from tests.transfer.blogs import DISQUS, plain, remark, run, thread, zipped
from transfer.imports.xml_stream import elements

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def host(db):
    return make_host("ida")


@pytest.mark.parametrize(
    ("packing", "place"),
    [(zipfile.ZIP_DEFLATED, 0), (zipfile.ZIP_BZIP2, 0), (zipfile.ZIP_LZMA, 0), (zipfile.ZIP_LZMA, 2), (zipfile.ZIP_LZMA, 12)],
)  # fmt: skip
def test_a_damaged_zip_is_refused_with_a_message_however_it_is_packed(tmp_path, packing, place):
    path = tmp_path / "blog.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("blog.json", json.dumps(plain({"id": "7", "body": "Flour. " * 999})))
    data = bytearray(path.read_bytes())
    begin = 30 + len("blog.json") + place
    data[begin : begin + 12] = b"\xff" * 12
    path.write_bytes(data)
    with pytest.raises(CommandError, match="is damaged"):
        run(path)


def test_a_zip_of_an_unknown_kind_is_refused_with_a_message(tmp_path):
    path = zipped(tmp_path / "blog.zip", {"blog.json": json.dumps(plain())})
    data = path.read_bytes()
    head, entry = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    changed = bytearray(data)
    changed[head + 8] = changed[entry + 10] = 97
    path.write_bytes(changed)
    with pytest.raises(CommandError, match="is damaged"):
        run(path)


def with_forged_places(file: bytes, *, start: int, disks: int) -> bytes:
    """Return a ZIP with 64-bit values for the offset of its only file and for the number of disks."""
    entry, end = file.index(b"PK\x01\x02"), file.index(b"PK\x05\x06")
    head = bytearray(file[entry:end])
    head[42:46] = b"\xff" * 4
    name = int.from_bytes(head[28:30], "little")
    head[30:32] = (12).to_bytes(2, "little")
    place = struct.pack("<HHQ", 1, 8, start)
    listed = head[: 46 + name] + place + head[46 + name :]
    whole = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(listed), entry)
    where = struct.pack("<4sLQL", b"PK\x06\x07", 0, entry + len(listed), disks)
    last = b"PK\x05\x06" + b"\0" * 4 + b"\xff" * 12 + b"\0" * 2
    return file[:entry] + bytes(listed) + whole + where + last


@pytest.mark.parametrize(
    ("start", "disks", "words"),
    [(2**63 - 1, 1, "is damaged"), (2**64 - 1, 1, "is damaged"), (0, 7, "The zip file is damaged")],
)
def test_a_zip_with_forged_64_bit_offsets_is_refused_with_a_message(tmp_path, start, disks, words):
    blog = {"blog.json": json.dumps(plain({"id": "7", "title": "On bread"}))}
    whole = zipped(tmp_path / "whole.zip", blog).read_bytes()
    (tmp_path / "blog.zip").write_bytes(with_forged_places(whole, start=0, disks=1))
    run(tmp_path / "blog.zip")
    assert Post.objects.get().title == "On bread"
    (tmp_path / "blog.zip").write_bytes(with_forged_places(whole, start=start, disks=disks))
    with pytest.raises(CommandError, match=words):
        run(tmp_path / "blog.zip")


@pytest.mark.parametrize("value", ["!!bool abc", "!!timestamp abc", "!!int ''", "!!float abc", "!!python/name:os.system", "{[a]: b}",
                                   f"0x{'f' * 9999}"])  # fmt: skip
def test_one_odd_head_does_not_stop_the_others(tmp_path, value):
    (tmp_path / "site").mkdir()
    for name, more in (("a", f"x: {value}"), ("b", "x: 1")):
        (tmp_path / "site" / f"{name}.md").write_text(
            f"---\ntitle: {name.upper()}\ndate: 2012-04-25\n{more}\ntags: bread\n---\nText.\n"
        )
    run(tmp_path / "site")
    assert sorted(Post.objects.values_list("title", flat=True)) == ["A", "B"]


# --- an endless post --------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ('"x": [' + "[1]," * 400 + "1]", "A post or comment in it has more than 1,000 values, more than in any export."),
        ('"x": [' + "1," * 1200 + "1]", "A post or comment in it has more than 1,000 values, more than in any export."),
        ('"x": [' + '"words",' * 900 + "1]", "A post or comment in it is larger than 0 MB, more than in any export."),
    ],
)  # fmt: skip
def test_one_post_without_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch, inside, words):
    monkeypatch.setattr("transfer.imports.json_stream.MAX_ITEM_VALUES", 1000)
    monkeypatch.setattr("transfer.imports.json_stream.MAX_ITEM_BYTES", 4000)
    text = json.dumps(plain({"id": "1", "title": "On bread"}))
    (tmp_path / "blog.json").write_text(text.replace('"title": "On bread"', inside))
    with pytest.raises(CommandError) as refused:
        run(tmp_path / "blog.json")
    assert str(refused.value) == f"{tmp_path / 'blog.json'}: {words} Nothing was imported."


def test_many_posts_are_no_large_one(tmp_path, monkeypatch):
    monkeypatch.setattr("transfer.imports.json_stream.MAX_ITEM_VALUES", 20)
    monkeypatch.setattr("transfer.imports.json_stream.MAX_ITEM_BYTES", 200)
    posts = [{"id": str(number), "title": "On bread", "tags": ["a", "b"]} for number in range(30)]
    (tmp_path / "blog.json").write_text(json.dumps(plain(*posts)))
    run(tmp_path / "blog.json")
    assert Post.objects.count() == 30


def test_one_element_without_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("transfer.imports.xml_stream.MAX_ELEMENT_CHARACTERS", 1000)
    many = "".join(remark(str(number), "Word. " * 50) for number in range(20))
    (tmp_path / "good.xml").write_text(DISQUS % (thread("11") + many))
    run(tmp_path / "good.xml")
    parts = f"<x>{'Word. ' * 50}</x>" * 10
    (tmp_path / "bad.xml").write_text(DISQUS % (thread("11") + remark("1", "Hi.", more=parts)))
    with pytest.raises(
        CommandError, match="a post or comment of more than 1,000 characters, more than in any export"
    ):
        run(tmp_path / "bad.xml")


def test_prefixes_that_nothing_declares_lose_no_post():
    """Some tools that tidy XML drop the declarations of nested elements (a Blogger export without xmlns:app)."""
    text = (
        b'<feed xmlns="atom" xmlns:t="thr"><t:one c="1" t:d="2" q:e="3" xml:lang="en"/><app:two><draft>yes</draft></app:two>'
        b'<three xmlns="other" xmlns:t="else"><t:four/></three><t:five/></feed>'
    )
    read = [
        (one.name, one.attributes, [child.name for child in one.children]) for one in elements(BytesIO(text))
    ]
    assert read == [
        (
            "thr one",
            {"c": "1", "thr d": "2", "e": "3", "http://www.w3.org/XML/1998/namespace lang": "en"},
            [],
        ),
        ("two", {}, ["atom draft"]),
        ("other three", {}, ["else four"]),
        ("thr five", {}, []),
    ]
