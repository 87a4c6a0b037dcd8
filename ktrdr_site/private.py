"""Files for this user alone, whatever directory, umask or link is found."""

import os
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

MASK = 0o077
"""What a new file never lets others do."""


def keep_new_files_private() -> None:
    """First thing in every process: what it makes, and what it starts, is its user's alone."""
    os.umask(MASK)


def make_directory(directory: Path) -> None:
    """For this user alone, with those above it. Raises as `tighten_directory` does."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    tighten_directory(directory)


def tighten_directory(directory: Path) -> None:
    """Let nobody else in. Raises ImproperlyConfigured where it is not this user's to say so, or
    where another user's link leads to it, as one can be laid in a shared temporary directory."""
    is_link = stat.S_ISLNK(_refuse_a_strangers(directory, os.lstat(directory)).st_mode)
    follow = 0 if is_link else os.O_NOFOLLOW  # nobody has put a link there since
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | follow)
    try:
        mode = _refuse_a_strangers(directory, os.fstat(descriptor)).st_mode
        if mode & MASK:
            os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def tighten_file(path: Path) -> None:
    """Let nobody else read or write it, if it is there and this user's.

    It is not opened: to close an SQLite file gives up every lock that the process has on it.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    if found.st_uid == os.geteuid() and found.st_mode & MASK:
        path.chmod(stat.S_IMODE(found.st_mode) & ~MASK)


def _refuse_a_strangers(path: Path, found: os.stat_result) -> os.stat_result:
    if found.st_uid == os.geteuid():
        return found
    raise ImproperlyConfigured(
        f"{path} belongs to another user (uid {found.st_uid}), who could read and change what is "
        f"in it: run this as that user, give it to this one (uid {os.geteuid()}) with chown, or "
        "set KTRDR_DATA_DIR to a directory that is not there yet."
    )
