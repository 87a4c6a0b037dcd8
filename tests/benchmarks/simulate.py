"""Simulate running operations against PostgreSQL, through the functions that horses call.

    python -m tests.benchmarks.simulate [--operations 10 100 1000] [--seconds 30]

Each operation looks every second and beats every 5 as a horse's side thread does, writes the
metrics of an epoch every 2 seconds, the rows of a checkpoint every 20, and a log of 50 kB as often
as one of that length is written; nothing is trained, and no file written. They keep to the clock
as far as the machine lets them. The costs are told per operation and second, so they also hold
where it does not: what PostgreSQL used of a processor, divided by the seconds that were simulated,
is the share it would take.
"""

import argparse
import heapq
import itertools
import multiprocessing
import secrets
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psutil

from tests.benchmarks.figures import machine
from tests.benchmarks.site import benchmark_site

PROCESSES = 2
THREADS = 8
"""Of each process; every one has a connection to the database."""

LOOK_SECONDS = 1.0
BEAT_SECONDS = 5.0
EPOCH_SECONDS = 2.0
EPOCHS_PER_CHECKPOINT = 10

PROGRESS = {
    "phase": "training",
    "epoch": 12,
    "total_epochs": 400,
    "batch": 117,
    "total_batches": 391,
    "percent": 3.12,
    "eta_seconds": 812.5,
    "samples_per_second": 181_204,
    "train_loss": 0.9713642835617065,
    "val_loss": 0.9811242818832397,
    "learning_rate": 0.001,
    "best_epoch": 11,
    "best_value": 0.9801242818832397,
    "loss_sum": "0x1.8e2b1a3c40000p+15",
    "save_error": "",
}
METRICS = {
    "train_loss": 0.9713642835617065,
    "val_loss": 0.9811242818832397,
    "val_accuracy": 0.5213,
    "learning_rate": 0.001,
    "digest": secrets.token_hex(32),
    "seconds": 1.998123,
    "is_best": False,
    "replayed": False,
}
LOG_LINE = (
    "2026-11-22T02:15:{:02} INFO epoch {} of 400: train_loss {:.6g}, val_loss {:.6g}, "
    "val_accuracy 0.5213, learning_rate 0.001, 1.99 s\n"
)
LOG = "".join(LOG_LINE.format(n % 60, n, 1 / (n + 1), 2 / (n + 3)) for n in range(400))
"""Of some hours: 50 kB, which is close to the bound."""


@dataclass(kw_only=True)
class Player:
    """One simulated horse."""

    operation_id: str
    journal: Any
    epoch: int = 0
    beat_at: float = 0.0
    trained_at: float = 0.0
    logged_at: float = 0.0

    def look(self, now: float) -> list[float]:
        """What the side thread does in its second; the seconds that a heartbeat took, if due."""
        from operations import selectors
        from operations.reading import attempt_logs
        from training.attempt.captured_log import WRITTEN_BYTES_PER_SECOND

        assert selectors.standing(self.operation_id, 1) is selectors.Standing.HELD
        if now >= self.trained_at:
            self.trained_at += EPOCH_SECONDS
            self._end_epoch()
        if now >= self.logged_at:
            self.logged_at += len(LOG) / WRITTEN_BYTES_PER_SECOND
            attempt_logs.write(self.operation_id, 1, text=LOG)
        if now < self.beat_at:
            return []
        self.beat_at += BEAT_SECONDS
        return [_seconds(self._beat)]

    def _beat(self) -> None:
        from operations import lifecycle

        assert lifecycle.heartbeat(self.operation_id, 1, progress=PROGRESS | {"epoch": self.epoch})

    def _end_epoch(self) -> None:
        from operations.models import Metric

        metric = Metric(operation_id=self.operation_id, attempt=1, step=self.epoch, values=METRICS)
        self.journal.add(metric)
        self.journal.write_down()
        self.epoch += 1
        if self.epoch % EPOCHS_PER_CHECKPOINT == 0:
            self._commit_checkpoint()

    def _commit_checkpoint(self) -> None:
        from checkpoints import store
        from operations import lifecycle, restore_point
        from operations.models import EventType

        with lifecycle.fenced(self.operation_id, 1, EventType.CHECKPOINT_SAVED) as event:
            checkpoint = store.commit(self._staged(), keep=2, metrics={"val_loss": 0.98})
            event.update(restore_point.describe(checkpoint), size_bytes=checkpoint.size_bytes)

    def _staged(self) -> Any:
        """Rows as of a real save, of files that nobody wrote."""
        from checkpoints.models import CheckpointType
        from checkpoints.staging import StagedArtifact, StagedCheckpoint

        directory = f"checkpoints/{self.operation_id}-{self.epoch}-{secrets.token_hex(4)}"
        names = ("model.pt", "optimizer.pt", "scheduler.pt", "best_model.pt", "trainer_state.pt")
        return StagedCheckpoint(
            operation_id=self.operation_id,
            attempt=1,
            epoch=self.epoch,
            batch=0,
            checkpoint_type=CheckpointType.PERIODIC,
            directory=directory,
            artifacts=tuple(
                StagedArtifact(
                    name=name, path=f"{directory}/{name}", size_bytes=9000, sha256="0" * 64
                )
                for name in names
            ),
        )


