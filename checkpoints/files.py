"""What this package asks of a storage, through Django's Storage API only.

Here a storage's failures are told apart. A file that is missing from a readable storage is a fact
(`FileNotFoundError`); anything else a storage raises, its client library's errors included, says
nothing about what it holds (`StorageUnreachableError`).
"""

import errno
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO

from django.core.files import File
from django.core.files.base import ContentFile
from django.utils import timezone

from checkpoints.errors import StorageFullError, StorageUnreachableError
from checkpoints.failpoints import failpoint
from checkpoints.storage import CHUNK_BYTES, DurableFileSystemStorage, checkpoint_storage

ROOT = "checkpoints"
"""The directory in the storage that is this package's own; others' files lie beside it."""

ABANDONED_AFTER = timedelta(days=1)
"""No process takes so long from files to the row that refers to them, which is inserted later."""

SAFE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", re.ASCII)


def safe_name(name: str, *, what: str, max_length: int) -> str:
    """`name`, if it can be one part of a path in any storage; else raises ValueError."""
    if len(name) > max_length or not SAFE_NAME.fullmatch(name):
        raise ValueError(
            f"{what} {name!r} is not 1 to {max_length} letters, digits, '_', '.' or '-', "
            "beginning with no dot"
        )
    return name


def write_each(directory: str, contents: Mapping[str, bytes]) -> Iterator[str]:
    """Store files of one directory, by their names in it; yields the path of each. They are durable
    when all of them have been yielded."""
    storage = checkpoint_storage()
    with _faults(directory, missing_is_fact=False):
        if isinstance(storage, DurableFileSystemStorage):
            yield from storage.save_each(directory, contents)
        else:
            for name, content in contents.items():
                yield storage.save(f"{directory}/{name}", ContentFile(content))


def write_file(path: str, content: IO[bytes]) -> str:
    """Store the rest of an open file, of which only a part is in memory; as `write`."""
    with _faults(path, missing_is_fact=False):
        return checkpoint_storage().save(path, File(content))


def size(path: str) -> int:
    """Bytes of a stored file. Raises FileNotFoundError or `StorageUnreachableError`."""
    with _faults(path):
        failpoint("checkpoint.read")
        return checkpoint_storage().size(path)


def open_file(path: str) -> "File[bytes]":
    """A stored file, to read. Raises FileNotFoundError or `StorageUnreachableError`."""
    with _faults(path):
        failpoint("checkpoint.read")
        return checkpoint_storage().open(path)


def read(path: str) -> bytes:
    """A whole stored file. Raises FileNotFoundError or `StorageUnreachableError`."""
    with _faults(path), open_file(path) as file:
        content: bytes = file.read()
        return content


def chunks(path: str) -> Iterator[bytes]:
    """A stored file in parts, of which one is in memory. Raises as `read` does."""
    with _faults(path), open_file(path) as file:
        yield from file.chunks(CHUNK_BYTES)


def sha256(path: str) -> str:
    """Digest of a stored file. Raises as `read` does."""
    digest = hashlib.sha256()
    for chunk in chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def list_directories(root: str = ROOT) -> list[str]:
    """Paths of all directories in `root`. Raises `StorageUnreachableError`.

    Where nothing was ever saved there is no root: that is an error too, because a volume that is
    not mounted looks the same.
    """
    with _faults(root, missing_is_fact=False):
        directories, _ = checkpoint_storage().listdir(root)
        return [f"{root}/{name}" for name in directories]


def list_files(root: str) -> list[str]:
    """Paths of all files right in `root`. Raises `StorageUnreachableError`, as above."""
    with _faults(root, missing_is_fact=False):
        _, names = checkpoint_storage().listdir(root)
        return [f"{root}/{name}" for name in names]


def is_old(path: str) -> bool:
    """Whether a file that no row refers to can no longer be waiting for its row.

    Raises `StorageUnreachableError`.
    """
    return _is_past(path, _modified_at)


def remove(path: str) -> None:
    """Delete a file, if it is there. Raises `StorageUnreachableError`."""
    with _faults(path, missing_is_fact=False):
        checkpoint_storage().delete(path)


def modified_at(directory: str) -> datetime:
    """When a directory last got a file. Raises FileNotFoundError or `StorageUnreachableError`."""
    storage = checkpoint_storage()
    with _faults(directory):
        _, names = storage.listdir(directory)
        paths = [f"{directory}/{name}" for name in names] or [directory]
        return max(storage.get_modified_time(path) for path in paths)


def is_abandoned(directory: str) -> bool:
    """Whether files that no row refers to can no longer be waiting for theirs.

    Raises `StorageUnreachableError`.
    """
    return _is_past(directory, modified_at)


def _modified_at(path: str) -> datetime:
    """When a file was written. Raises FileNotFoundError or `StorageUnreachableError`."""
    with _faults(path):
        return checkpoint_storage().get_modified_time(path)


def _is_past(path: str, modified: Callable[[str], datetime]) -> bool:
    try:
        return timezone.now() - modified(path) > ABANDONED_AFTER
    except FileNotFoundError:  # another sweep removed it just now
        return False


def remove_directory(path: str) -> None:
    """Delete a directory with its files, if it is there. Raises `StorageUnreachableError`."""
    storage = checkpoint_storage()
    with _faults(path, missing_is_fact=False):
        try:
            _, names = storage.listdir(path)
        except FileNotFoundError:
            return
        for name in names:
            failpoint("checkpoint.remove.file")
            storage.delete(f"{path}/{name}")
        failpoint("checkpoint.remove.directory")
        storage.delete(path)


@contextmanager
def _faults(path: str, *, missing_is_fact: bool = True) -> Iterator[None]:
    try:
        yield
    except (StorageUnreachableError, MemoryError):  # the latter is no fault of the storage
        raise
    except Exception as error:  # an S3 client raises errors of its own
        if missing_is_fact and isinstance(error, FileNotFoundError):
            raise
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        kind = StorageFullError if full else StorageUnreachableError
        raise kind(f"{path}: {error or type(error).__name__}") from error
