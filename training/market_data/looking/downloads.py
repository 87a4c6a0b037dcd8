"""How many files of bars lie on the disk for one user while they are sent."""

import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import IO

from training.market_data.errors import TooManyDownloads

AT_ONCE = 2
"""Of one user, in one web process."""
WAIT_SECONDS = 10


class Downloads:
    def __init__(self) -> None:
        self._lock = Lock()
        self._num_open: Counter[object] = Counter()

    @contextmanager
    def taken(self, user: object) -> Iterator[Callable[[Path], IO[bytes]]]:
        """A place, until the file that is opened by what is yielded is closed; else until the end.

        Raises `TooManyDownloads`.
        """
        self._take(user)
        files: list[IO[bytes]] = []

        def keep(path: Path) -> IO[bytes]:
            files.append(_Kept(path, lambda: self._leave(user)))
            return files[0]

        try:
            yield keep
        finally:
            if not files:
                self._leave(user)

    def _take(self, user: object) -> None:
        with self._lock:
            if self._num_open[user] >= AT_ONCE:
                raise TooManyDownloads(at_once=AT_ONCE, wait=WAIT_SECONDS)
            self._num_open[user] += 1

    def _leave(self, user: object) -> None:
        with self._lock:
            self._num_open[user] -= 1
            self._num_open += Counter()  # forgets who has none


class _Kept(io.BufferedReader):
    """An open file that tells of its first close."""

    def __init__(self, path: Path, when_closed: Callable[[], None]) -> None:
        super().__init__(io.FileIO(path))
        self._when_closed = when_closed

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._when_closed()


DOWNLOADS = Downloads()