@dataclass(kw_only=True)
class Played:
    """What some players did."""

    looks: int = 0
    late: int = 0
    """Looks that began more than a second behind the clock."""
    beats: list[float] = field(default_factory=list)
    """Seconds that each heartbeat took."""


def play(operation_ids: list[str], *, seconds: float) -> Played:
    """Let operations live for so many seconds of theirs, on this thread, in the order of time."""
    from django.db import connections

    from training.attempt.journal import Journal

    players = [Player(operation_id=pk, journal=Journal(pk, 1)) for pk in operation_ids]
    order = [(LOOK_SECONDS * index / len(players), index) for index in range(len(players))]
    for due, index in order:
        players[index].beat_at = due + BEAT_SECONDS * index / len(players)
        players[index].trained_at = due + EPOCH_SECONDS * index / len(players)
        players[index].logged_at = due + BEAT_SECONDS * index / len(players)
    heapq.heapify(order)
    played, began = Played(), time.monotonic()
    while order[0][0] < seconds:
        due, index = order[0]
        behind = time.monotonic() - began - due
        if behind < 0:
            time.sleep(-behind)
        played.late += behind > LOOK_SECONDS
        played.looks += 1
        played.beats += players[index].look(due)
        heapq.heapreplace(order, (due + LOOK_SECONDS, index))
    connections.close_all()
    return played


def play_in_threads(operation_ids: list[str], seconds: float) -> list[Played]:
    """In this process, which has been forked without any connection."""
    shares = [share for n in range(THREADS) if (share := operation_ids[n::THREADS])]
    with ThreadPoolExecutor(len(shares)) as threads:
        return list(threads.map(lambda share: play(share, seconds=seconds), shares))


class ServerTime(threading.Thread):
    """Processor seconds of a PostgreSQL server with all its processes, also of those that end."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._server = psutil.Process(pid)
        self._seconds: dict[tuple[int, float], float] = {}
        self._over = threading.Event()
        self._look()
        self._before = sum(self._seconds.values())

    def run(self) -> None:
        while not self._over.wait(0.25):
            self._look()

    def stop(self) -> float:
        """Processor seconds since the beginning."""
        self._over.set()
        self.join()
        self._look()
        return sum(self._seconds.values()) - self._before

    def _look(self) -> None:
        for process in (self._server, *self._server.children()):
            try:
                times = process.cpu_times()
                self._seconds[process.pid, process.create_time()] = times.user + times.system
            except psutil.NoSuchProcess:
                continue


@dataclass(frozen=True, kw_only=True)
class Simulated:
    operations: int
    seconds: float
    """Of the operations' time."""
    wall_seconds: float
    late: float
    """Share of the looks that began more than a second late."""
    transactions: int
    server_seconds: float
    """Of a processor."""
    beat_milliseconds: tuple[float, float]
    """Median and 99th percentile of a heartbeat."""
    updates: int
    hot_updates: int
    """Those of them that wrote no index."""
    dead_rows: int
    table_bytes: int
    index_bytes: int
    wal_bytes: int

    @property
    def transactions_per_second(self) -> float:
        return self.transactions / self.seconds

    @property
    def cores(self) -> float:
        """What PostgreSQL takes of one processor's time."""
        return self.server_seconds / self.seconds

    @property
    def server_milliseconds_each(self) -> float:
        """Per operation and second."""
        return 1000 * self.cores / self.operations


