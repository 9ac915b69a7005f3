"""The files in deploy/: what they name exists, and the programs that read them, if installed, accept them."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
import yaml
from django.db import connection
from django.test import Client

from core.utils.files import SERVED_TYPES
from tests.nginx import NGINX, configuration
from tests.serving import Server
from tests.test_docs import ROOT, names_in_table
from tests.transfer.test_backup import programs

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
# Variables of Python and of third-party images, and those that only a unit sets.
THEIRS = {
    "LISTEN",
    "PYTHONUNBUFFERED",
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD",
    "POSTGRES_INITDB_ARGS",
}


def joined(text: str) -> str:
    """Return the text with continued lines joined."""
    return re.sub(r"\s*\\\n\s*", " ", text)


def options_of(command: str) -> str:
    """Return granian's options, except where it listens."""
    words = " ".join(re.sub(r'[",\[\]]', " ", command).split())
    found = words.partition("-m granian ")[2]
    return re.sub(r"--(host|port) \S+ ", "", found)


def settings_in(name: str, text: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", joined(text), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_are_accepted_by_systemd_and_leave_little_open(unit, tmp_path):
    if not (program := shutil.which("systemd-analyze")):
        pytest.skip("there is no systemd-analyze: the units were read by no systemd")
    for each in UNITS:
        text = each.read_text(encoding="utf-8").replace("/srv/long-table/app", str(ROOT))
        (tmp_path / each.name).write_text(text.replace("/srv/long-table/var", str(tmp_path)))
    name = unit.name.replace("@.", "@8000.")
    (tmp_path / name).exists() or (tmp_path / name).symlink_to(unit.name)
    checked = subprocess.run(
        [program, "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    ours = [
        line
        for line in checked.stderr.splitlines()
        if "long-table" in line and "is not executable" not in line
    ]
    assert ours == []
    safe = subprocess.run(
        [program, "security", "--offline=yes", "--threshold=25", str(tmp_path / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert safe.returncode == 0, safe.stdout[-300:]


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_name_what_is_there(unit):
    text = unit.read_text(encoding="utf-8")
    [command] = settings_in("ExecStart", text)
    if "manage.py" in command:
        name = command.partition("manage.py ")[2].split()[0]
        assert list(ROOT.glob(f"*/management/commands/{name}.py"))
    names = {pair.partition("=")[0] for line in settings_in("Environment", text) for pair in line.split()}
    assert names <= names_in_table() | THEIRS
    known = {path.name for path in UNITS} | {"network.target", "postgresql.service", "redis-server.service", "multi-user.target"}  # fmt: skip
    assert {name for key in ("After", "Wants", "WantedBy") for line in settings_in(key, text) for name in line.split()} <= known  # fmt: skip


def test_stopping_the_worker_does_not_stop_the_program_that_makes_its_backup():
    unit = (DEPLOY / "systemd/long-table-worker.service").read_text(encoding="utf-8")
    assert settings_in("KillMode", unit) == ["mixed"]


def test_the_server_is_called_alike_everywhere():
    [unit] = settings_in(
        "ExecStart", (DEPLOY / "systemd/long-table-web@.service").read_text(encoding="utf-8")
    )
    [image] = re.findall(r"^CMD (\[.*\])$", joined(DOCKERFILE), re.MULTILINE)
    assert options_of(unit) == options_of(image) != ""


def test_a_web_process_listens_on_this_machine_alone_unless_it_is_told():
    unit = (DEPLOY / "systemd/long-table-web@.service").read_text(encoding="utf-8")
    [command], [environment] = settings_in("ExecStart", unit), settings_in("Environment", unit)
    assert "--host ${LISTEN} " in command
    assert "LISTEN=127.0.0.1" in environment.split()


def test_the_image_is_built_from_what_is_there_and_runs_as_nobody_special():
    lines = joined(DOCKERFILE).splitlines()
    froms = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert all(re.fullmatch(r"[a-z]+:[0-9][\w.-]+", image) for image in froms)
    assert len(set(froms)) == 1  # the packages were installed for the same Python
    copied = [name for line in lines if line.startswith("COPY ") and "--from" not in line for name in line.split()[1:-1]]  # fmt: skip
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert [
        line for line in lines if "apt-get install" in line and "--no-install-recommends" not in line
    ] == []
    assert [line for line in lines if line.startswith(("ADD ", "USER root", "ENV SECRET"))] == []
    assert lines.index("USER 10001:10001") < next(
        i for i, line in enumerate(lines) if line.startswith("CMD ")
    )
    apps = next(line for line in lines if "compileall" in line).partition("-q ")[2].split()
    assert sorted(apps) == sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")  # fmt: skip
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".env", ".git", ".venv", "var"} <= set(ignored)


def test_hadolint_finds_nothing_in_the_dockerfile():
    program = Path(sys.executable).with_name("hadolint")
    if not program.exists():
        pytest.skip("hadolint is not installed")
    done = subprocess.run([program, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("hosts", "asked"),
    [("example.org,www.example.org", "example.org"), (".example.org", "example.org"), ("*", "127.0.0.1")],
)
def test_the_health_check_of_the_image_asks_by_a_name_that_the_site_answers_to(
    hosts, asked, monkeypatch, settings
):
    [command] = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", joined(DOCKERFILE), re.MULTILINE)
    *_python, code = json.loads(command)
    answers = []

    def answer(request: urllib.request.Request, timeout: float) -> None:
        name = request.get_header("Host")
        answers.append((name, Client(headers={"host": name}).get("/healthz").status_code))

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    monkeypatch.setenv("ALLOWED_HOSTS", hosts)
    settings.ALLOWED_HOSTS = hosts.split(",")
    exec(code, {})  # noqa: S102 - our own code
    assert answers == [(asked, 200)]


def test_the_compose_file_names_what_is_there():
    services = COMPOSE["services"]
    assert set(services) == {"prepare", "web", "worker", "cached-pages", "db", "redis", "nginx"}
    for service in services.values():
        assert set(service.get("environment", {})) <= names_in_table() | THEIRS
        assert set(service.get("depends_on", [])) <= set(services)
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or source.startswith("/") or (DEPLOY / source).exists(), (
                volume
            )
    build = services["web"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).samefile(DEPLOY / "Dockerfile")
    # pg_dump cannot read from a server that is newer than itself.
    client = re.search(r"postgresql-client-(\d+)", DOCKERFILE)[1]
    assert services["db"]["image"] == f"postgres:{client}"
    assert {name for name, service in services.items() if "ports" in service} == {"nginx"}


@pytest.mark.skipif(NGINX is None, reason="there is no nginx")
def test_nginx_accepts_its_file_and_says_nothing(tmp_path):
    (tmp_path / "nginx.conf").write_text(configuration([8000, 8001], 8080, tmp_path), encoding="utf-8")
    done = subprocess.run(
        [NGINX, "-t", "-q", "-c", tmp_path / "nginx.conf", "-p", tmp_path], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(NGINX is None, reason="there is no nginx")
def test_nginx_writes_no_secret_of_a_link_while_the_site_is_away_either(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as front, socket.create_server(("127.0.0.1", 0)) as site:
        port, away = front.getsockname()[1], site.getsockname()[1]
    (tmp_path / "nginx.conf").write_text(configuration([away], port, tmp_path, log=9), encoding="utf-8")
    process = subprocess.Popen(
        [NGINX, "-c", tmp_path / "nginx.conf", "-p", tmp_path], stderr=subprocess.DEVNULL
    )
    server = Server(port, process)
    try:
        server.until(lambda: (tmp_path / "pid").exists())
        link = "/decisions/by-link/s3cret/"
        asked = [server.request(link), server.request("/media/nothing", Referer=f"{server.url}{link}")]
    finally:
        server.stop()
    assert [answer.status for answer in asked] == [502, 404]
    lines = (tmp_path / "access.log").read_text().splitlines()
    assert [line.split('"')[1:4:2] for line in lines] == [["GET /decisions/by-link/ HTTP/1.1", "-"], ["GET /media/nothing HTTP/1.1", "-"]]  # fmt: skip
    assert "s3cret" not in (tmp_path / "error.log").read_text()


def test_caddy_accepts_its_file():
    if not (program := shutil.which("caddy")):
        pytest.skip("there is no caddy: its file was compared with nginx's alone")
    subprocess.run([program, "validate", "--config", DEPLOY / "caddy/Caddyfile"], check=True)


def test_caddy_has_the_same_places_as_nginx():
    caddy = (DEPLOY / "caddy/Caddyfile").read_text(encoding="utf-8")
    nginx = (DEPLOY / "nginx/long-table.conf").read_text(encoding="utf-8")
    assert caddy.count("{") == caddy.count("}")
    for said in ("default-src 'none'; sandbox", "public, max-age=31536000, immutable", "/srv/long-table/var", "X-Request-ID"):  # fmt: skip
        assert said in caddy
        assert said in nginx


def test_both_front_servers_serve_every_kind_of_file_that_may_be_uploaded():
    for name in ("caddy/Caddyfile", "nginx/long-table.conf"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        patterns = re.findall(r"\^/media/\S*\\\.\((?:\?:)?([a-z0-9?|]+)\)+\$", text)
        served = {extension for pattern in patterns for extension in pattern.split("|")}
        assert served >= SERVED_TYPES.keys() - {"jpg", "jpeg"}, name


@pytest.mark.django_db  # so that it runs among those for PostgreSQL
@pytest.mark.skipif(connection.vendor != "postgresql", reason="the other database has no roles")
def test_in_containers_the_site_owns_its_database_and_administers_nothing():
    where = {
        "host": connection.settings_dict["HOST"],
        "user": connection.settings_dict["USER"],
        "dbname": "postgres",
    }
    site, admin = "long_table_own", "long_table_admin"
    script = (DEPLOY / "postgres/site.sh").read_text(encoding="utf-8")
    environ = {
        "PATH": f"{programs()}:{os.environ['PATH']}",
        "PGHOST": where["host"],
        "POSTGRES_USER": admin,
        "POSTGRES_PASSWORD": "l3tters'",
    }
    with psycopg.connect(**where, autocommit=True) as server:
        server.execute(f"CREATE ROLE {admin} LOGIN SUPERUSER PASSWORD 'l3tters'")
        try:
            subprocess.run(["sh", "-c", script.replace("longtable", site)], env=environ, check=True)  # noqa: S607
            rights = (
                "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = %s"
            )
            assert server.execute(rights, [site]).fetchone() == (False, True, False, False)
            passwords = "SELECT rolname FROM pg_authid WHERE rolpassword IS NOT NULL AND rolname = ANY(%s)"
            assert server.execute(passwords, [[site, admin]]).fetchall() == [(site,)]
            owned = "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s"
            assert server.execute(owned, [site]).fetchone() == (site, "UTF8")
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {site}")
            server.execute(f"DROP ROLE IF EXISTS {site}, {admin}")


def test_what_the_handbook_does_in_containers_names_those_there_are():
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    orders = [
        line.split() for line in re.findall(r"(?:^ {4}|&& )site (?!=)(.+?)(?= &&|$)", text, re.MULTILINE)
    ]
    assert {words[0] for words in orders} == {"build", "up", "exec", "run", "stop"}
    for words in orders:
        named = [word for word in words[1:] if not word.startswith("-")]
        # After `exec` and `run` the first argument is the service, the rest the command.
        services = named[:1] if words[0] in {"exec", "run"} else named
        assert set(services) <= set(COMPOSE["services"]), words
        for command in (word for one, word in pairwise(words) if one == "manage.py"):
            assert list(ROOT.glob(f"*/management/commands/{command}.py"))
    assert COMPOSE["services"]["web"]["image"] == "long-table"


def test_the_handbook_names_every_file():
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    for name in ("nginx/long-table.conf", "nginx/long-table-upstream.conf", "caddy/Caddyfile", "systemd/", "compose.yaml"):  # fmt: skip
        assert f"deploy/{name}" in text
