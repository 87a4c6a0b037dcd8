"""Where uploads lie: `uploads/ID` in the data directory, a folder each."""

import fcntl
import json
import logging
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from training.uploads.errors import TooManyUploads, UploadInUse, UploadNotFound

logger = logging.getLogger(__name__)

User = AbstractBaseUser | AnonymousUser

KEPT_SECONDS = 3600
MOST = 2
"""Of one user."""
ID = r"[A-Za-z0-9_-]{22}"
ABOUT, STATE, RUNNING, PART, CONTENT = "about.json", "state.json", "running", "part", "content"


class Status(StrEnum):
    RECEIVED = "received"
    """The file is here; nothing is stored of it."""
    IMPORTING = "importing"
    """It waits for its turn, or is read and stored."""
    IMPORTED = "imported"
    """Its bars are stored, and the file is gone."""
    REFUSED = "refused"
    """An import of it ended with an error: nothing is stored. It can be imported otherwise."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One user's file."""

    id: str
    user_id: int
    name: str
    """Of the file, as its user has it; safe as a part of a path."""
    created_at: float
    """Unix seconds."""

    @property
    def folder(self) -> Path:
        return root() / self.id

    @property
    def path(self) -> Path:
        """Of the file, which the doorway writes."""
        return self.folder / CONTENT / self.name

    @property
    def expires_at(self) -> float:
        return self.created_at + KEPT_SECONDS

    @property
    def size_bytes(self) -> int:
        """0 of one that is gone."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0


def root() -> Path:
    return Path(settings.KTRDR_DATA_DIR) / "uploads"


def open_upload(user: User, name: str) -> Upload:
    """A place for one more file of a user. Raises `TooManyUploads`."""
    assert user.pk is not None
    sweep()
    with _alone():
        kept = [upload.id for upload in _all() if upload.user_id == user.pk and _is_here(upload)]
        if len(kept) >= MOST:
            raise TooManyUploads(most=MOST, uploads=kept)
        upload = Upload(
            id=secrets.token_urlsafe(16),
            user_id=user.pk,
            name=_safe(name),
            created_at=time.time(),
        )
        upload.path.parent.mkdir(parents=True)
        _write(upload.folder / ABOUT, asdict(upload))
    return upload


def find(user: User, upload_id: str) -> Upload:
    """Raises `UploadNotFound`, of another's, too: nobody learns that it exists."""
    upload = _read(upload_id)
    if upload is None or upload.expires_at < time.time():
        raise UploadNotFound(upload_id=upload_id)
    if upload.user_id != user.pk:
        logger.warning("refused: upload %s to its non-owner %s", upload_id, user)
        raise UploadNotFound(upload_id=upload_id)
    return upload


def of(user: User) -> list[Upload]:
    """A user's, the newest first."""
    mine = (upload for upload in _all() if upload.user_id == user.pk)
    alive = (upload for upload in mine if upload.expires_at >= time.time())
    return sorted(alive, key=lambda upload: -upload.created_at)


def discard(upload: Upload) -> None:
    """Raises `UploadInUse`."""
    with in_use(upload):
        shutil.rmtree(upload.folder, ignore_errors=True)


def fill(upload_id: str) -> Path:
    """Where the doorway writes the file of an upload that was opened just now."""
    return root() / upload_id / PART


def filled(upload_id: str, name: str | None) -> None:
    """It is whole; a form has told its name with it."""
    upload = _read(upload_id)
    assert upload is not None
    named = replace(upload, name=_safe(name)) if name else upload
    _write(named.folder / ABOUT, asdict(named))
    fill(upload_id).replace(named.path)


def drop(upload_id: str) -> None:
    """It did not come whole: nothing is left of it."""
    shutil.rmtree(root() / upload_id, ignore_errors=True)


def sweep() -> int:
    """Delete what is older than its hour and not being imported; returns how many there were."""
    old = [upload for upload in _all() if upload.expires_at < time.time()]
    for upload in old:
        with suppress(UploadInUse, UploadNotFound):
            discard(upload)
    return len(old)


@contextmanager
def in_use(upload: Upload) -> Iterator[None]:
    """For one at a time, on this machine; ended by the process's end, too.

    Raises `UploadInUse`, and `UploadNotFound` where it has gone meanwhile.
    """
    try:
        file = (upload.folder / RUNNING).open("w")
    except FileNotFoundError as error:
        raise UploadNotFound(upload_id=upload.id) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UploadInUse(upload_id=upload.id) from error
        yield


def is_in_use(upload: Upload) -> bool:
    try:
        with in_use(upload):
            return False
    except UploadInUse:
        return True


def state_of(upload: Upload) -> dict[str, Any]:
    """`status` and what came of it; of an import whose web process ended, that it was refused."""
    told: dict[str, Any] = {"status": Status.RECEIVED}
    with suppress(FileNotFoundError):
        told = json.loads((upload.folder / STATE).read_text())
    if told["status"] == Status.IMPORTING and not is_in_use(upload):
        with suppress(FileNotFoundError):  # it may have ended just now
            told = json.loads((upload.folder / STATE).read_text())
        if told["status"] == Status.IMPORTING:
            return {"status": Status.REFUSED, "problem": INTERRUPTED}
    return told


INTERRUPTED = {
    "code": "interrupted",
    "detail": "The web process ended before the import did. Import it again: bars that are stored "
    "already change nothing.",
    "errors": [],
}


def enter(upload: Upload, status: Status, **more: Any) -> None:
    """What `state_of` tells from now on."""
    _write(upload.folder / STATE, {"status": status, **more})


def enter_step(path: Path, step: str) -> None:
    """How far the import of a file is, which the process that does it tells."""
    _write(path.parent.parent / STATE, {"status": Status.IMPORTING, "step": step})


def _safe(name: str) -> str:
    """A file's name without its folders, and without what a path or a terminal could mistake."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w .,()+=-]", "_", last)[-100:].strip(" .") or "upload"


def _is_here(upload: Upload) -> bool:
    """Whether it takes one of its user's places: what is imported takes none."""
    return upload.expires_at >= time.time() and upload.path.parent.exists()


def _all() -> list[Upload]:
    if not root().is_dir():
        return []
    found = (_read(folder.name) for folder in root().iterdir() if folder.is_dir())
    return [upload for upload in found if upload is not None]


def _read(upload_id: str) -> Upload | None:
    if not re.fullmatch(ID, upload_id):
        return None
    try:
        return Upload(**json.loads((root() / upload_id / ABOUT).read_text()))
    except (OSError, ValueError):
        return None


def _write(path: Path, content: dict[str, Any]) -> None:
    """Whole, or not at all."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content))
    new.replace(path)


@contextmanager
def _alone() -> Iterator[None]:
    """Who counts a user's uploads is the only one who adds one."""
    root().mkdir(parents=True, exist_ok=True)
    with (root() / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
