"""Start a walk-forward or a cross-validation. Free of torch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.models import AbstractBaseUser

from operations.errors import DomainError, InvalidInput
from operations.models import Operation
from training.errors import StartInvalid
from training.features.arrays import Int64Array
from training.features.assembly import load_histories
from training.features.coverage import require_training_rows
from training.features.history import History
from training.features.splits import cut, refuse_empty_parts, union_of
from training.folds import cross_validation, walk_forward
from training.folds.cross_validation import CrossValidation
from training.folds.request import FRESH, Fold, FoldsRequest
from training.folds.walk_forward import WalkForward, end_of
from training.launch.family import write_family
from training.launch.request import TrainingRequest
from training.launch.room import require_disk
from training.launch.start import PreparedStart, StartRequest, prepare_start
from training.market_data.pinned import PinnedBars
from training.strategy.strategy import Strategy

Plan = WalkForward | CrossValidation

WALK_FORWARD, CROSS_VALIDATION = "walk_forward", "cross_validation"
OPERATION_TYPES: Mapping[type, str] = {
    WalkForward: WALK_FORWARD,
    CrossValidation: CROSS_VALIDATION,
}
FOLD_WORDS = {WALK_FORWARD: "window", CROSS_VALIDATION: "split"}
"""What a part is called."""
NAMES = {WALK_FORWARD: "walk forward", CROSS_VALIDATION: "cross-validate"}
MOST_EMBARGO = 100_000
MOST_FAULTS = 10
"""That are told of folds which do not fit."""


@dataclass(frozen=True, kw_only=True)
class FoldsStart:
    """What a user may say about one."""

    training: StartRequest
    """Of the training that is repeated; its own split is not used."""
    plan: Plan
    embargo: int | None = None
    """Bars; None: what the strategy says."""


@dataclass(frozen=True, kw_only=True)
class PreparedFolds:
    """One that was found to make sense: what is left is to write it down."""

    operation_type: str
    name: str
    request: FoldsRequest
    training: PreparedStart
    parent: Operation | None = None
    """The walk-forward that it extends."""


def start_folds(start: FoldsStart, *, owner: AbstractBaseUser | None = None) -> Operation:
    """Prepare one and create its operation; raises as `prepare_folds`."""
    return folds_prepared(prepare_folds(start, owner=owner))


def prepare_folds(start: FoldsStart, *, owner: AbstractBaseUser | None) -> PreparedFolds:
    """Check everything that can be checked. It reads bars, so call it outside of a transaction.

    Raises `StartInvalid` with every fault, and what `prepare_start` raises.
    """
    if wrong := list(_faults(start)):
        raise _invalid(wrong)
    training = prepare_start(start.training, owner=owner)
    strategy = training.request.read_strategy()
    embargo = strategy.training.data_split.embargo if start.embargo is None else start.embargo
    histories = histories_of(training.request)
    request = FoldsRequest(
        base=training.request.to_json(),
        settings={**start.plan.settings(), "embargo": embargo},
        folds=tuple(_folds(start.plan, embargo, histories, strategy)),
        embargo=embargo,
        start=start.plan.start if isinstance(start.plan, WalkForward) else FRESH,
    )
    operation_type = OPERATION_TYPES[type(start.plan)]
    require_fits(request, histories, operation_type)
    require_disk_of(request)
    name = start.training.name or f"{NAMES[operation_type]} {strategy.name}"
    return PreparedFolds(
        operation_type=operation_type, name=name, request=request, training=training
    )


def folds_prepared(prepared: PreparedFolds) -> Operation:
    """Create the operation and ring for a worker. Raises `Outdated` when its parent has gone."""
    return write_family(
        prepared.operation_type,
        prepared.name,
        prepared.request.to_json(),
        prepared.training,
        parent=prepared.parent,
    )


def histories_of(request: TrainingRequest) -> tuple[History, ...]:
    """The bars of a training's symbols, of the imports that it stands on."""
    pinned = PinnedBars(imports=request.imports or {})
    return load_histories(request.read_strategy(), load_bars=pinned.load_bars)


def times_of(histories: Sequence[History]) -> Int64Array:
    """Base-timeframe periods of all symbols' rows, ascending."""
    return union_of([history.periods for history in histories])


def _faults(start: FoldsStart) -> Iterator[tuple[str, str]]:
    plan = start.plan
    if isinstance(plan, WalkForward):
        yield from walk_forward.faults(plan)
    else:
        yield from cross_validation.faults(plan)
    if start.embargo is not None and not 0 <= start.embargo <= MOST_EMBARGO:
        yield ("embargo", f"must be 0 to {MOST_EMBARGO:,}")


def _folds(
    plan: Plan, embargo: int, histories: Sequence[History], strategy: Strategy
) -> list[Fold]:
    times = times_of(histories)
    make: Callable[[], list[Fold]]
    if isinstance(plan, WalkForward):
        name, make = "train", partial(walk_forward.windows, plan, times, histories[0].base)
    else:
        name, make = (
            "groups",
            partial(cross_validation.splits, plan, times, end_of(times, histories[0].base)),
        )
        if embargo >= times.size // plan.groups:
            size = times.size // plan.groups
            raise _invalid([("embargo", f"{embargo:,} bars are a whole group of {size:,}")])
    try:
        return make()
    except ValueError as error:
        raise _invalid([(name, str(error))]) from None


def require_fits(request: FoldsRequest, histories: Sequence[History], operation_type: str) -> None:
    """Raises `StartInvalid`, which names folds that lack rows."""
    if unfit := list(_unfit(request, histories, FOLD_WORDS[operation_type])):
        raise _invalid(unfit)


def require_disk_of(request: FoldsRequest) -> None:
    """Raises `NotEnoughDisk` for the trainings that are its own."""
    keep, trainings = request.training.checkpoint.keep, len(request.own_folds)
    require_disk(request.strategy, keep=keep, trainings=trainings)


def _unfit(
    request: FoldsRequest, histories: Sequence[History], word: str
) -> Iterator[tuple[str, str]]:
    """Folds that lack rows, by the times of bars alone."""
    told = 0
    for fold in request.own_folds:
        try:
            require_rows(request.strategy_of(fold), histories)
        except DomainError as error:
            yield ("folds", f"{word} {fold.number}, tested on {fold.words}: {error}")
            told += 1
        if told == MOST_FAULTS:
            return


def require_rows(strategy: Strategy, histories: Sequence[History]) -> None:
    """Raises `TooFewTrainingRows` and `EmptyPart` where labels that end late leave too few, and
    `InvalidInput` where no label of a test may end within it."""
    parts = cut([history.periods for history in histories], strategy.training.data_split)
    horizon = strategy.training.labels.horizon
    tested = max(parts["test"].rows(history.periods).size for history in histories)
    if tested <= horizon:
        raise InvalidInput(
            reason=f"A test of {tested:,} bars is no longer than the labels' horizon of {horizon}: "
            "none of them could be scored."
        )
    chosen = require_training_rows(strategy, histories, parts)
    refuse_empty_parts(
        {name: sum(rows.size for rows in of_symbols) for name, of_symbols in chosen.items()},
        [history.times for history in histories],
        sequence_length=strategy.sequence_length,
    )


def _invalid(faults: Sequence[tuple[str, str]]) -> StartInvalid:
    return StartInvalid([{"pointer": f"#/{name}", "detail": told} for name, told in faults])
