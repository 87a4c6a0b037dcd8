"""Ask for tables while a page or a program waits: in the room for bounded work."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations.bounded.errors import OverLimit
from operations.bounded.visit import Visit
from operations.bounded.work import Work
from training.bounded_work import METRICS_TABLE, PREDICTION_TABLE, ROOM, TABLE, TABLE_PAGE
from training.errors import TableTooLarge
from training.market_data.looking.downloads import DOWNLOADS
from training.models import TrainedModel
from training.presentation.loss_curve import last_epoch
from training.tables import process

SHORT = 5_000
"""Steps whose metrics are read and written within 0.1 s, without a process of their own."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """By whom."""

    user: AbstractBaseUser | AnonymousUser
    visit: Visit


@dataclass(frozen=True, kw_only=True)
class TableFile:
    file: IO[bytes]
    """At its beginning; closing it deletes it."""
    size_bytes: int
    sha256: str


def ask_page(by: Asked, model: TrainedModel, table: str, span: Mapping[str, Any]) -> dict[str, Any]:
    """As `process.page`. Raises `TableTooLarge`, as `Room.run` and as the table does."""
    arguments = {"model_id": model.pk, "table": table, "span": dict(span)}
    found: dict[str, Any] = _done(by, TABLE_PAGE, arguments, what=model.pk, format="csv")
    return found


def ask_table(
    by: Asked, model: TrainedModel, table: str, span: Mapping[str, Any], *, format: str
) -> TableFile:
    """All of it. Raises `TooManyDownloads`, and as `ask_page`."""
    arguments = {"model_id": model.pk, "table": table, "span": dict(span)}
    return _file(by, TABLE, arguments, what=model.pk, format=format)


def ask_predictions(
    by: Asked, model: TrainedModel, asked: Mapping[str, Any], *, format: str
) -> TableFile:
    """What `forecast` says when asked so. Raises as `ask_table` and `forecast`."""
    arguments = {"model_id": model.pk, "asked": dict(asked)}
    return _file(by, PREDICTION_TABLE, arguments, what=model.pk, format=format)


def ask_metrics(by: Asked, operation_id: str, *, after_step: int, format: str) -> TableFile:
    """Raises as `ask_table`."""
    arguments = {"operation_id": operation_id, "after_step": after_step}
    here = last_epoch(operation_id) - after_step <= SHORT
    return _file(by, None if here else METRICS_TABLE, arguments, what=operation_id, format=format)


def _file(
    by: Asked, work: Work | None, arguments: Mapping[str, Any], *, what: object, format: str
) -> TableFile:
    """By a work in the room, or, of short metrics, right here."""
    with (
        DOWNLOADS.taken(by.user.pk) as keep,
        TemporaryDirectory(prefix="ktrdr-table-") as folder,
    ):
        path = Path(folder) / "table"
        given = {**arguments, "path": str(path), "format": format}
        if work is None:
            told = process.metrics(given, _nobody)
        else:
            told = _done(by, work, given, what=what, format=format)
        return TableFile(file=keep(path), **told)


def _done(by: Asked, work: Work, arguments: Mapping[str, Any], *, what: object, format: str) -> Any:
    try:
        return ROOM.run(work, arguments, user=by.user.pk, visit=by.visit)
    except OverLimit as error:
        raise TableTooLarge(reason=f"Here {error.reason}.", what=what, format=format) from error


def _nobody(step: str) -> None:
    """Nobody is told of steps."""
