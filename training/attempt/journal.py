"""What an attempt has to say, until the database has it."""

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from operations import lifecycle
from operations.models import EventType, Metric


@dataclass(frozen=True, kw_only=True)
class Note:
    """An event to write, with what it says about the attempt itself."""

    event_type: EventType
    data: dict[str, Any]
    attempt_fields: dict[str, Any] = field(default_factory=dict)


class Journal:
    """Rows that wait to be written: added on the training thread, written on another one."""

    def __init__(self, operation_id: str, attempt: int) -> None:
        self._key = (operation_id, attempt)
        self._unwritten: deque[Metric | Note] = deque()
        self._writing = threading.Lock()

    def add(self, row: Metric | Note) -> None:
        self._unwritten.append(row)

    def write_down(self) -> None:
        """Write what has gathered, in order. Raises `Superseded`.

        After a lost answer the same rows are written again: a metric that is there already is left
        alone.
        """
        with self._writing:
            while self._unwritten:
                first = self._unwritten[0]
                written = (
                    self._write_note(first) if isinstance(first, Note) else self._write_metrics()
                )
                for _ in range(written):
                    self._unwritten.popleft()

    def _write_note(self, note: Note) -> int:
        with lifecycle.fenced(*self._key, note.event_type, note.data):
            if note.attempt_fields:
                lifecycle.describe_attempt(*self._key, **note.attempt_fields)
        return 1

    def _write_metrics(self) -> int:
        rows: list[Metric] = []
        for row in list(self._unwritten):  # the training thread goes on adding
            if isinstance(row, Note):
                break
            rows.append(row)
        with lifecycle.fenced(*self._key):
            Metric.objects.bulk_create(rows, ignore_conflicts=True)
        return len(rows)
