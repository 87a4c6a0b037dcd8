"""Real trainings on the shipped S&P 500 data, short ones, and what the tests wait for in them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import psutil
from django.utils import timezone

from checkpoints.models import Checkpoint
from operations import selectors
from operations.cancel import cancel_operation
from operations.models import LIVE, Event, Operation, Process
from tests.acceptance import trainings
from tests.running.stack import StackProcess, wait_until
from training.launch.start import CheckpointSettings, StartRequest, start_training

STRATEGY = """
name: acceptance
version: "3.0"
training_data:
  symbols: {mode: single, symbol: SP500}
  timeframes: {mode: single, timeframe: 1d}
  start_date: "2009-01-02"
indicators:
  rsi_14: {type: rsi, period: 14}
  macd_std: {type: macd, fast_period: 12, slow_period: 26, signal_period: 9}
fuzzy_sets:
  momentum:
    indicator: rsi_14
    low: [0, 25, 50]
    high: {type: gaussian, parameters: [70, 12]}
nn_inputs:
  - {fuzzy_set: momentum, timeframes: all}
  - {raw_indicator: macd_std.histogram, timeframes: all, normalization: zscore}
model: {type: mlp, architecture: {hidden_layers: [32, 16], activation: relu, dropout: 0.1}}
training:
  epochs: 100
  batch_size: 1
  seed: 3
  labels: {source: triple_barrier, max_holding_period: 10}
  data_split: {train: 0.7, validation: 0.15, test: 0.15}
  lr_scheduler: {type: cosine}
"""

LASTING = STRATEGY.replace("hidden_layers: [32, 16]", "hidden_layers: [128, 128]")
"""Of one row per batch, too: an epoch has to last some 30 ms, or nobody could interrupt it."""

RESTING = STRATEGY.replace("batch_size: 1\n", "batch_size: 64\n")
REST = "epoch.done=rest"
"""`KTRDR_FAILPOINTS` of a worker that rests after each epoch: a training of short ones then lasts
as long as one of `LASTING`, takes no processor meanwhile, and is never interrupted within one."""


def start_resting(*, epochs: int = 10_000, **changes: Any) -> Operation:
    """An operation for workers that `REST`; by itself it is over in seconds."""
    return start(epochs=epochs, strategy_yaml=RESTING, **changes)


def start(*, epochs: int = 60, every_epochs: int = 5, **changes: Any) -> Operation:
    """An operation whose first attempt waits for a worker."""
    request = StartRequest(
        strategy_yaml=changes.pop("strategy_yaml", LASTING),
        epochs=epochs,
        checkpoint=CheckpointSettings(every_epochs=every_epochs),
        **changes,
    )
    return start_training(request)


def now(operation: Operation) -> Operation:
    return Operation.objects.get(pk=operation.pk)


def reached(operation: Operation, epoch: int) -> Callable[[], bool]:
    """Whether the epoch is in the metrics."""
    return lambda: operation.metrics.filter(step__gte=epoch).exists()


def wait_for_epoch(operation: Operation, epoch: int) -> None:
    wait_until(reached(operation, epoch), 60, lambda: story(operation))


def wait_for_end(operation: Operation, timeout: float = 90) -> Operation:
    wait_until(lambda: now(operation).status not in LIVE, timeout, lambda: story(operation))
    return now(operation)


def wait_for_event(operation: Operation, event_type: str, number: int = 1) -> None:
    wait_until(
        lambda: operation.events.filter(event_type=event_type).count() >= number,
        60,
        lambda: story(operation),
    )


def wait_for_workers(number: int) -> None:
    """Until so many workers have told the database that they are there, and have compiled."""
    workers = selectors.alive(Process.Kind.WORKER)
    wait_until(lambda: workers.count() >= number, 60, lambda: list(workers))


def cancel(operation: Operation) -> None:
    cancel_operation(operation.pk)


def digests(operation: Operation) -> dict[str, str]:
    """Of a completed operation's model file and final state."""
    result = now(operation).result
    assert result is not None, story(operation)
    return {name: result[name] for name in ("weights_sha256", "state_digest")}


def story(operation: Operation) -> str:
    """What happened, for a failed test's reader."""
    events = Event.objects.filter(operation=operation).order_by("number")
    lines = [f"{event.attempt} {event.event_type} {event.data}" for event in events]
    return "\n".join([str(now(operation).__dict__), *lines])


def seconds_since(moment: datetime) -> float:
    return (timezone.now() - moment).total_seconds()


def events_of(operation: Operation) -> list[str]:
    return [event.event_type for event in operation.events.order_by("number")]


def checkpoint_types(operation: Operation) -> set[str]:
    return set(
        Checkpoint.objects.filter(operation=operation).values_list("checkpoint_type", flat=True)
    )


def horse_of(worker: StackProcess) -> psutil.Process:
    """The process that trains. Waits until there is one."""

    def horses() -> list[psutil.Process]:
        return psutil.Process(worker.pid).children()

    wait_until(lambda: len(horses()) == 1, 30, horses)
    return horses()[0]


DIVERGING = trainings.STRATEGY.replace(
    "  labels: {source: triple_barrier, max_holding_period: 10}",
    "  labels: {source: forward_return}\n  loss: mse\n  optimizer: sgd\n  learning_rate: 10",
).replace("batch_size: 1\n", "batch_size: 16\n")
