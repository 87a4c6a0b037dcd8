"""A real PgBouncer in front of the tests' own PostgreSQL."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from ktrdr_site.local.watchdog import Ward
from tests.running.servers import Servers

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
START_SECONDS = 30.0
ROLE = "postgres"
PORT = 6432
"""Of the name of its socket alone: nothing listens on a network."""

CONFIGURATION = """
[databases]
* = host='{postgres}' port=5432 user='{role}'

[pgbouncer]
unix_socket_dir = {directory}
listen_port = {port}
auth_type = any
admin_users = postgres
pool_mode = {mode}
{rest}
"""


class Pooler:
    """One PgBouncer, reached through a Unix socket. Skips, visibly, where none is installed.

    As root it runs as `nobody`, for it refuses to run as root. `rest` are lines of its section.
    """

    def __init__(
        self, servers: Servers, *, mode: str, role: str = "postgres", rest: str = ""
    ) -> None:
        if PROGRAM is None:
            pytest.skip("there is no PgBouncer here: apt install pgbouncer")
        self._servers = servers
        # Not in pytest's own directory, which is closed to others.
        self._directory = Path(tempfile.mkdtemp(prefix="pooler-", dir=servers.directory))
        self._log = self._directory / "pgbouncer.log"
        self._process = self._start(
            CONFIGURATION.format(
                postgres=servers.postgres.directory,
                role=role,
                directory=self._directory,
                port=PORT,
                mode=mode,
                rest=rest,
            )
        )
        servers.watchdog.watch(Ward(stage=1, pid=self._process.pid))
        self._wait_until_ready()

    def _start(self, configuration: str) -> "subprocess.Popen[bytes]":
        assert PROGRAM is not None
        file = self._directory / "pgbouncer.ini"
        file.write_text(configuration)
        user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        if user:
            for path in (self._directory, file):
                os.chown(path, user.pw_uid, user.pw_gid)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [PROGRAM, str(file)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._directory,
                start_new_session=True,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )

    def url(self, database: str) -> str:
        return f"postgres://postgres@:{PORT}/{database}?host={quote(str(self._directory))}"

    def connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(self._directory), port=PORT, user="postgres", dbname=database, autocommit=True
        )

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._servers.watchdog.forget(self._process.pid)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect("pgbouncer").close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"No PgBouncer:\n{self._log.read_text()}") from None
            time.sleep(0.02)
