"""Where checkpoints are stored: by default, files that survive a power cut.

`STORAGES["checkpoints"]` names any Django storage; nothing else here knows which one it is.
"""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.deconstruct import deconstructible

from checkpoints.failpoints import failpoint

CHUNK_BYTES = 1 << 20


def checkpoint_storage() -> Storage:
    """The storage of checkpoints, and of everything else that has to last as long."""
    return storages["checkpoints"]


def is_local(storage: Storage) -> bool:
    """Whether reading it costs a disk's time, not a network's."""
    try:
        storage.path("")
    except NotImplementedError:
        return False
    return True


def free_bytes() -> int | None:
    """What the checkpoint storage has room for; None where only the storage itself knows."""
    storage = checkpoint_storage()
    if not is_local(storage):
        return None
    return free_at(Path(storage.path("")))


def free_at(directory: Path) -> int:
    """Bytes, also of a directory that has yet to be made."""
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    return shutil.disk_usage(existing).free


@deconstructible(path="checkpoints.storage.DurableFileSystemStorage")
class DurableFileSystemStorage(FileSystemStorage):
    """Files that are whole or absent, and stay once `save` has returned.

    Each is written under a temporary name, synced and renamed; then its directory is synced, and
    the parent of each directory that had to be made. A name is kept as it is given: an existing
    file is replaced. Readable by their owner only, unless the options say otherwise.
    """

    def __init__(
        self,
        location: str | os.PathLike[str] | None = None,
        base_url: str | None = None,
        file_permissions_mode: int = 0o600,
        directory_permissions_mode: int = 0o700,
    ) -> None:
        super().__init__(
            location=os.fspath(location) if location is not None else None,
            base_url=base_url,
            file_permissions_mode=file_permissions_mode,
            directory_permissions_mode=directory_permissions_mode,
            allow_overwrite=True,
        )
        self._file_mode = file_permissions_mode
        self._directory_mode = directory_permissions_mode

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        self._make_directory(path.parent)
        self._put(path, content.chunks(CHUNK_BYTES))
        self._let_names_last(path.parent)
        return path.relative_to(self.location).as_posix()

    def save_each(self, directory: str, contents: Mapping[str, bytes]) -> Iterator[str]:
        """Save files of one directory, which is synced once, after the last of them: all of them
        stay when the iterator has come to its end. Yields each one's path in the storage."""
        place = Path(self.path(directory))
        self._make_directory(place)
        for name, content in contents.items():
            self._put(place / name, _chunks(content))
            yield f"{directory}/{name}"
        self._let_names_last(place)

    def _put(self, path: Path, chunks: Iterable[bytes | memoryview]) -> None:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            self._write(temporary, chunks)
            failpoint("checkpoint.write.rename")
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise

    def _let_names_last(self, directory: Path) -> None:
        failpoint("checkpoint.write.sync_directory")
        _sync_directory(directory)

    def _write(self, path: Path, chunks: Iterable[bytes | memoryview]) -> None:
        """In chunks: however large the content is, it is never copied whole."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(path, flags, self._file_mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, self._file_mode)  # whatever the umask
            for chunk in chunks:
                file.write(chunk)
                failpoint("checkpoint.write.chunk")
            file.flush()
            failpoint("checkpoint.write.sync")
            os.fsync(descriptor)

    def _make_directory(self, directory: Path) -> None:
        if directory.is_dir():
            return
        self._make_directory(directory.parent)
        with suppress(FileExistsError):  # another process made it first
            directory.mkdir(mode=self._directory_mode)
        failpoint("checkpoint.write.directory")
        _sync_directory(directory.parent)


def _chunks(content: bytes) -> Iterator[memoryview]:
    whole = memoryview(content)
    return (whole[first : first + CHUNK_BYTES] for first in range(0, len(whole), CHUNK_BYTES))


def _sync_directory(directory: Path) -> None:
    """A file's name is its directory's content: fsync(2) of the file does not make it last."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
