"""What an attempt's process logs and prints, kept for its user, and bounded.

Python's own output: what a native library writes past it is on the worker's console alone.
"""

import io
import logging
import re
import sys
import threading
import time
from collections import deque
from types import TracebackType
from typing import TextIO

from operations.reading import attempt_logs

MAX_BYTES = 64 * 1024
HEAD_BYTES = 16 * 1024
"""How it began stays whole; then comes the newest, and what lies between is left out."""
MARKER_BYTES = 200  # at most, for the line that says so
TAIL_BYTES = MAX_BYTES - HEAD_BYTES - MARKER_BYTES
MAX_LINE_CHARACTERS = 2000
WRITTEN_BYTES_PER_SECOND = 8 * 1024
"""A log is written whole each time: the longer it is, the less often, up to every 8 seconds. With
1,000 trainings it would be most of what their database writes."""

ANSI_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class BoundedLog:
    """The first `HEAD_BYTES` and the last `TAIL_BYTES` of the lines added to it."""

    def __init__(self) -> None:
        self.left_out_bytes = 0
        self._head: list[bytes] = []
        self._head_bytes = 0
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0

    def add(self, line: str) -> None:
        encoded = _plain(line).encode("utf-8", "replace") + b"\n"
        if not self._tail and self._head_bytes + len(encoded) <= HEAD_BYTES:
            self._head.append(encoded)
            self._head_bytes += len(encoded)
            return
        self._tail.append(encoded)
        self._tail_bytes += len(encoded)
        while self._tail_bytes > TAIL_BYTES:
            left_out = len(self._tail.popleft())
            self._tail_bytes -= left_out
            self.left_out_bytes += left_out

    def text(self) -> str:
        marker = f"[… {self.left_out_bytes:,} bytes are left out here …]\n".encode()
        between = [marker] if self.left_out_bytes else []
        return b"".join([*self._head, *between, *self._tail]).decode()


class CapturedLog(logging.Handler):
    """`with CapturedLog(…) as log:` takes in everything; `write_down` puts it into the database."""

    def __init__(self, operation_id: str, attempt: int) -> None:
        super().__init__(logging.INFO)
        self._key = (operation_id, attempt)
        self._lines = BoundedLog()
        self._is_written = True
        self._not_before = 0.0
        self._adding = threading.Lock()
        formatter = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def __enter__(self) -> "CapturedLog":
        self._before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Tee(sys.stdout, self), _Tee(sys.stderr, self)
        logging.getLogger().addHandler(self)
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        logging.getLogger().removeHandler(self)
        sys.stdout, sys.stderr = self._before

    def emit(self, record: logging.LogRecord) -> None:
        self.add(self.format(record))

    def add(self, text: str) -> None:
        with self._adding:
            for line in text.split("\n"):
                self._lines.add(line)
            self._is_written = False

    def write_down(self, *, in_the_end: bool = False) -> None:
        """If there is anything new, and the last time was not too short a while ago."""
        with self._adding:
            if self._is_written or (time.monotonic() < self._not_before and not in_the_end):
                return
            text, left_out_bytes = self._lines.text(), self._lines.left_out_bytes
            self._is_written = True
            self._not_before = time.monotonic() + len(text) / WRITTEN_BYTES_PER_SECOND
        try:
            attempt_logs.write(*self._key, text=text, left_out_bytes=left_out_bytes)
        except Exception:
            self._is_written = False
            raise


class _Tee(io.TextIOBase):
    """A stream whose whole lines the log gets, too."""

    def __init__(self, stream: TextIO, log: CapturedLog) -> None:
        self._stream = stream
        self._log = log
        self._unfinished = ""

    def write(self, text: str) -> int:
        *lines, self._unfinished = (self._unfinished + text).split("\n")
        self._unfinished = self._unfinished[-MAX_LINE_CHARACTERS:]
        for line in lines:
            self._log.add(line)
        return self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


def _plain(line: str) -> str:
    """Without colours and control characters; of what overwrote itself, the last."""
    shown = ANSI_SEQUENCE.sub("", line).rstrip("\r").rpartition("\r")[2]
    shown = CONTROL_CHARACTERS.sub("", shown)
    return shown if len(shown) <= MAX_LINE_CHARACTERS else shown[:MAX_LINE_CHARACTERS] + "…"
