"""Rules between settings: loss and labels, sampling and weights, splits and horizons."""

from collections.abc import Iterator, Mapping
from typing import Any

from training.strategy.data_split import RUNS_OF, DateSplit, RangeSplit
from training.strategy.decisions import Decisions
from training.strategy.draft import Draft, Finding
from training.strategy.faults import Fault, Location
from training.strategy.inert import inert_keys
from training.strategy.labels import TripleBarrier
from training.strategy.training_data import TrainingData
from training.strategy.training_settings import LOSSES, TrainingSettings
from training.strategy.values import first_second

LABELS: Location = ("training", "labels")


def check_consistency(draft: Draft) -> Iterator[Finding]:
    """Every rule of this module."""
    if draft.training is None:
        return
    yield from _check_fits_labels(draft.training)
    yield from _check_sampling(draft.training)
    yield from _check_purge(draft.training)
    yield from _check_early_stopping(draft.training)
    yield from _check_barriers(draft.training)
    yield from _check_effects(draft.data, draft.training, draft.decisions)
    if draft.training_data:
        yield from _check_split_dates(draft.training, draft.training_data)
        yield from _check_runs(draft.training, draft.training_data)
    if draft.decisions:
        yield from _check_output_format(draft.data, draft.training, draft.decisions)


def _check_fits_labels(training: TrainingSettings) -> Iterator[Finding]:
    output_format = training.labels.output_format
    accepted = LOSSES[output_format]
    if training.loss not in accepted:
        message = (
            f"{training.loss} does not fit {training.labels.source} labels, which are for "
            f"{output_format}: use {' or '.join(accepted)}"
        )
        yield _wrong(("training", "loss"), message, LABELS)


def _check_sampling(training: TrainingSettings) -> Iterator[Finding]:
    weighs = isinstance(training.labels, TripleBarrier) and training.labels.compute_weights
    if training.sampling == "weighted" and not weighs:
        message = "weighted needs the uniqueness of triple_barrier labels with compute_weights true"
        yield _wrong(("training", "sampling"), message, LABELS)


def _check_purge(training: TrainingSettings) -> Iterator[Finding]:
    purge, horizon = training.data_split.purge, training.labels.horizon
    if isinstance(purge, int) and purge < horizon:
        message = f"must be auto or at least the labels' horizon of {horizon} bars, not {purge}"
        yield _wrong(("training", "data_split", "purge"), message, LABELS)


def _check_early_stopping(training: TrainingSettings) -> Iterator[Finding]:
    stopping = training.early_stopping
    if stopping is None:
        return
    place: Location = ("training", "early_stopping")
    if stopping.monitor == "val_accuracy" and training.labels.output_format == "regression":
        message = "val_accuracy exists for classification only: use val_loss"
        yield _wrong((*place, "monitor"), message, LABELS)
    earliest = max(stopping.min_epochs, stopping.patience)
    if earliest >= training.epochs:
        message = f"cannot stop a training of {training.epochs} epochs early"
        yield _warning(place, message, ("training", "epochs"))


def _check_barriers(training: TrainingSettings) -> Iterator[Finding]:
    labels = training.labels
    if isinstance(labels, TripleBarrier) and labels.pt_multiplier != labels.sl_multiplier:
        message = "unequal multipliers: sell then means a stopped long, not a short"
        yield _warning(LABELS, message)


def _check_split_dates(training: TrainingSettings, data: TrainingData) -> Iterator[Finding]:
    split = training.data_split
    if not isinstance(split, DateSplit):
        return
    start, end = data.start_seconds, data.end_seconds
    place: Location = ("training", "data_split")
    dates: Location = ("training_data",)
    if start is not None and split.validation_start_seconds <= start:
        message = f"must be after start_date {data.start_date}, or nothing is left to train on"
        yield _wrong((*place, "validation_start"), message, dates)
    if end is not None and split.test_start_seconds > end:
        message = f"must not be after end_date {data.end_date}, or nothing is left to test on"
        yield _wrong((*place, "test_start"), message, dates)


def _check_runs(training: TrainingSettings, data: TrainingData) -> Iterator[Finding]:
    """A run without a bar is a mistake in the one or the other."""
    split, (start, end) = training.data_split, (data.start_seconds, data.end_seconds)
    if not isinstance(split, RangeSplit):
        return
    for part in RUNS_OF:
        place: Location = ("training", "data_split", part)
        for first, until in split.runs(part):
            if start is not None and first_second(until) <= start:
                message = f"the run until {until} is before start_date {data.start_date}"
                yield _wrong(place, f"{message}: leave it out", ("training_data",))
            if end is not None and first_second(first) > end:
                message = f"the run from {first} is after end_date {data.end_date}"
                yield _wrong(place, f"{message}: leave it out", ("training_data",))


def _check_output_format(
    data: Mapping[str, Any], training: TrainingSettings, decisions: Decisions
) -> Iterator[Finding]:
    place: Location = ("decisions", "output_format")
    if _is_written(data, place) and decisions.output_format != training.labels.output_format:
        message = (
            f"{decisions.output_format} does not fit {training.labels.source} labels, which are "
            f"for {training.labels.output_format}"
        )
        yield _wrong(place, message, LABELS)


def _check_effects(
    data: Mapping[str, Any], training: TrainingSettings, decisions: Decisions | None
) -> Iterator[Finding]:
    for key in inert_keys(training, decisions):
        if _is_written(data, key.location):
            yield _wrong(key.location, f"has no effect {key.reason}: remove it", key.cause)


def _is_written(data: Any, location: Location) -> bool:
    for part in location:
        if not isinstance(data, Mapping) or part not in data:
            return False
        data = data[part]
    return True


def _wrong(location: Location, message: str, *because_of: Location) -> Finding:
    return Finding(fault=Fault(location=location, message=message), because_of=because_of)


def _warning(location: Location, message: str, *because_of: Location) -> Finding:
    fault = Fault(location=location, message=message)
    return Finding(fault=fault, because_of=because_of, is_warning=True)
