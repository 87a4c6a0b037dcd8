"""One honest curve of an operation across all of its attempts, of bounded length.

Every epoch is there as the latest attempt that reached it recorded it, and everything that cut the
run is marked where it happened.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from operations.models import Attempt, Event, EventType, Metric, Operation, Outcome
from operations.overview import position_words
from operations.summaries import spread

MOST_POINTS = 1000
"""Of one curve: more than a screen has pixels for. Beyond it epochs are left out evenly."""

MOST_MARKERS = 200


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


@dataclass(frozen=True, kw_only=True)
class Point:
    epoch: int
    attempt: int
    train_loss: float | None
    val_loss: float | None
    learning_rate: float | None
    replayed: bool
    """An earlier attempt had recorded this epoch; this one trained it again."""


@dataclass(frozen=True, kw_only=True)
class Marker:
    kind: MarkerKind
    at: float
    """In epochs, counted from 0: 12.5 is half-way from the end of epoch 12 to that of epoch 13."""
    words: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    points: list[Point]
    markers: list[Marker]
    checkpoints: list[float]
    """Where one was saved, as `Marker.at`."""
    is_thinned: bool
    """Whether epochs were left out."""


def loss_curve(operation: Operation, attempts: Iterable[Attempt], *, after: int = -1) -> Curve:
    """With the points beyond the epoch `after`; everything else is always whole."""
    last = last_epoch(operation.pk)
    epochs = spread(last, MOST_POINTS)
    points = _points(operation.pk, [epoch for epoch in epochs if epoch > after])
    saves = _saves(operation)
    newest = list(attempts)[-MOST_MARKERS:]
    return Curve(
        points=points,
        markers=list(_markers(operation, newest, points, saves)),
        checkpoints=[at for _, at in saves],
        is_thinned=len(epochs) <= last,
    )


def last_epoch(operation_id: str) -> int:
    """-1 before the first one is recorded."""
    steps = Metric.objects.filter(operation_id=operation_id).order_by("-step")
    last: int | None = steps.values_list("step", flat=True).first()
    return -1 if last is None else last


def newest_points(operation_id: str, *, before: int | None, limit: int) -> list[Point]:
    """The newest epochs below `before`, newest first."""
    last = last_epoch(operation_id) if before is None else before - 1
    epochs = range(max(last - limit + 1, 0), last + 1)
    return list(reversed(_points(operation_id, list(epochs))))


def _points(operation_id: str, epochs: list[int]) -> list[Point]:
    rows = Metric.objects.filter(operation_id=operation_id, step__in=epochs)
    latest = {row.step: row for row in rows.order_by("step", "attempt")}
    return [_point(row) for row in latest.values()]


def _point(row: Metric) -> Point:
    return Point(
        epoch=row.step,
        attempt=row.attempt,
        train_loss=row.values.get("train_loss"),
        val_loss=row.values.get("val_loss"),
        learning_rate=row.values.get("learning_rate"),
        replayed=bool(row.values.get("replayed")),
    )


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
    operation: Operation,
    attempts: list[Attempt],
    points: list[Point],
    saves: list[tuple[int, float]],
) -> Iterator[Marker]:
    reached = {point.attempt: float(point.epoch) for point in points}
    for number, at in saves:
        reached[number] = max(reached.get(number, -1.0), at)
    for attempt in attempts:
        if origin := attempt.resumed_from:
            words = f"attempt {attempt.number} goes on from "
            words += position_words(origin["epoch"], origin["batch"])
            yield Marker(kind=MarkerKind.RESUME, at=_place(operation, origin), words=words)
        kind = KIND_OF_END.get(Outcome(attempt.outcome)) if attempt.outcome else None
        if kind and attempt.number in reached:
            words = f"attempt {attempt.number}: {attempt.outcome}"
            yield Marker(kind=kind, at=reached[attempt.number], words=words)


def _place(operation: Operation, position: dict[str, Any]) -> float:
    batches: int = operation.progress.get("total_batches") or 0
    part = position["batch"] / batches if batches else 0.0
    return round(float(position["epoch"]) + part, 3)
