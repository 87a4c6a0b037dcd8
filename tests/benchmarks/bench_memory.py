"""Private memory (USS) of a horse: before its data are there, and while it trains.

    python -m tests.benchmarks.bench_memory [--rows N]

A real worker and its fork, on PostgreSQL; features from the cache, MLP [64, 32], a checkpoint
every epoch. The data are counted as the arrays in the feature cache; the reference is a process
of its own that imports what a training needs, and has no data.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.benchmarks.bench_startup import start, stop, warm_worker
from tests.benchmarks.figures import Figure, machine, table
from tests.benchmarks.site import benchmark_site
from tests.benchmarks.timed_worker import LOOK_AT_MEMORY, PID, USS_AT_FORK
from tests.benchmarks.trainings import import_random_bars

MEGABYTE = 1e6
MOST_AT_FORK = 30.0
MOST_TRAINING = 150.0
"""Megabytes above the data; the model's 20 kB are among them."""

FRESH = "a process with the same imports"
IMPORT = """
import json, django, psutil
django.setup()
import training.pipeline
print(json.dumps(psutil.Process().memory_full_info().uss))
"""


def run(num_rows: int) -> Iterator[Figure]:
    with benchmark_site(valkey=True) as servers:
        import_random_bars(num_rows)
        os.environ[LOOK_AT_MEMORY] = "1"
        fresh = _fresh_process()
        with warm_worker(servers.directory) as worker:
            stop_after(start(), worker.next_marks()[PID])  # computes the features
            operation_id = start()
            marks = worker.next_marks()
            training = stop_after(operation_id, marks[PID])
        data = _cached_bytes(servers.directory / "var" / "cache" / "features")
    yield _figure("horse, before its data are there", marks[USS_AT_FORK], fresh, MOST_AT_FORK)
    name = f"horse in training on {num_rows:,} rows, above {data / MEGABYTE:.0f} MB of data"
    yield _figure(name, training - data, fresh, MOST_TRAINING)


def stop_after(operation_id: str, pid: float) -> float:
    """Let it end some epochs, with their checkpoints; bytes that it has to itself then."""
    from checkpoints.models import Checkpoint

    while not Checkpoint.objects.filter(operation_id=operation_id).exists():
        time.sleep(0.2)
    uss = psutil.Process(int(pid)).memory_full_info().uss
    stop(operation_id)
    return float(uss)


def _figure(name: str, uss: float, fresh: float, at_most: float) -> Figure:
    return Figure(
        name=name,
        value=uss / MEGABYTE,
        unit="MB",
        reference=FRESH,
        reference_value=fresh / MEGABYTE,
        at_most=at_most,
    )


def _fresh_process() -> float:
    done = subprocess.run([sys.executable, "-c", IMPORT], stdout=subprocess.PIPE, check=True)
    uss: float = json.loads(done.stdout)
    return uss


def _cached_bytes(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    figures = list(run(parser.parse_args(arguments).rows))
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table("Private memory", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
