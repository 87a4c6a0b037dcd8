"""Attempts in processes of their own: forks of a server that has torch imported, like a worker."""

import json
import multiprocessing
import signal
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from tests.training.trainer.attempt import Interruption, Job, run_attempt
from training.strategy import Strategy
from training.trainer.engines.rule import KERNEL
from training.trainer.pinned import Pinned

ATTEMPT_TIMEOUT_SECONDS = 60

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["__main__", "tests.training.trainer.preloaded"])

Outcome = dict[str, Any]
"""digest, history, position, stopped_early, best_epoch, evaluation, bundle."""


class AttemptFailed(Exception):
    """An attempt's process ended with an error."""


def pinned_for_tests(strategy: Strategy, **changes: Any) -> Pinned:
    """As by rule, or with engine autograd; with a validation pass of several batches."""
    cpu = torch.device("cpu")
    by_rule = changes.pop("engine", KERNEL) == KERNEL
    pinned = Pinned.by_rule(strategy, cpu) if by_rule else Pinned.with_autograd(strategy, cpu)
    return replace(pinned, **({"validation_batch": 16} | changes))


def train_in_processes(
    strategy: Strategy,
    interruptions: Sequence[Interruption] = (),
    *,
    rows: int = 120,
    forget: str | None = None,
    **pinned: Any,
) -> Outcome:
    """Train through the interruptions, each attempt in a new process, to the end."""
    return train_through(strategy, interruptions, rows=rows, forget=forget, **pinned)[0]


def train_through(
    strategy: Strategy,
    interruptions: Sequence[Interruption],
    *,
    rows: int = 120,
    forget: str | None = None,
    **pinned: Any,
) -> tuple[Outcome, int]:
    """And how many interruptions came about: early stopping may end a training before the rest."""
    job = Job(
        strategy=strategy.snapshot(),
        pinned=pinned_for_tests(strategy, **pinned).to_json(),
        rows=rows,
        forget=forget,
    )
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        ended, happened = directory / "outcome.json", 0
        for interruption in interruptions:
            _run(replace(job, interruption=interruption), directory)
            if ended.exists():
                break
            happened += 1
        if not ended.exists():
            _run(job, directory)
        outcome: Outcome = json.loads(ended.read_text())
        return outcome, happened


def _run(job: Job, directory: Path) -> None:
    process = CONTEXT.Process(target=run_attempt, args=(job, directory))
    process.start()
    process.join(ATTEMPT_TIMEOUT_SECONDS)
    if process.exitcode is None:
        process.kill()
        raise AttemptFailed(f"no end after {ATTEMPT_TIMEOUT_SECONDS} s: {job}")
    killed = job.interruption is not None and job.interruption.how == "kill"
    if process.exitcode not in ({0, -signal.SIGKILL} if killed else {0}):
        raise AttemptFailed(f"exit code {process.exitcode}: {job}")
