"""A WordPress of the system's packages on this machine: MariaDB, php-fpm and nginx in a temporary folder."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.cluster import free_port, wait_for
from tests.nginx import NGINX
from tests.serving import PATIENCE

HERE = Path(__file__).parent
CODE = Path("/usr/share/wordpress")
CONTENT = Path("/var/lib/wordpress/wp-content")
PACKAGES = "wordpress wordpress-theme-twentytwentythree mariadb-server php-fpm php-mysql nginx"
WORKERS = 5
"""Of php-fpm, as many as Debian's package allows. None of them ends, so their processor time is known."""


def _program(*names: str) -> str:
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    return next((found for name in names if (found := shutil.which(name, path=places))), "")


INSTALL, MARIADB, CLIENT = _program("mariadb-install-db"), _program("mariadbd"), _program("mariadb")
FPM = _program("php-fpm", *(f"php-fpm8.{number}" for number in range(9, 0, -1)))


def missing() -> list[str]:
    """Return what has to be installed first."""
    themes = CODE / "wp-content/themes"
    there = {
        "WordPress": (CODE / "wp-settings.php").exists(),
        "a theme of WordPress": themes.is_dir() and any(themes.iterdir()),
        "MariaDB": bool(INSTALL and MARIADB and CLIENT),
        "php-fpm": bool(FPM),
        "nginx": bool(NGINX),
    }
    return [name for name, is_there in there.items() if not is_there]


@dataclass
class WordPress:
    port: int
    processes: dict[str, subprocess.Popen[bytes]]
    folder: Path

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self.processes.values()]

    def ask(self, act: str, **given: Any) -> Any:
        """Run setup.php, which is in the site only for this long."""
        script = self.folder / "site/setup.php"
        shutil.copyfile(HERE / "setup.php", script)
        try:
            body = json.dumps({"act": act, **given}).encode()
            request = Request(f"http://127.0.0.1:{self.port}/setup.php", body)
            with urlopen(request, timeout=300) as answer:  # noqa: S310
                return json.load(answer)
        finally:
            script.unlink()


@contextmanager
def running(folder: Path) -> Iterator[WordPress]:
    """Start all three, and end them afterwards."""
    port, is_root = free_port(), os.geteuid() == 0
    _lay_out(folder, port, is_root=is_root)
    as_root = ["--user=root"] if is_root else []
    database = _create_database(folder, as_root)
    commands = {
        "MariaDB": [*database, f"--pid-file={folder}/mariadb.pid"],
        "php-fpm": [
            FPM,
            "--nodaemonize",
            "--fpm-config",
            f"{folder}/php-fpm.conf",
            *(["-R"] if is_root else []),
        ],
        "nginx": [str(NGINX), "-c", f"{folder}/nginx.conf", "-p", str(folder), "-g", "daemon off;"],
    }
    with ExitStack() as stack:
        processes = {}
        for name, command in commands.items():
            with (folder / f"{name}.log").open("wb") as log:
                processes[name] = subprocess.Popen(command, stdout=log, stderr=log)
            stack.callback(_end, processes[name])
        wait_for(port)
        _wait_for_database(folder)
        yield WordPress(port, processes, folder)


def _lay_out(folder: Path, port: int, *, is_root: bool) -> None:
    """Copy WordPress into the folder, with the configuration of all three."""
    site = folder / "site"
    shutil.copytree(
        CODE,
        site,
        ignore=shutil.ignore_patterns("wp-config.php", "wp-content"),
        ignore_dangling_symlinks=True,
    )
    shutil.copytree(CODE / "wp-content", site / "wp-content", ignore_dangling_symlinks=True)
    (site / "wp-content/mu-plugins").mkdir()
    shutil.copyfile(HERE / "no-limits.php", site / "wp-content/mu-plugins/no-limits.php")
    values = {
        "PORT": str(port),
        "FOLDER": str(folder),
        "WORKERS": str(WORKERS),
        "USER": "root" if is_root else "",
    }
    for name, place in (("wp-config.php", site), ("nginx.conf", folder), ("php-fpm.conf", folder)):
        text = (HERE / name).read_text(encoding="utf-8")
        if not is_root:
            text = "\n".join(line for line in text.splitlines() if "@USER@" not in line)
        for key, value in values.items():
            text = text.replace(f"@{key}@", value)
        (place / name).write_text(text, encoding="utf-8")


def _create_database(folder: Path, as_root: list[str]) -> list[str]:
    """Create MariaDB's data in the folder. Returns the command that serves it."""
    data = folder / "mariadb"
    install = [
        INSTALL,
        "--no-defaults",
        f"--datadir={data}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    ]
    subprocess.run([*install, *as_root], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [
        MARIADB,
        "--no-defaults",
        f"--datadir={data}",
        f"--socket={folder}/mariadb.sock",
        "--skip-networking",
        *as_root,
    ]


def _wait_for_database(folder: Path) -> None:
    """Create the empty database for WordPress as soon as MariaDB listens."""
    for _ in range(PATIENCE * 20):
        if (folder / "mariadb.sock").exists():
            break
        time.sleep(0.05)
    client = [CLIENT, "--no-defaults", f"--socket={folder}/mariadb.sock", "--user=root"]
    create = "CREATE DATABASE wordpress CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
    subprocess.run([*client, "--execute", create], check=True, timeout=PATIENCE)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE)
