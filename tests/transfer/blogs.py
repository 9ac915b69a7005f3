"""Creates small exports of other systems for the tests, and imports them."""

import io
import json
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from PIL import Image


def run(path: Path, **options: Any) -> list[str]:
    """Return the lines of the command's output."""
    out = StringIO()
    call_command("import_blog", str(path), stdout=out, stderr=StringIO(), **options)
    return out.getvalue().splitlines()


def picture(colour: str = "teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (600, 400), colour).save(file, "JPEG")
    return file.getvalue()


def zipped(path: Path, files: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def written(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def plain(*posts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a file in the format of docs/import-format.md."""
    return {
        "format": "long-table-import",
        "version": 1,
        "site": {"title": "Ida's notes", "address": "https://ida.example.org"},
        "posts": list(posts),
        **more,
    }


DISQUS = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<category dsq:id="1"><forum>ida</forum><title>General</title></category>
%s</disqus>"""


def thread(
    key: str, link: str = "https://ida.example.org/on-bread/", title: str = "On bread", closed: str = "false"
) -> str:
    return (
        f'<thread dsq:id="{key}"><id>{key}</id><forum>ida</forum><link>{link}</link><title>{title}</title>'
        f"<message/><createdAt>2012-04-25T12:00:00Z</createdAt><isClosed>{closed}</isClosed><isDeleted>false</isDeleted></thread>"
    )


def remark(
    key: str,
    message: str,
    *,
    under: str = "11",
    parent: str = "",
    name: str = "Per",
    at: str = "2012-04-26T08:00:00Z",
    more: str = "<isDeleted>false</isDeleted><isSpam>false</isSpam>",
) -> str:
    above = f'<parent dsq:id="{parent}"/>' if parent else ""
    return (
        f'<post dsq:id="{key}"><id/><message><![CDATA[{message}]]></message><createdAt>{at}</createdAt>{more}'
        f"<author><name>{name}</name><email>per@example.org</email><isAnonymous>true</isAnonymous></author>"
        f'<thread dsq:id="{under}"/>{above}</post>'
    )
