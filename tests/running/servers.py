"""The servers every test runs on: a real PostgreSQL and a real Valkey, which belong to this run.

A pytest plugin, named in `addopts`: it sets the environment before Django reads its settings. Each
server starts when the first test needs it, and both end with pytest, however pytest ends.
`KTRDR_TEST_DATABASE=sqlite` runs the tests on SQLite instead.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from ktrdr_site.local import valkey
from ktrdr_site.local.watchdog import Ward, Watchdog
from tests.running.postgres import PostgresServer

ON_SQLITE = os.environ.get("KTRDR_TEST_DATABASE", "") == "sqlite"

FOREIGN_VARIABLES = ("DEBUG", "CSRF_TRUSTED_ORIGINS")
"""What the user's own site may have set: no test may ever reach it."""


class ValkeyServer:
    def __init__(self, directory: Path, watchdog: Watchdog) -> None:
        self.directory = directory
        self.socket = directory / "valkey.sock"
        self.url = f"unix://{quote(str(self.socket))}"
        self._watchdog = watchdog
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers; a second start continues with the same data."""
        if self._process is not None:
            return
        command = valkey.server_command(directory=self.directory, socket=self.socket)
        self._process = subprocess.Popen(command, start_new_session=True)
        self._watchdog.watch(Ward(stage=1, pid=self._process.pid))
        valkey.wait_until_ready(self.socket, self._process)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait()
        self._watchdog.forget(self._process.pid)
        self._process = None


class Servers:
    """This run's servers, its directory, and the watchdog over every process it starts."""

    def __init__(self) -> None:
        # Short, for the sockets' sake; with a space, so that no path is ever left unquoted.
        self.directory = Path(tempfile.mkdtemp(prefix="ktrdr tests ", dir="/tmp"))
        self.directory.chmod(0o711)
        self.watchdog = Watchdog()
        self.postgres = PostgresServer(self.directory / "postgres", self.watchdog)
        self.valkey = ValkeyServer(self.directory / "valkey", self.watchdog)

    def environment(self) -> dict[str, str]:
        """What every KTRDR process of this run needs, except for the name of the test database."""
        return {
            "DATABASE_URL": self.database_url("ktrdr"),
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": "for-tests-only-" + "0" * 50,
            "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
            "SECURE_SSL_REDIRECT": "false",
            "KTRDR_DATA_DIR": str(self.directory / "var"),
            "KTRDR_LEASE_SECONDS": "2",
            "KTRDR_HEARTBEAT_SECONDS": "0.3",
            "KTRDR_SWEEP_INTERVAL_SECONDS": "0.5",
            "KTRDR_MAX_RESTARTS_CAP": "1000",  # a test kills as often as it likes
            "KTRDR_CHECKPOINT_KEEP_CAP": "1000",
            "KTRDR_CHECKPOINT_SECONDS_FLOOR": "1e-9",
            "KTRDR_CHECKPOINT_SECONDS": "0",  # a test has short epochs, and asks for many
            "KTRDR_API_REQUESTS_PER_MINUTE": "0",  # a test asks as fast as it can
            "KTRDR_API_ACTIONS_PER_MINUTE": "0",
            "KTRDR_FAILED_LOGINS_PER_MINUTE": "0",
            "KTRDR_FAILED_LOGINS_PER_ADDRESS": "0",
        }

    def database_url(self, name: str) -> str:
        if ON_SQLITE:
            path = self.directory / "var" / Path(name).name
            return f"sqlite:///{quote(str(path))}"
        return self.postgres.url(name)

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        self.watchdog.close()
        shutil.rmtree(self.directory, ignore_errors=True)


SERVERS = pytest.StashKey[Servers]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    servers = early_config.stash[SERVERS] = Servers()
    early_config.add_cleanup(servers.stop)
    for name in [name for name in os.environ if name.startswith("KTRDR_")]:
        del os.environ[name]
    for name in FOREIGN_VARIABLES:
        os.environ.pop(name, None)
    os.environ.update(servers.environment())
    (servers.directory / "var").mkdir()
    return (yield)


def pytest_report_header() -> str:
    return f"database: {'SQLite' if ON_SQLITE else 'PostgreSQL'}, started for this run"


NOBODY_LISTENS = "redis://127.0.0.1:1/0"
