"""Packed files as plain ones, bounded in size and ratio before they fill a disk."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

MAX_BYTES = 3 * 1024**3
"""Of an unpacked file."""
MAX_RATIO = 100
"""Unpacked to packed; prices have 3 to 10."""
FREE_BYTES = 16 * 1024**2
"""A file that unpacks to less may have any ratio."""
_CHUNK = 1024**2


class Unpackable(ValueError):
    """A packed file that is not unpacked; the message says why."""


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[Path, str | None]]:
    """
    The plain file in a gzip file or in a zip file of one member, and what it was packed as.

    Raises:
        Unpackable: it is damaged, too large, or holds several files.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    with TemporaryDirectory(prefix="ktrdr-import-") as folder:
        try:
            found = _plain(path, magic, Path(folder) / "plain")
        except (zlib.error, gzip.BadGzipFile, EOFError, zipfile.BadZipFile) as error:
            raise Unpackable("it is packed, and damaged or cut off") from error
        yield found


def _plain(path: Path, magic: bytes, plain: Path) -> tuple[Path, str | None]:
    if magic.startswith(b"\x1f\x8b"):
        with gzip.open(path) as packed:
            _unpack(packed, plain, path.stat().st_size)
        return plain, "gzip"
    if magic != b"PK\x03\x04" or is_workbook(path):
        return path, None
    with zipfile.ZipFile(path) as archive:
        member = _only_member(archive)
        with archive.open(member) as packed:
            _unpack(packed, plain, path.stat().st_size)
    return plain, "zip"


def is_workbook(path: Path) -> bool:
    """
    Whether a file is an xlsx workbook, whose sheets are not too large.

    Raises:
        Unpackable: they are.
    """
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        if not any(name.startswith("xl/") for name in archive.namelist()):
            return False
        _check(sum(member.file_size for member in archive.infolist()), path.stat().st_size)
    return True


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith(("__MACOSX/", "."))
    ]
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:5]) or "nothing"
        raise Unpackable(f"it is a zip file of {len(members)} files ({names}): unpack it first")
    if members[0].flag_bits & 1:
        raise Unpackable("it is a zip file with a password: unpack it first")
    return members[0]


class _Packed(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _unpack(packed: _Packed, plain: Path, packed_bytes: int) -> None:
    written = 0
    with plain.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            written += len(chunk)
            _check(written, packed_bytes)
            file.write(chunk)


def _check(unpacked_bytes: int, packed_bytes: int) -> None:
    if unpacked_bytes > MAX_BYTES:
        raise Unpackable(f"it unpacks to more than {MAX_BYTES // 1024**3} GB")
    if unpacked_bytes > FREE_BYTES and unpacked_bytes > MAX_RATIO * packed_bytes:
        raise Unpackable(f"it unpacks to more than {MAX_RATIO} times its size")
