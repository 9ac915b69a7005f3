"""docs/security.md and docs/faults.md name what is there."""

import json
import re
import subprocess
import sys

import pytest

from tests.test_docs import ROOT


@pytest.mark.parametrize("page", ["security.md", "faults.md", "scaling.md"])
def test_every_file_that_is_named_is_there(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:tests|core|community|deploy|moderation|accounts)/[\w./-]*)`", text))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_chapter_of_the_standard_has_a_row():
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    assert {int(number) for number in re.findall(r"^\| V(\d+)", text, re.MULTILINE)} == set(range(1, 18))


def test_the_list_of_parts_has_every_pinned_package_with_its_hashes():
    made = json.loads(
        subprocess.run([sys.executable, ROOT / "bin/sbom"], capture_output=True, check=True).stdout
    )
    pinned = {
        (name.lower(), version)
        for lock in ("requirements.txt", "requirements-s3.txt")
        for name, version in re.findall(r"^([\w.-]+)==([^ ;]+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    }  # fmt: skip
    assert {(part["name"].lower(), part["version"]) for part in made["components"]} == pinned
    assert all(part["hashes"] for part in made["components"])
    assert made["metadata"]["component"]["name"] == "long-table"