def simulate(operations: int, *, seconds: float, server_pid: int) -> Simulated:
    """On operations of its own, which are gone afterwards."""
    from django.db import connections

    ids = [_running_operation() for _ in range(operations)]
    before = _counters()
    connections.close_all()
    server, began = ServerTime(server_pid), time.monotonic()
    server.start()
    shares = [share for n in range(PROCESSES) if (share := ids[n::PROCESSES])]
    with multiprocessing.get_context("fork").Pool(len(shares)) as pool:
        played = list(
            itertools.chain(*pool.starmap(play_in_threads, [(share, seconds) for share in shares]))
        )
    wall_seconds, server_seconds = time.monotonic() - began, server.stop()
    time.sleep(1.5)  # backends tell their statistics within a second
    after = _counters()
    _delete_all()
    beats = sorted(1000 * beat for one in played for beat in one.beats)
    return Simulated(
        operations=operations,
        seconds=seconds,
        wall_seconds=wall_seconds,
        late=sum(one.late for one in played) / sum(one.looks for one in played),
        server_seconds=server_seconds,
        beat_milliseconds=(statistics.median(beats), beats[len(beats) * 99 // 100]),
        **{name: after[name] - before[name] for name in ("transactions", "updates")},
        **{name: after[name] - before[name] for name in ("hot_updates", "wal_bytes")},
        **{name: after[name] for name in ("dead_rows", "table_bytes", "index_bytes")},
    )


def _running_operation() -> str:
    from operations import lifecycle
    from tests.benchmarks.million import example_request

    operation = lifecycle.start(
        operation_type="training", request=example_request(), queue="training", name="simulated"
    )
    assert lifecycle.claim(operation.pk, 1, worker="simulated", device="cpu", token="token")
    return operation.pk


COUNTERS = """
SELECT
    (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) AS transactions,
    (SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'operations_operation') AS updates,
    (SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'operations_operation')
        AS hot_updates,
    (SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'operations_operation')
        AS dead_rows,
    pg_relation_size('operations_operation') AS table_bytes,
    pg_indexes_size('operations_operation') AS index_bytes,
    pg_current_wal_lsn() - '0/0' AS wal_bytes
"""


def _counters() -> dict[str, int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(COUNTERS)
        names = [column.name for column in cursor.description]
        return dict(zip(names, map(int, cursor.fetchone()), strict=True))


def _delete_all() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE operations_operation CASCADE")
        cursor.execute("VACUUM FULL ANALYZE operations_operation")


def report(runs: list[Simulated]) -> Iterator[str]:
    """A Markdown table; then how the costs grow."""
    shown: dict[str, Callable[[Simulated], str]] = {
        "operations": lambda run: f"{run.operations:,}",
        "transactions/s": lambda run: f"{run.transactions_per_second:,.0f}",
        "PostgreSQL, cores": lambda run: f"{run.cores:.3f}",
        "ms of a core, per operation and second": lambda run: f"{run.server_milliseconds_each:.3f}",
        "heartbeat, median ms": lambda run: f"{run.beat_milliseconds[0]:.1f}",
        "99 %": lambda run: f"{run.beat_milliseconds[1]:.1f}",
        "looks late": lambda run: f"{run.late:.1%}",
        "updates of operations": lambda run: f"{run.updates:,}",
        "that wrote no index": lambda run: f"{run.hot_updates / max(run.updates, 1):.1%}",
        "dead rows": lambda run: f"{run.dead_rows:,}",
        "table": lambda run: f"{run.table_bytes / 1e6:.2f} MB",
        "its indexes": lambda run: f"{run.index_bytes / 1e6:.2f} MB",
        "WAL": lambda run: f"{run.wal_bytes / run.seconds / 1e3:,.0f} kB/s",
    }
    yield "| " + " | ".join(shown) + " |"
    yield "|---" * len(shown) + "|"
    for run in runs:
        yield "| " + " | ".join(cell(run) for cell in shown.values()) + " |"
    for less, more in itertools.pairwise(runs):
        slope = more.server_milliseconds_each / less.server_milliseconds_each
        yield (
            f"\nFrom {less.operations:,} to {more.operations:,} operations, one costs PostgreSQL "
            f"{slope:.2f} x as much."
        )


def _seconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--operations", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args(arguments)
    with benchmark_site() as servers:
        pid = servers.postgres.pid
        simulate(10, seconds=5, server_pid=pid)  # warms the caches
        runs = [simulate(n, seconds=options.seconds, server_pid=pid) for n in options.operations]
    print(*(f"{name}: {value}" for name, value in machine().items()), "", sep="\n")
    print(*report(runs), sep="\n")


if __name__ == "__main__":
    main()
