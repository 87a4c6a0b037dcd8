"""Attempts in this process, stopped at a chosen boundary, and market data that change."""

from pathlib import Path
from typing import Any

import pytest

from operations.cancel import cancel_operation
from operations.models import Operation
from tests.acceptance import trainings
from training import jobs
from training.attempt.requests import StopReason
from training.attempt.run_context import RunContext
from training.market_data import samples
from training.market_data.importing import import_market_data

SAMPLE = Path(samples.__file__).parent / "sp500.csv"

STRATEGY = trainings.STRATEGY.replace("batch_size: 1\n", "batch_size: 64\n").replace(
    "  lr_scheduler: {type: cosine}\n", "  learning_rate: 0.01\n"
)
"""Some 25 batches an epoch, which the kernel trains in a few milliseconds."""


def start(*, epochs: int, **changes: Any) -> Operation:
    return trainings.start(epochs=epochs, **{"strategy_yaml": STRATEGY, **changes})


def now(operation: Operation) -> Operation:
    return Operation.objects.get(pk=operation.pk)


def run(operation: Operation) -> Operation:
    """The next attempt, to its end."""
    operation = now(operation)
    jobs.run_training(operation.pk, operation.attempt)
    return now(operation)


def run_until(operation: Operation, boundary: int, reason: StopReason) -> Operation:
    """The next attempt, which is asked to stop at its n-th boundary of a step, from 1."""

    class Stopped(RunContext):
        def batches_to_pass(self, position: Any) -> int:
            super().batches_to_pass(position)
            return 1

        def at_boundary(self, position: Any) -> Any:
            self.passed = getattr(self, "passed", 0) + 1
            if self.passed == boundary:
                if reason is StopReason.CANCEL:
                    cancel_operation(self.operation_id)
                self.requests.stop(reason)
            return super().at_boundary(position)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jobs, "RunContext", Stopped)
        return run(operation)


def import_rows(directory: Path, text: str, *, symbol: str = "SP500") -> None:
    path = directory / "bars.csv"
    path.write_text(text)
    import_market_data(path, symbol=symbol, timeframe="1d", replace=True)


def sample_without_last(rows: int) -> str:
    """Other bars for the same dates: so many of the newest are gone."""
    lines = SAMPLE.read_text().splitlines()
    return "\n".join(lines[: len(lines) - rows]) + "\n"
