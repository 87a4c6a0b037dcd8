"""A file is whole or absent, keeps its name, and is on disk when `save` returns."""

import os
import stat
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from checkpoints.failpoints import FailpointError
from checkpoints.storage import DurableFileSystemStorage, checkpoint_storage, free_bytes
from tests.checkpoints import scenes


def save(name: str, content: bytes = b"content") -> str:
    return checkpoint_storage().save(name, ContentFile(content))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that were given to fsync(2), in order."""
    paths = []
    fsync = os.fsync

    def recording(descriptor: int) -> None:
        paths.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    return paths


def test_file_and_directories_are_synced_from_the_outside_in(root: Path, synced: list[str]) -> None:
    save("a/b/file")

    *parents, file, directory = synced
    assert parents == [str(root.parent), str(root), str(root / "a")]
    assert file.startswith(f"{root}/a/b/.file.")
    assert file.endswith(".tmp")
    assert directory == str(root / "a/b")


def test_a_known_directory_is_not_made_again(root: Path, synced: list[str]) -> None:
    save("a/first")
    synced.clear()
    save("a/second")

    assert len(synced) == 2


def test_files_of_one_directory_are_all_synced_before_it_is(root: Path, synced: list[str]) -> None:
    storage = checkpoint_storage()
    assert isinstance(storage, DurableFileSystemStorage)
    contents = {"first": b"1", "large": os.urandom(3 * (1 << 20) + 17), "last": b"3"}

    written = list(storage.save_each("a/b", contents))

    assert written == [f"a/b/{name}" for name in contents]
    assert {name: (root / "a/b" / name).read_bytes() for name in contents} == contents
    *parents, first, large, last, directory = synced
    assert parents == [str(root.parent), str(root), str(root / "a")]
    for name, path in zip(contents, (first, large, last), strict=True):
        assert path.startswith(f"{root}/a/b/.{name}.")
    assert directory == str(root / "a/b")
    assert mode(root / "a/b/last") == 0o600


def test_a_name_is_never_changed_and_content_replaced_whole(root: Path) -> None:
    assert save("a/file", b"old, and longer") == "a/file"
    assert save("a/file", b"new") == "a/file"

    assert (root / "a/file").read_bytes() == b"new"
    assert scenes.stored_files(root) == {"a/file"}


@pytest.mark.parametrize("step", ["chunk", "sync", "rename"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    root: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("a/file", b"old")
    monkeypatch.setenv("KTRDR_FAILPOINTS", f"checkpoint.write.{step}=raise")

    with pytest.raises(FailpointError):
        save("a/file", b"new")

    assert (root / "a/file").read_bytes() == b"old"
    assert scenes.stored_files(root) == {"a/file"}


def test_only_the_owner_can_read_whatever_the_umask(root: Path) -> None:
    umask = os.umask(0)
    try:
        save("a/file")
    finally:
        os.umask(umask)

    assert mode(root / "a/file") == 0o600
    assert [mode(root), mode(root / "a")] == [0o700, 0o700]


def test_large_content_is_written_whole(root: Path) -> None:
    content = os.urandom(3 * (1 << 20) + 17)

    save("a/file", content)

    assert (root / "a/file").read_bytes() == content


def test_free_space_is_told_before_the_directory_exists(root: Path) -> None:
    assert not root.exists()
    free = free_bytes()

    assert free is not None
    assert free > 0
