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
import itertools
import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil

from tests.benchmarks.figures import machine
from tests.benchmarks.simulated_horses import play_in_threads
from tests.benchmarks.site import benchmark_site

PROCESSES = 2


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
