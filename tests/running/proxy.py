"""A real nginx in front of a site, by the configuration that the documentation gives."""

import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from ktrdr_site.local.watchdog import Ward
from tests.running.servers import Servers
from tests.running.stack import PROJECT, wait_until
from tests.running.web import HOST, free_port

PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
DOCUMENTED = PROJECT / "docs" / "nginx.conf"

CONFIGURATION = """
daemon off;
master_process off;
pid "{directory}/pid";
events {{ worker_connections 1024; }}
http {{
    access_log off;
    {temporary}
    {site}
}}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Proxy:
    """One nginx without TLS. Skips, visibly, where none is installed.

    `head_seconds` stand for the 10 s that a request's head may take.
    """

    def __init__(
        self,
        servers: Servers,
        *,
        to_port: int,
        head_seconds: int = 10,
        root: str = "/",
        takes_root_away: bool = False,
    ) -> None:
        if PROGRAM is None:
            pytest.skip("there is no nginx here: apt install nginx")
        self.port = free_port()
        self._servers = servers
        directory = Path(tempfile.mkdtemp(prefix="proxy-", dir=servers.directory))
        file, self._log = directory / "nginx.conf", directory / "error.log"
        temporary = (f'{name}_temp_path "{directory}/{name}";' for name in TEMPORARY)
        site = _without_tls(self.port, to_port, head_seconds)
        site = site.replace("location / {", f"location {root} {{")
        if takes_root_away:
            site = site.replace(f"http://{HOST}:{to_port};", f"http://{HOST}:{to_port}/;")
        file.write_text(
            CONFIGURATION.format(directory=directory, temporary=" ".join(temporary), site=site)
        )
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "-p", str(directory), "-c", str(file), "-e", "stderr"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        servers.watchdog.watch(Ward(stage=1, pid=self._process.pid))
        wait_until(self._listens, 30, self._log.read_text)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._servers.watchdog.forget(self._process.pid)

    def _listens(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0


def _without_tls(port: int, to_port: int, head_seconds: int) -> str:
    """The documented site where a test can reach it."""
    changes = (
        (r"server \{\n    listen 80 .*?\n\}\n", ""),
        (r"listen 443 ssl default_server;", f"listen {HOST}:{port};"),
        (r" +ssl_\w+ .*;\n", ""),
        (r"client_header_timeout 10s;", f"client_header_timeout {head_seconds}s;"),
        (r"http://127\.0\.0\.1:8000;", f"http://{HOST}:{to_port};"),
    )
    site = DOCUMENTED.read_text()
    for pattern, instead in changes:
        site, found = re.subn(
            pattern, instead, site, flags=re.DOTALL if "80" in pattern[:25] else 0
        )
        assert found, pattern
    return site
