"""One honest curve of an operation across all of its attempts, of bounded length.

Every epoch is there as the latest attempt that reached it recorded it, and everything that cut the
run is marked where it happened.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q

from operations.models import Attempt, Event, EventType, Metric, Operation, Outcome
from operations.reading.words import done_words, epochs_done

MOST_POINTS = 1000
"""Points of one curve: more than a screen has pixels for. Beyond it epochs are left out evenly."""

MOST_MARKERS = 200

SMALL_CURVE_POINTS = 24
"""Points of a curve in a table's cell."""


class MarkerKind(StrEnum):
    CANCEL = "cancel"
    KILL = "kill"
    FAILURE = "failure"
    SHUTDOWN = "shutdown"
    RESUME = "resume"


KIND_OF_END = {
    Outcome.CANCELLED: MarkerKind.CANCEL,
    Outcome.LOST: MarkerKind.KILL,
    Outcome.FAILED: MarkerKind.FAILURE,
    Outcome.INTERRUPTED: MarkerKind.SHUTDOWN,
}


MEASURED = (
    *("train_loss", "val_loss", "learning_rate", "val_accuracy", "seconds"),
    *("cpu_percent", "memory_bytes", "gpu_memory_bytes"),
)
"""Of an epoch: fields of `Point`, by their names among a metric's values."""


@dataclass(frozen=True, kw_only=True)
class Point:
    epoch: int
    attempt: int
    train_loss: float | None
    val_loss: float | None
    learning_rate: float | None
    val_accuracy: float | None
    seconds: float | None
    cpu_percent: float | None
    memory_bytes: float | None
    gpu_memory_bytes: float | None
    replayed: bool
    """An earlier attempt had recorded this epoch; this one trained it again."""


@dataclass(frozen=True, kw_only=True)
class Marker:
    kind: MarkerKind
    at: float
    """In done epochs: 12.5 is half-way through the 13th."""
    words: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    points: list[Point]
    markers: list[Marker]
    checkpoints: list[float]
    """Where one was saved, as `Marker.at`."""

    @property
    def is_thinned(self) -> bool:
        """Whether epochs were left out."""
        return bool(self.points) and self.points[-1].epoch >= len(self.points)


def loss_curve(operation: Operation, attempts: Iterable[Attempt]) -> Curve:
    rows = _rows(operation.pk, shown_epochs(operation))
    saves = _saves(operation)
    newest = list(attempts)[-MOST_MARKERS:]
    return Curve(
        points=_points(rows),
        markers=list(_markers(operation, newest, _reached(rows, saves))),
        checkpoints=[at for _, at in saves],
    )


def points_after(operation: Operation, epoch: int) -> list[Point]:
    """The rest of a curve that has been read up to this epoch."""
    epochs = [shown for shown in shown_epochs(operation) if shown > epoch]
    return _points(_rows(operation.pk, epochs))


def places_of_saves(operation: Operation) -> list[float]:
    """The newest `MOST_MARKERS` of them, as `Curve.checkpoints`."""
    return [at for _, at in _saves(operation)]


def shown_epochs(operation: Operation, most: int | None = None) -> list[int]:
    """Ascending; each of them up to `most`, else evenly spread with the best one."""
    epochs = spread(last_epoch(operation.pk), most or MOST_POINTS)
    best = operation.progress.get("best_epoch")
    return epochs if best is None else sorted({*epochs, best})


def last_epoch(operation_id: str) -> int:
    """-1 before the first one is recorded."""
    steps = Metric.objects.filter(operation_id=operation_id).order_by("-step")
    last: int | None = steps.values_list("step", flat=True).first()
    return -1 if last is None else last


def newest_points(operation_id: str, *, before: int | None, limit: int) -> list[Point]:
    """The newest epochs below `before`, newest first."""
    last = last_epoch(operation_id) if before is None else before - 1
    return _points(_rows(operation_id, range(max(last - limit + 1, 0), last + 1)))[::-1]


