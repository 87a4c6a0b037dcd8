"""The job of an analysis: every group of inputs is measured, and kept as soon as it is.

A group's numbers are a row of the operation's metrics, its number the step. An attempt measures the
groups that no earlier one has: however often it is interrupted, the result has the same bytes.
Free of torch.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.conf import settings

from checkpoints.failpoints import failpoint
from operations import dispatch, lifecycle, selectors
from operations.errors import Superseded
from operations.models import Metric, Operation
from operations.selectors import Standing
from training.attempt.horse import is_horse, this_horse
from training.attempt.horse_memory import limit_memory, take_room_for_products
from training.errors import ModelNotFound, TrainingBarsGone
from training.explaining.importance import Importance, Measured, in_order
from training.explaining.request import AnalysisRequest
from training.family import beat, run_family
from training.features.cache import prepare_from_histories
from training.features.progress import Progress
from training.models import TrainedModel
from training.strategy import Strategy
from training.trained.account import histories_of
from training.trained.inputs import features_of
from training.trained.stored_models import read_network

LOOK_SECONDS = 1.0
"""Between two looks at whether it is to stop."""
MEASURING = "measuring"
"""What it is doing, for whoever looks on."""
ROUGH_BLOCKS = 30
"""Of fewer, errors are rough."""


class StopRequestedError(Exception):
    """It is to end, or to be handed on to the next worker."""


def run_analysis(operation_id: str, attempt: int) -> None:
    """Claim, measure, end. A duplicate or superseded delivery leaves quietly."""
    failpoint("analysis.begin")
    run_family(operation_id, attempt, _decider)


def _decider(operation: Operation) -> Callable[[], None]:
    failpoint("analysis.claimed")
    if is_horse():
        take_room_for_products()
        limit_memory()
    return partial(_go_on, operation, Watch(operation))


def _go_on(operation: Operation, watch: "Watch") -> None:
    try:
        watch.look()
        result = _measure(operation, watch)
    except StopRequestedError:
        _stop(operation)
        return
    failpoint("analysis.complete.begin")
    with lifecycle.completing(operation.pk, operation.attempt, result=result):
        pass
    failpoint("analysis.complete.committed")


def _stop(operation: Operation) -> None:
    """Cancelled where that was asked for; else the next worker goes on."""
    failpoint("analysis.stop.begin")
    if lifecycle.interrupt(operation.pk, operation.attempt):
        failpoint("analysis.stop.interrupted")
        dispatch.ring(operation.pk, operation.attempt + 1)
    elif lifecycle.cancel(operation.pk, operation.attempt):
        failpoint("analysis.stop.cancelled")
    else:
        raise Superseded(operation_id=operation.pk, attempt=operation.attempt)


class Watch:
    """Keeps the lease, and looks whether the work is to stop."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._horse = this_horse()
        self._looked = self._beaten = time.monotonic()
        self.progress: dict[str, Any] = {}

    def tick(self) -> None:
        """As often as one likes. Raises `StopRequestedError`, `Superseded`."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self.look()

    def look(self) -> None:
        self._looked = time.monotonic()
        self._horse.watch.moved()
        key = (self._operation.pk, self._operation.attempt)
        match selectors.standing(*key):
            case Standing.SUPERSEDED:
                raise Superseded(operation_id=key[0], attempt=key[1])
            case Standing.CANCEL_REQUESTED:
                raise StopRequestedError
        if self._horse.has_to_end:
            raise StopRequestedError
        if self._looked - self._beaten >= settings.KTRDR_HEARTBEAT_SECONDS:
            self._beaten = self._looked
            beat(self._operation, self.progress)

    def step(self, words: str) -> None:
        """Of the preparation."""
        self.progress = {"percent": 0.0, "step": words}
        self.tick()


def _measure(operation: Operation, watch: Watch) -> dict[str, Any]:
    request = AnalysisRequest.of(operation)
    importance, notes = _prepared(request, watch.step, watch.tick)
    failpoint("analysis.prepared")
    done = _done(operation)
    for number, group in enumerate(importance.groups):
        if number in done:
            continue
        watch.progress = _progress(number, len(importance.groups), group.name)
        found = importance.measured(group)
        failpoint("analysis.group.measured")
        with lifecycle.fenced(operation.pk, operation.attempt, progress=watch.progress):
            Metric.objects.create(
                operation=operation,
                attempt=operation.attempt,
                step=number,
                values=found.to_json(),
            )
            failpoint("analysis.group.inserted")
        failpoint("analysis.group.kept")
        done[number] = found
        watch.look()
    return {
        "model_id": request.model_id,
        "part": request.part,
        "measure": importance.measure,
        "loss": importance.loss,
        "rows": importance.rows.size,
        "blocks": importance.num_blocks,
        "block_bars": importance.block_bars,
        "repeats": request.repeats,
        "seed": request.seed,
        "groups": in_order([(it, done[number]) for number, it in enumerate(importance.groups)]),
        "notes": [*notes, *_about_blocks(importance.num_blocks)],
    }


def _prepared(
    request: AnalysisRequest, progress: Progress, tick: Callable[[], None]
) -> tuple[Importance, Sequence[str]]:
    """And what to keep in mind. Raises `ModelNotFound`, `TrainingBarsGone`, `TooFewBlocks`, and as
    `read_network` and `load_histories`."""
    models = TrainedModel.objects.select_related("operation")
    model = models.filter(pk=request.model_id).first()
    if model is None:
        raise ModelNotFound(model_id=request.model_id)
    network = read_network(model)
    strategy = Strategy.from_snapshot(network.manifest["strategy"])
    progress("loading the bars of its training")
    histories = histories_of(model, network, strategy, gone=TrainingBarsGone)
    dataset = prepare_from_histories(strategy, histories, progress=progress)
    importance = Importance(
        network,
        strategy,
        features_of(strategy, network),
        dataset,
        part=request.part,
        seed=request.seed,
        repeats=request.repeats,
        tick=tick,
    )
    is_same = dataset.digest() == network.manifest["dataset_digest"]
    return importance, () if is_same else (OTHER_ROWS,)


OTHER_ROWS = "Its rows were computed again, by other code than when it was trained."


def _about_blocks(number: int) -> list[str]:
    told = f"There are {number} blocks only: the errors are rough."
    return [told] if number < ROUGH_BLOCKS else []


def _done(operation: Operation) -> dict[int, Measured]:
    """By number of the group: what this attempt or an earlier one has measured."""
    rows = Metric.objects.filter(operation=operation).order_by("attempt")
    return {row.step: Measured(**row.values) for row in rows}


def _progress(number: int, of: int, name: str) -> dict[str, Any]:
    step = f"{name}, {number + 1} of {of}"
    return {"phase": MEASURING, "percent": 100.0 * number / of, "step": step}
