"""What an operation costs besides its training: processor time of its worker and the forks.

    python -m tests.benchmarks.bench_operations [--operations N]

`sp500_daily` for one epoch, features in the cache, one worker, on PostgreSQL, whose own time is
not counted. Operations that wait in a queue, and operations that are each started when the one
before has ended. From the processor's counters of the worker and of all that it forked.
"""

import argparse
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.benchmarks.bench_startup import wait_for
from tests.benchmarks.figures import Figure, machine, table
from tests.benchmarks.site import benchmark_site

MOST_MILLISECONDS = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def worker(log: Path) -> Iterator[int]:
    """Its process; it has trained one operation."""
    with log.open("wb") as output:
        command = [sys.executable, "manage.py", "rqworker"]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            start()
            wait_for(partial(rests, process.pid))
            yield process.pid
        finally:
            process.terminate()
            process.wait(60)


def start() -> None:
    from training.launch.start import StartRequest, start_training

    start_training(StartRequest(strategy="sp500_daily", epochs=1))


def rests(worker: int) -> bool:
    """Whether no operation waits or runs, and its last fork is gone."""
    from operations.models import LIVE, Operation

    children = Path(f"/proc/{worker}/task/{worker}/children").read_text()
    return not children and not Operation.objects.filter(status__in=LIVE).exists()


def from_a_queue(worker: int, operations: int) -> None:
    """All at once: the worker is held until the last one waits."""
    os.kill(worker, signal.SIGSTOP)
    for _ in range(operations):
        start()
    os.kill(worker, signal.SIGCONT)
    wait_for(partial(rests, worker))


def one_by_one(worker: int, operations: int) -> None:
    for _ in range(operations):
        start()
        wait_for(partial(rests, worker))


WAYS: dict[str, tuple[Callable[[int, int], None], float | None]] = {
    "an operation of those that wait": (from_a_queue, MOST_MILLISECONDS),
    "an operation that comes alone": (one_by_one, None),
}


def run(operations: int) -> Iterator[Figure]:
    with benchmark_site(valkey=True) as servers:
        logging.disable(logging.WARNING)
        with worker(servers.directory / "worker.log") as pid:
            for name, (way, at_most) in WAYS.items():
                before = seconds(pid)
                way(pid, operations)
                each = (seconds(pid) - before) / operations
                yield Figure(name=name, value=each * 1000, unit="ms", at_most=at_most)


def seconds(pid: int) -> float:
    """Of a processor, in user and system, of this process and its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--operations", type=int, default=40)
    figures = list(run(parser.parse_args(arguments).operations))
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table("Operations of one epoch, of a processor", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
