"""What docs/security.md and docs/faults.md name exists."""

import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.test_docs import ROOT


@pytest.mark.parametrize("page", ["security.md", "asvs.md", "faults.md", "scaling.md"])
def test_every_file_that_is_named_is_there(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:tests|core|community|deploy|moderation|accounts)/[\w./-]*)`", text))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


# OWASP ASVS 5.0: the number of requirements in each section, without those of level 3.
UP_TO = "1.1.2 1.2.9 1.3.11 1.4.3 1.5.2 2.1.3 2.2.3 2.3.4 2.4.1 3.2.2 3.3.4 3.4.6 3.5.5 3.7.2 4.1.3 4.2.1 4.3.2 4.4.4 5.1.1 5.2.3 5.3.2 5.4.3 6.1.3 6.2.11 6.3.3 6.4.4 6.5.5 6.6.3 6.8.4 7.1.3 7.2.4 7.3.2 7.4.5 7.5.2 7.6.2 8.1.2 8.2.3 8.3.1 8.4.1 9.1.3 9.2.4 10.1.2 10.2.2 10.3.4 10.4.11 10.5.5 10.6.2 10.7.3 11.1.2 11.2.3 11.3.3 11.4.4 11.5.1 11.6.1 12.1.3 12.2.2 12.3.4 13.1.1 13.2.5 13.3.2 13.4.5 14.1.2 14.2.4 14.3.3 15.1.3 15.2.3 15.3.7 16.1.1 16.2.5 16.3.4 16.4.3 16.5.3"  # fmt: skip


def test_every_requirement_of_the_standard_has_one_row_and_what_is_not_met_is_summed_up():
    expected = [
        f"{chapter}.{section}.{number}"
        for chapter, section, last in (each.split(".") for each in UP_TO.split())
        for number in range(1, int(last) + 1)
    ]
    rows = [
        [cell.strip() for cell in line[1:-1].split("|")]
        for line in (ROOT / "docs/asvs.md").read_text(encoding="utf-8").splitlines()
        if re.match(r"\| \d", line)
    ]
    assert {len(row) for row in rows} == {4}
    assert {row[1] for row in rows} <= {"met", "in part", "open", "not used"}
    numbers = {tuple(re.findall(r"\b\d+\.\d+\.\d+\b", row[0])): row[1] for row in rows}
    assert sorted(number for together in numbers for number in together) == sorted(expected)
    summed_up = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    missing = [together[0] for together, state in numbers.items() if state in {"in part", "open"}]
    assert [number for number in missing if number not in summed_up] == []


def test_the_list_of_parts_has_every_pinned_package_with_its_hashes():
    made = json.loads(
        subprocess.run([sys.executable, ROOT / "bin/sbom"], capture_output=True, check=True).stdout
    )
    pinned = {
        (name.lower(), version)
        for lock in ("requirements.txt", "requirements-s3.txt", "requirements-otel.txt")
        for name, version in re.findall(r"^([\w.-]+)==([^ ;]+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    }  # fmt: skip
    assert {(part["name"].lower(), part["version"]) for part in made["components"]} == pinned
    assert all(part["hashes"] for part in made["components"])
    assert made["metadata"]["component"]["name"] == "long-table"


class Osv(BaseHTTPRequestHandler):
    """An OSV server with one advisory, which affects every version of Django."""

    def do_POST(self) -> None:
        queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        answer = [
            {"vulns": [{"id": "PYSEC-1"}]} if each["package"]["name"] == "django" else {} for each in queries
        ]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"results": answer}).encode())

    def log_message(self, *_said: object) -> None:
        pass


def audit(*arguments: object, server: str = "http://127.0.0.1:1") -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, ROOT / "bin/audit", *arguments], env=os.environ | {"OSV_URL": server}, capture_output=True, text=True, check=False
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


def test_the_audit_names_advisories_of_a_server_or_a_kept_file_and_says_when_it_compared_nothing(tmp_path):
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    version = re.search(r"^django==(\S+)", lock, re.MULTILINE)[1]
    found = f"django {version}: https://osv.dev/PYSEC-1"
    with HTTPServer(("127.0.0.1", 0), Osv) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        status, lines = audit(server=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    assert (status, lines[0], lines[-1].partition("; ")[2]) == (1, found, "advisories that concern us: 1.")
    advisory = {
        "id": "PYSEC-1",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "Django"}, "versions": ["1.0", version]}],
    }
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as file:
        file.writestr("PYSEC-1.json", json.dumps(advisory))
        file.writestr(
            "PYSEC-2.json", json.dumps(advisory | {"id": "PYSEC-2", "withdrawn": "2026-01-01T00:00:00Z"})
        )
    assert audit(tmp_path / "all.zip")[0:2] == (1, [found, lines[-1]])
    assert audit() == (75, ["The advisories could not be read (URLError): no package was checked."])
    assert audit(tmp_path / "none.zip")[0] == 75
