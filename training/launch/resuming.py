"""Whether a stopped training can go on as what it was. Free of torch."""

from datetime import UTC, datetime
from typing import Any

from operations.models import Operation, Status
from training.errors import (
    FORK,
    RESUME_WITH,
    RESUME_WITH_BOTH,
    DataChanged,
    FeaturesChanged,
    StartInvalid,
    TestWasTrainedOn,
)
from training.features.errors import EmptyPart, PriceNotPositive, TooFewBars, TooFewTrainingRows
from training.launch.layout import Layout, fingerprints_of_0_1_0, lay_out, with_cuts
from training.launch.request import AcceptedChange, TrainingRequest, rows_version_of
from training.launch.resume_options import TrainingResumeOptions
from training.launch.seen import overlap, seen_by
from training.launch.start import device_faults
from training.market_data import MarketDataDamaged, MarketDataMissing
from training.version import ROWS_VERSION

RESUME_ERRORS = (
    DataChanged,
    FeaturesChanged,
    TestWasTrainedOn,
    StartInvalid,
    MarketDataMissing,
    MarketDataDamaged,
    TooFewBars,
    PriceNotPositive,
    TooFewTrainingRows,
    EmptyPart,
)
"""What `check_resume` may raise."""


def check_resume(operation: Operation, options: TrainingResumeOptions) -> dict[str, Any]:
    """The request that the next attempt works with.

    Raises `DataChanged` when the bars are no longer those of the start, and `FeaturesChanged` when
    this version makes other rows of them, unless that is accepted: then the acceptance is recorded
    in the request. The parts stay cut at the dates they were cut at; where those are not known and
    the new parts may score what was trained on, raises `TestWasTrainedOn` unless that is accepted.
    """
    if options.device is not None and (faults := device_faults(options.device)):
        raise StartInvalid(faults)
    request = TrainingRequest.of(operation)
    if options.device is not None:
        request = request.model_copy(update={"device": options.device})
    rows_before = rows_version_of(operation, request, current=ROWS_VERSION)
    # A version that makes other rows of the bars is no reason to take other bars, too.
    takes_today = options.accept_changed_data and rows_before == ROWS_VERSION
    imports = None if takes_today else request.imports
    current = lay_out(request.read_strategy(), imports=imports)
    same_bars = current.data == request.data or _are_those_of_0_1_0(request, rows_before)
    if same_bars and rows_before == ROWS_VERSION:
        return _on(request, current).to_json()
    accepted = _accepted(operation, request, current, rows_before, options, same_bars=same_bars)
    return accepted.to_json()


def _on(request: TrainingRequest, current: Layout) -> TrainingRequest:
    """The request on equal bars of imports that are there."""
    if request.imports is None:
        return request
    return request.model_copy(update={"imports": current.imports})


def _are_those_of_0_1_0(request: TrainingRequest, rows_before: int) -> bool:
    return rows_before == 0 and fingerprints_of_0_1_0(request.read_strategy()) == request.data


def _accepted(
    operation: Operation,
    request: TrainingRequest,
    current: Layout,
    rows_before: int,
    options: TrainingResumeOptions,
    *,
    same_bars: bool,
) -> TrainingRequest:
    change = AcceptedChange(
        at=datetime.now(UTC).isoformat(),
        after_attempt=operation.attempt,
        before=request.data,
        now=current.data,
        rows_before=rows_before,
        rows_now=ROWS_VERSION,
    )
    seen = seen_by(operation, request, operation.attempt)
    accepting = request.accepting(change, seen=seen)
    if request.cuts is not None:
        strategy = with_cuts(request.read_strategy(), request.cuts)
        accepting, current = (
            accepting.with_strategy(strategy),
            lay_out(strategy, imports=current.imports),
        )
    seen_test = overlap(seen, current)
    if not options.accept_changed_data:
        advice = _advice(operation, needs_seen_test=seen_test is not None)
        if same_bars:
            raise FeaturesChanged(operation_id=operation.pk, advice=advice)
        raise DataChanged.between(operation.pk, before=change.before, now=change.now, advice=advice)
    if seen_test is not None and not options.accept_seen_test:
        raise seen_test
    words = seen_test.words if seen_test is not None else ""
    return current.of(accepting).model_copy(update={"seen_test": words})


def _advice(operation: Operation, *, needs_seen_test: bool) -> str:
    if operation.status == Status.COMPLETED:
        return FORK
    return RESUME_WITH_BOTH if needs_seen_test else RESUME_WITH
