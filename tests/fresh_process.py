"""Run code in a process with a clean environment, as if freshly started: for what settings do at start-up.

Each process is forked from one that has loaded Django's own modules and those of other packages, but no
settings and none of our code: loading these takes 0.3 s of processor time each time, and a second for code
that needs all of them.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Slow to import, and independent of settings during the import.
LOADED = [
    "asyncio",
    "babel",
    "cryptography.x509",
    "cryptography.hazmat.primitives.serialization",
    "django.core.cache",
    "django.core.mail",
    "django.core.management",
    "django.db.models",
    "django.forms",
    "django.template.defaulttags",
    "django.template.loader_tags",
    "django.test.signals",
    "django.urls",
    "django.utils.formats",
    "django.views.generic",
    "email.mime.multipart",
    "fido2.webauthn",
    "html.parser",
    "http.server",
    "icalendar",
    "markdown_it",
    "nh3",
    "PIL.Image",
    "pydantic",
    "qrcode",
    "requests",
    "snowballstemmer",
    "sqlite3",
    "sqlparse",
    "ssl",
    "urllib3",
    "whitenoise.base",
    "yaml",
]


def run(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -c CODE` in the project's folder, with VAR_DIR in `folder` and these environment variables."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    names = {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "community.settings"}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        order = {
            "code": code,
            "environment": kept | names | environment,
            "files": [_path(out), _path(errors)],
        }
        process = _forking()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        status = int(process.stdout.readline())
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(["python", "-c", code], status, out.read(), errors.read())


def _path(file: tempfile._TemporaryFileWrapper) -> str:
    return f"/proc/{os.getpid()}/fd/{file.fileno()}"


@cache
def _forking() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", "from tests import fresh_process; fresh_process.fork_on_request()"],
        cwd=ROOT,
        env={name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.kill)
    return process


def fork_on_request() -> None:
    """For each request on a line, run the code in a fork, and return its exit status."""
    for name in LOADED:
        import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        if not (child := os.fork()):
            _be_new(**order)
        _child, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _be_new(code: str, environment: dict[str, str], files: list[str]) -> None:
    for number, path in enumerate([os.devnull, *files]):
        os.dup2(os.open(path, os.O_RDWR), number)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    status = 0
    try:
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - that is its purpose
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if status and not isinstance(end.code, int):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:  # noqa: BLE001 - as Python does
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
