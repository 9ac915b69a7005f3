"""nginx with the files of deploy/nginx, for processes on this machine."""

import os
import re
import shutil
import socket
from pathlib import Path

from tests.serving import ROOT

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
FILE = ROOT / "deploy/nginx/long-table.conf"
LOG = "    access_log syslog:server=127.0.0.1:8125,nohostname long_table_hit if=$long_table_hit;\n"


def configuration(sites: list[int], port: int, folder: Path, log: int = 0) -> str:
    """Return the configuration of deploy/nginx with another port and folders, and without a certificate.

    log: the UDP port that receives the log lines of cached pages, 0 for none.
    """
    config = FILE.read_text(encoding="utf-8")
    config = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", config, count=1, flags=re.DOTALL)
    config = re.sub(r" *ssl_certificate.*\n", "", config)
    config = config.replace("listen 443 ssl http2", f"listen 127.0.0.1:{port}")
    config = config.replace("server_name example.org", "server_name 127.0.0.1").replace(
        "$host;", "$http_host;"
    )
    return _whole(config, sites, folder, log)


def as_it_is(site: int, plain: int, tls: int, folder: Path) -> str:
    """Return the configuration with HTTP on the port `plain` and HTTPS with a certificate in `folder`."""
    config = FILE.read_text(encoding="utf-8")
    for ours, here in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl": f"listen 127.0.0.1:{tls} ssl",
        "/etc/letsencrypt/live/example.org/": f"{folder}/",
        "/var/www/html": f"{folder}/html",
    }.items():
        assert ours in config
        config = config.replace(ours, here)
    return _whole(config, [site], folder, log=0)


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def listen_on_ipv6(plain: int, tls: int, folder: Path) -> None:
    """Copy the IPv6 files, as a host does on a machine with IPv6, for the same ports."""
    shutil.copytree(FILE.parent / "ipv6", folder / "long-table-ipv6")
    for ours, here in {80: plain, 443: tls}.items():
        file = folder / f"long-table-ipv6/port-{ours}.conf"
        said = file.read_text(encoding="utf-8")
        assert f"[::]:{ours}" in said
        file.write_text(said.replace(f"[::]:{ours}", f"[::1]:{here}"), encoding="utf-8")


def _whole(config: str, sites: list[int], folder: Path, log: int) -> str:
    config = config.replace("/var/cache/nginx/long-table", f"{folder}/pages").replace(
        "access_log /var/log/nginx/access.log long_table",
        f"access_log {folder}/access.log long_table" if log else "access_log off",
    )
    assert LOG in config
    config = config.replace(LOG, LOG.replace("8125", str(log)) if log else "")
    upstream = (ROOT / "deploy/nginx/long-table-upstream.conf").read_text(encoding="utf-8")
    [line] = re.findall(r"^    server 127\.0\.0\.1:8000 .*\n", upstream, re.MULTILINE)
    servers = "".join(line.replace("8000", str(site)) for site in sites)
    upstream = re.sub(r"    server .*\n(?:    # server .*\n)*", servers, upstream)
    temp = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    mark = "add_header X-Request-ID $request_id always;"
    assert mark in config
    config = config.replace(mark, f"{mark} add_header X-From $upstream_cache_status always;")
    # nginx's workers must be able to read the test's folder, which only its user may read.
    user = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temp}{upstream}{config}}}\n"
    )
