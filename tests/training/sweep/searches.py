"""Searches of short trainings on the shipped S&P 500 data, and who plays them."""

from typing import Any

from operations.models import LIVE, Operation
from operations.parts import run_next
from tests.acceptance import trainings
from tests.operations import scenes
from training.launch.start import StartRequest
from training.sweep.job import run_sweep
from training.sweep.start import SweepStart, start_sweep

STRATEGY = trainings.STRATEGY.replace("batch_size: 1\n", "batch_size: 64\n")
SPACE = """
training.learning_rate: {log: [1e-4, 1e-1]}
model.architecture.hidden_layers: {choice: [[8], [16, 8]]}
"""


def start(*, epochs: int = 6, max_restarts: int | None = None, **changes: Any) -> Operation:
    training = StartRequest(strategy_yaml=STRATEGY, epochs=epochs, max_restarts=max_restarts)
    given = {"space": SPACE, "trials": 9, "rungs": (1, 2, 6), **changes}
    return start_sweep(SweepStart(training=training, **given))


def play(sweep: Operation, *, steps: int = 1000) -> Operation:
    """As one worker would, which hears every bell."""
    for _ in range(steps):
        now = scenes.reread(sweep)
        if now.status not in LIVE:
            break
        if now.waiting:
            run_next(now.pk, now.attempt)
        else:
            run_sweep(now.pk, now.attempt)
    return scenes.reread(sweep)


def without_ids(result: dict[str, Any]) -> dict[str, Any]:
    """What is the same of equal searches."""
    return {name: value for name, value in result.items() if name != "winner_id"}
