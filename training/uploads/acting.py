"""Preview and import an upload, from a page or a program."""

import logging
import shutil
from contextlib import ExitStack
from dataclasses import asdict
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from django.db import connections

from operations import actor
from operations.actor import Actor
from operations.bounded.errors import NoAnswer, OverLimit
from operations.bounded.room import Room
from operations.bounded.visit import Visit
from operations.bounded.work import Work
from operations.errors import DomainError
from training.bounded_work import IMPORT, IMPORTS, UPLOAD_PREVIEW, UPLOAD_PREVIEWS
from training.uploads import folder
from training.uploads.asked import Asked
from training.uploads.errors import FileTooLargeHere, ReadingFailed, UploadUsed
from training.uploads.folder import Status, Upload

logger = logging.getLogger(__name__)


def preview(upload: Upload, asked: Asked, *, visit: Visit) -> dict[str, Any]:
    """What an import would store. Of a user's previews the newest counts.

    Raises `OptionInvalid`, `UploadUsed`, `FileTooLargeHere`, as `read_bars` and `Room.run`.
    """
    _require_file(upload, asked)
    found: dict[str, Any] = _done(UPLOAD_PREVIEWS, UPLOAD_PREVIEW, upload, asked, visit)
    return found


def begin_import(upload: Upload, asked: Asked) -> None:
    """Let it be imported from now on, whoever waits: `state_of` tells how it ends.

    Raises `OptionInvalid`, `UploadUsed`, `UploadInUse`.
    """
    _require_file(upload, asked)
    with ExitStack() as held:
        held.enter_context(folder.in_use(upload))
        _require_file(upload, asked)  # another import of it may have ended just now
        folder.enter(upload, Status.IMPORTING, step="waiting for its turn")
        conduct = Thread(
            target=_conduct,
            args=(upload, asked, actor.current(), held.pop_all()),
            name="import",
            daemon=True,
        )
    conduct.start()


def _require_file(upload: Upload, asked: Asked) -> None:
    """Raises `OptionInvalid`, `UploadUsed`."""
    asked.parsed()
    if not upload.path.exists():
        raise UploadUsed


def _conduct(upload: Upload, asked: Asked, who: Actor, held: ExitStack) -> None:
    """A thread's whole work: ended by the web process's end alone, which ends its child, too."""
    with held:
        try:
            imported = _done(IMPORTS, IMPORT, upload, asked, Visit(), actor=asdict(who))
        except DomainError as error:
            folder.enter(upload, Status.REFUSED, problem=_problem(error))
        except Exception:
            logger.exception("the import of an upload failed")
            folder.enter(upload, Status.REFUSED, problem=OURS)
        else:
            folder.enter(upload, Status.IMPORTED, imported=imported)
            shutil.rmtree(upload.path.parent)
        finally:
            connections.close_all()


def _problem(error: DomainError) -> dict[str, Any]:
    return {"code": error.code, "detail": str(error), "errors": error.errors}


OURS = {
    "code": "internal_error",
    "detail": "It ended with an error of ours, which the site's log tells. Nothing was stored.",
    "errors": [],
}


def _done(room: Room, work: Work, upload: Upload, asked: Asked, visit: Visit, **more: Any) -> Any:
    """Raises as `Room.run` and the work do, and `FileTooLargeHere`."""
    with TemporaryDirectory(dir=upload.folder) as unpack_to:
        arguments = {"path": str(upload.path), "asked": asdict(asked), "unpack_to": unpack_to}
        arguments |= more
        try:
            return room.run(work, arguments, user=upload.user_id, visit=visit)
        except OverLimit as error:
            raise FileTooLargeHere(
                reason=f"Here {error.reason}.", symbol=asked.symbol, timeframe=asked.timeframe
            ) from error
        except NoAnswer as error:
            raise ReadingFailed from error
