"""From the bell to the first batch: a warm worker beside a process that begins from nothing.

    python -m tests.benchmarks.bench_startup [--rounds N]

On PostgreSQL, with real workers. Seven indicators, 21 memberships, MLP [64, 32]. `start` and
`resume` find their features in the cache; `start, features to compute` has others each time. They
count from the job's coming into the queue; a resume from its call. The reference is a worker
process started for one operation whose features are cached, from its beginning.
"""

import argparse
import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import LEAST_ROUNDS, Figure, machine, medians, table
from tests.benchmarks.site import benchmark_site
from tests.benchmarks.timed_worker import ENQUEUED, FIRST_STEP, NO_TIMES
from tests.benchmarks.trainings import import_random_bars, strategy

Marks = dict[str, float]
FRESH = "a fresh worker process"
PATIENCE_SECONDS = 120


class Worker:
    """A worker that says when its horses reached what."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self._marks = directory / "marks"
        self._marks.unlink(missing_ok=True)
        self._log = (directory / "worker.log").open("ab")
        module = "tests.benchmarks.timed_worker"
        command = [sys.executable, "-m", module, str(self._marks), *arguments]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        self._num_seen = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    def next_marks(self) -> Marks:
        """Of the next attempt that trains a batch."""
        wait_for(lambda: len(self._lines()) > self._num_seen)
        self._num_seen += 1
        marks: Marks = json.loads(self._lines()[self._num_seen - 1])
        return marks

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)
        self._log.close()

    def _lines(self) -> list[str]:
        return self._marks.read_text().splitlines() if self._marks.exists() else []


@contextmanager
def warm_worker(directory: Path, number: int = 1) -> Iterator[Worker]:
    """The `number`th of a site's workers."""
    from operations.models import Process

    worker = Worker(directory)
    workers = Process.objects.filter(kind=Process.Kind.WORKER)
    try:
        wait_for(lambda: workers.count() >= number)
        time.sleep(1)
        yield worker
    finally:
        worker.stop()


def start(*, edge: float = 40.0) -> str:
    from training.launch.start import StartRequest, start_training

    return str(start_training(StartRequest(strategy_yaml=strategy(edge=edge))).pk)


def stop(operation_id: str) -> None:
    """With a checkpoint; returns when the worker is free again."""
    from operations.cancel import cancel_operation
    from operations.models import LIVE, Operation

    cancel_operation(operation_id)
    wait_for(lambda: not Operation.objects.filter(pk=operation_id, status__in=LIVE).exists())
    time.sleep(0.5)


def rounds_of(worker: Worker, *, rounds: int) -> dict[str, list[Marks]]:
    """Starts and resumes in turns; the features are in the cache after the first."""
    from operations.resume import resume_operation

    warm_up = start()
    worker.next_marks()
    stop(warm_up)
    measured: dict[str, list[Marks]] = {"start": [], "resume": [], "computed": []}
    for number in range(rounds):
        operation_id = start()
        measured["start"].append(worker.next_marks())
        stop(operation_id)
        called = time.time()
        resume_operation(operation_id)
        measured["resume"].append(worker.next_marks() | {ENQUEUED: called})
        stop(operation_id)
        other = start(edge=41.0 + number)
        measured["computed"].append(worker.next_marks())
        stop(other)
    return measured


def fresh_worker(directory: Path) -> float:
    """Milliseconds from the start of a worker process to the first batch that it trains."""
    begun = time.time()
    worker = Worker(directory)
    operation_id = start()
    marks = worker.next_marks()
    stop(operation_id)
    worker.stop()
    return (marks[FIRST_STEP] - begun) * 1000


def milliseconds(marks: list[Marks]) -> float:
    """Median, from the queue to the first batch."""
    return statistics.median((one[FIRST_STEP] - one[ENQUEUED]) * 1000 for one in marks)


def way(marks: list[Marks]) -> Iterator[str]:
    """Where the time went: the median of each stretch."""
    names = marks[-1].keys() - {"job taken", *NO_TIMES}
    for before, after in pairwise(sorted(names, key=marks[-1].__getitem__)):
        if before in marks[0]:
            spent = statistics.median((one[after] - one[before]) * 1000 for one in marks)
            yield f"- {before} → {after}: {spent:.0f} ms"


def measure(directory: Path, *, rounds: int) -> tuple[dict[str, list[Marks]], float]:
    """What a warm worker does, and the median of a fresh one's milliseconds."""
    with warm_worker(directory) as worker:
        measured = rounds_of(worker, rounds=rounds)
    fresh = medians({FRESH: [fresh_worker(directory) for _ in range(rounds)]})
    return measured, fresh[FRESH]


MUST: dict[tuple[int, str], tuple[str, float]] = {
    (100_000, "start"): ("start, 100,000 cached rows", 150),
    (1_000_000, "start"): ("start, 1,000,000 cached rows", 1000),
    (1_000_000, "resume"): ("resume, 1,000,000 cached rows", 1000),
    (1_000_000, "computed"): ("start, features of 1,000,000 rows to compute", 3000),
}
"""What is shown of each number of rows, and the milliseconds that it may take."""


def run(rounds: int) -> list[Figure]:
    figures = []
    with benchmark_site(valkey=True) as servers:
        for num_rows in (100_000, 1_000_000):
            import_random_bars(num_rows)  # the newest import is what a training takes
            measured, fresh = measure(servers.directory, rounds=rounds)
            for (rows, kind), (name, at_most) in MUST.items():
                if rows == num_rows:
                    figures.append(_figure(name, measured[kind], fresh, at_most))
                    print(f"\n{name}:\n", *way(measured[kind]), sep="\n", flush=True)
    return figures


def _figure(name: str, marks: list[Marks], fresh: float, at_most: float) -> Figure:
    return Figure(
        name=name,
        value=milliseconds(marks),
        unit="ms",
        reference=FRESH,
        reference_value=fresh,
        at_most=at_most,
    )


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("nothing happened for two minutes")
        time.sleep(0.01)


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    figures = run(parser.parse_args(arguments).rounds)
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table("Start-up", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
