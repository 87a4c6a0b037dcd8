"""One `up` at a time in a data directory: two would run two Valkey servers on the same files."""

import fcntl
import os
from pathlib import Path

from ktrdr_site.private import make_directory

NAME = "up.lock"


class AlreadyUp(Exception):
    """Who holds the lock, as it wrote itself down."""


def take(data_directory: Path) -> int:
    """Returns a descriptor; the lock is held until every copy of it is closed.

    Raises AlreadyUp at once when another holds it.
    """
    make_directory(data_directory)
    descriptor = os.open(data_directory / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 32).decode()
        os.close(descriptor)
        raise AlreadyUp(holder or "unknown") from None
    os.truncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def is_held(data_directory: Path) -> bool:
    """Whether a site is up there; makes and changes nothing."""
    try:
        descriptor = os.open(data_directory / NAME, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
