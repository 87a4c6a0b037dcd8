"""What an attempt has to say, until the database has it."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from checkpoints import rows
from operations import lifecycle
from operations.models import Event, EventType, Metric


@dataclass(frozen=True, kw_only=True)
class Note:
    """An event that an attempt has once, with what it says about the attempt itself."""

    event_type: EventType
    data: dict[str, Any]
    attempt_fields: dict[str, Any] = field(default_factory=dict)


class Measured(NamedTuple):
    """A `Metric` of an attempt, before it is a row."""

    step: int
    values: dict[str, Any]


class Epochs(NamedTuple):
    """Metrics to write in one transaction, oldest first."""

    metrics: list[Measured]
    progress: Mapping[str, Any] | None
    """Of the operation when the last of them was measured. None without any."""


class _Waiting(NamedTuple):
    row: Measured | Note
    progress: Mapping[str, Any] | None = None


class Journal:
    """Rows that wait to be written: added on the training thread, written on another one.

    In order, and each once, by whichever thread comes first: one thread writes at a time, and a row
    leaves only when the database has it for certain. After a lost answer it is written again, and
    what is there already is left alone.
    """

    def __init__(self, operation_id: str, attempt: int) -> None:
        self.key = (operation_id, attempt)
        self._unwritten: deque[_Waiting] = deque()
        self._writing = threading.Lock()
        self._in_doubt = False
        """Whether a note may have been written already: no answer came to the last try."""

    def add(self, row: Measured | Note, *, progress: Mapping[str, Any] | None = None) -> None:
        """`progress` is written with its metric: no curve is ahead of the numbers above it."""
        self._unwritten.append(_Waiting(row, progress))

    def write_down(self) -> None:
        """Write what has gathered. Raises `Superseded`."""
        with self._writing:
            self._write()

    def try_write_down(self) -> bool:
        """`write_down`, unless another thread is at it: False then, and nothing was waited for."""
        with self.still() as is_still:
            if is_still:
                self._write()
        return is_still

    @contextmanager
    def still(self) -> Iterator[bool]:
        """Nothing is written by another thread in the body; False where one is at it."""
        is_still = self._writing.acquire(blocking=False)
        try:
            yield is_still
        finally:
            if is_still:
                self._writing.release()

    def is_behind(self, epoch: int) -> bool:
        """Whether a metric of this epoch, or of an earlier one, waits."""
        steps = (row.step for row, _ in list(self._unwritten) if isinstance(row, Measured))
        return next(steps, epoch + 1) <= epoch

    @contextmanager
    def handed_over(self) -> Iterator[Epochs]:
        """The metrics that wait, for `insert_metrics` in a transaction of the body.

        What was noted before the last of them is written first. When the body raises, they wait
        on. Raises `Superseded`.
        """
        with self._writing:
            self._write_notes()
            epochs = self._next_epochs()
            yield epochs
            self._forget(len(epochs.metrics))

    def _write(self) -> None:
        self._write_notes()
        metrics, progress = self._next_epochs()
        if metrics:
            with lifecycle.fenced(*self.key, progress=progress):
                insert_metrics(*self.key, metrics)
            self._forget(len(metrics))

    def _write_notes(self) -> None:
        """Each with the metrics before it, until only metrics are left."""
        while any(isinstance(row, Note) for row, _ in list(self._unwritten)):
            metrics, progress = self._next_epochs()
            note = self._unwritten[len(metrics)].row
            assert isinstance(note, Note)
            if self._in_doubt:
                with lifecycle.fenced(*self.key, progress=progress):
                    insert_metrics(*self.key, metrics)
                    self._insert_once(note)
            else:
                self._in_doubt = True
                self._insert(note, metrics, progress)
            self._in_doubt = False
            self._forget(len(metrics) + 1)

    def _next_epochs(self) -> Epochs:
        """Up to the next note. The training thread goes on adding meanwhile."""
        metrics: list[Measured] = []
        shown: Mapping[str, Any] | None = None
        for row, progress in list(self._unwritten):
            if isinstance(row, Note):
                break
            metrics.append(row)
            shown = progress
        return Epochs(metrics, shown)

    def _insert_once(self, note: Note) -> None:
        """Behind the fence, so that an earlier try has ended by now, one way or the other."""
        operation_id, attempt = self.key
        told = Event.objects.filter(operation_id=operation_id, attempt=attempt)
        if not told.filter(event_type=note.event_type).exists():
            self._insert(note)

    def _insert(
        self,
        note: Note,
        metrics: Sequence[Measured] = (),
        progress: Mapping[str, Any] | None = None,
    ) -> None:
        with lifecycle.fenced(*self.key, note.event_type, note.data, progress=progress):
            insert_metrics(*self.key, metrics)
            if note.attempt_fields:
                lifecycle.describe_attempt(*self.key, **note.attempt_fields)

    def _forget(self, num_rows: int) -> None:
        for _ in range(num_rows):
            self._unwritten.popleft()


def insert_metrics(operation_id: str, attempt: int, metrics: Sequence[Measured]) -> None:
    """In the transaction that holds the operation's row; those that are there are left alone."""
    of_attempt = {"operation_id": operation_id, "attempt": attempt}
    measured = [{**of_attempt, **metric._asdict()} for metric in metrics]
    rows.insert_each(Metric, measured, ignore_conflicts=True)
