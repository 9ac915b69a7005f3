"""Files that are damaged, or larger than anything that people write, end in a sentence: no error, and no full memory."""

import json
import zipfile

import pytest
from django.core.management import CommandError

from posts.models import Post
from tests.factories import make_host
from tests.transfer.blogs import plain, run, zipped

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def host(db):
    return make_host("ida")


@pytest.mark.parametrize(
    ("packing", "place"),
    [(zipfile.ZIP_DEFLATED, 0), (zipfile.ZIP_BZIP2, 0), (zipfile.ZIP_LZMA, 0), (zipfile.ZIP_LZMA, 2), (zipfile.ZIP_LZMA, 12)],
)  # fmt: skip
def test_a_damaged_zip_is_refused_in_words_however_it_is_packed(tmp_path, packing, place):
    path = tmp_path / "blog.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("blog.json", json.dumps(plain({"id": "7", "body": "Flour. " * 999})))
    data = bytearray(path.read_bytes())
    begin = 30 + len("blog.json") + place
    data[begin : begin + 12] = b"\xff" * 12
    path.write_bytes(data)
    with pytest.raises(CommandError, match="is damaged"):
        run(path)


def test_a_zip_of_an_unknown_kind_is_refused_in_words(tmp_path):
    path = zipped(tmp_path / "blog.zip", {"blog.json": json.dumps(plain())})
    data = path.read_bytes()
    head, entry = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    changed = bytearray(data)
    changed[head + 8] = changed[entry + 10] = 97
    path.write_bytes(changed)
    with pytest.raises(CommandError, match="is damaged"):
        run(path)


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