def spread(last: int, num_points: int) -> list[int]:
    """Up to `num_points` whole numbers from 0 to `last`, both of them among these, ascending."""
    if last < num_points:
        return list(range(last + 1))
    return [round(index * last / (num_points - 1)) for index in range(num_points)]


def small_curves(operations: Sequence[Operation]) -> dict[str, list[float]]:
    """Validation losses at up to `SMALL_CURVE_POINTS` epochs, from the first to the last completed
    one, by the operation's id."""
    curves: defaultdict[str, list[float]] = defaultdict(list)
    by_last: defaultdict[int, list[str]] = defaultdict(list)
    for operation in operations:
        by_last[operation.progress.get("epoch", -1)].append(operation.pk)
    wanted = (
        Q(operation__in=ids, step__in=spread(last, SMALL_CURVE_POINTS))
        for last, ids in by_last.items()
    )
    found = Metric.objects.filter(Q(*wanted, pk__in=[], _connector=Q.OR))
    rows = found.order_by("operation_id", "step", "attempt")
    latest = {
        (operation_id, step): value
        for operation_id, step, value in rows.values_list(
            "operation_id", "step", "values__val_loss"
        )
    }
    for (operation_id, _), value in latest.items():
        if value is not None:
            curves[operation_id].append(value)
    return curves


def _rows(operation_id: str, epochs: Iterable[int]) -> list[Metric]:
    """The metrics of every attempt that recorded them, in order."""
    rows = Metric.objects.filter(operation_id=operation_id, step__in=list(epochs))
    return list(rows.order_by("step", "attempt"))


def latest_rows(operation_id: str, epochs: Iterable[int]) -> list[Metric]:
    """By epoch, as the latest attempt that reached it recorded it."""
    return list({row.step: row for row in _rows(operation_id, epochs)}.values())


def _points(rows: list[Metric]) -> list[Point]:
    latest = {row.step: row for row in rows}
    return [_point(row) for row in latest.values()]


def _point(row: Metric) -> Point:
    return Point(
        epoch=row.step,
        attempt=row.attempt,
        **{name: row.values.get(name) for name in MEASURED},
        replayed=bool(row.values.get("replayed")),
    )


def _reached(rows: list[Metric], saves: list[tuple[int, float]]) -> dict[int, float]:
    """How far each attempt came, as far as it recorded that."""
    reached: dict[int, float] = {}
    for attempt, at in [*((row.attempt, float(epochs_done(row.step))) for row in rows), *saves]:
        reached[attempt] = max(reached.get(attempt, at), at)
    return reached


def _saves(operation: Operation) -> list[tuple[int, float]]:
    """Attempt and place of the newest checkpoints that were saved, oldest first."""
    events = Event.objects.filter(
        operation_id=operation.pk, event_type=EventType.CHECKPOINT_SAVED
    ).order_by("-number")[:MOST_MARKERS]
    return [
        (event.attempt, _place(operation, event.data))
        for event in reversed(events)
        if "epoch" in event.data
    ]


def _markers(
    operation: Operation, attempts: list[Attempt], reached: dict[int, float]
) -> Iterator[Marker]:
    for attempt in attempts:
        if origin := attempt.resumed_from:
            words = f"attempt {attempt.number} goes on after "
            words += done_words(origin["epoch"], origin["batch"])
            yield Marker(kind=MarkerKind.RESUME, at=_place(operation, origin), words=words)
        kind = KIND_OF_END.get(Outcome(attempt.outcome)) if attempt.outcome else None
        if kind and attempt.number in reached:
            words = f"attempt {attempt.number}: {attempt.outcome}"
            yield Marker(kind=kind, at=reached[attempt.number], words=words)


def _place(operation: Operation, position: dict[str, Any]) -> float:
    batches: int = operation.progress.get("total_batches") or 0
    part = position["batch"] / batches if batches else 0.0
    return round(epochs_done(position["epoch"]) + part, 3)
