"""Start a search. Free of torch."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from operations.models import Operation
from training.errors import StartInvalid
from training.launch.family import write_family
from training.launch.layout import with_cuts
from training.launch.room import require_disk
from training.launch.start import PreparedStart, StartRequest, prepare_start
from training.strategy.document import read_document
from training.strategy.faults import Fault
from training.strategy.strategy import Strategy
from training.sweep.halving import rung_faults, rungs_of
from training.sweep.repeats import MOST_REPEATS
from training.sweep.request import Search, SweepRequest
from training.sweep.samplers import LEARNING, SAMPLERS
from training.sweep.space import Space, SpaceInvalid, read_space

OPERATION_TYPE = "sweep"
SAMPLER_NAMES = ("grid", *SAMPLERS, LEARNING)
MOST_TRIALS = 10_000
DEFAULT_TRIALS = 81
BRACKETS_TO_LEARN = 3
MOST_SEED = 2**32 - 1


@dataclass(frozen=True, kw_only=True)
class SweepStart:
    """What a user may say about a search."""

    training: StartRequest
    """Of the training that each trial changes; its epochs are those of the last rung."""
    space: str
    """YAML: see `space`."""
    space_source: str = "space"
    """What the space is called in messages."""
    sampler: str = "random"
    trials: int | None = None
    """None: 81, or all points of a smaller space."""
    brackets: int | None = None
    """None: 1, or 3 of a sampler that learns."""
    rungs: tuple[int, ...] | None = None
    """None: a 27th, a 9th and a 3rd of the epochs, and all."""
    seed: int = 0
    repeat: int = 1
    """Trainings of each trial, with a seed each: they are compared by their mean."""


@dataclass(frozen=True, kw_only=True)
class PreparedSweep:
    """A search that was found to make sense: what is left is to write it down."""

    name: str
    request: SweepRequest
    training: PreparedStart


def start_sweep(start: SweepStart, *, owner: AbstractBaseUser | None = None) -> Operation:
    """Prepare a search and create its operation; raises as `prepare_sweep`."""
    return sweep_prepared(prepare_sweep(start, owner=owner))


def prepare_sweep(start: SweepStart, *, owner: AbstractBaseUser | None) -> PreparedSweep:
    """Check everything that can be checked. It reads bars, so call it outside of a transaction.

    Raises `SpaceInvalid` or, of a valid space, `StartInvalid`, either with every fault of both; and
    what `prepare_start` raises.
    """
    training = prepare_start(start.training, owner=owner)
    assert training.request.cuts is not None
    strategy = with_cuts(training.request.read_strategy(), training.request.cuts)
    training = replace(training, request=training.request.with_strategy(strategy))
    space = _checked_space(start, strategy)
    written = _written(start)
    request = SweepRequest(
        base=training.request.to_json(),
        space=written,
        order=tuple(written),
        sampler=start.sampler,
        trials=_trials(start, space),
        brackets=_brackets(start),
        rungs=start.rungs or rungs_of(strategy.training.epochs),
        seed=start.seed,
        repeat=start.repeat,
    )
    at_once = len(Search(request).numbers(0)) * request.repeat
    require_disk(strategy, keep=training.request.checkpoint.keep, trainings=at_once)
    name = start.training.name or f"search {strategy.name}"
    return PreparedSweep(name=name, request=request, training=training)


def sweep_prepared(prepared: PreparedSweep) -> Operation:
    """Create the operation and ring for a worker."""
    request = prepared.request.to_json()
    return write_family(OPERATION_TYPE, prepared.name, request, prepared.training)


def _checked_space(start: SweepStart, strategy: Strategy) -> Space:
    try:
        space = read_space(start.space, strategy, source=start.space_source)
    except SpaceInvalid as error:
        others = [
            Fault(location=(name,), message=message)
            for name, message in _faults(start, None, strategy)
        ]
        raise SpaceInvalid(start.space_source, [*error.faults, *others]) from None
    if faults := list(_faults(start, space, strategy)):
        raise StartInvalid([{"pointer": f"#/{name}", "detail": told} for name, told in faults])
    return space


def _written(start: SweepStart) -> dict[str, Any]:
    return read_document(start.space).data


def _trials(start: SweepStart, space: Space | None) -> int:
    size = space.size if space and space.size is not None else MOST_TRIALS
    if start.trials is not None:
        return min(start.trials, size) if start.sampler == "grid" else start.trials
    return min(DEFAULT_TRIALS, size)


def _brackets(start: SweepStart) -> int:
    if start.brackets is None:
        return BRACKETS_TO_LEARN if start.sampler == LEARNING else 1
    return start.brackets


def _faults(
    start: SweepStart, space: Space | None, strategy: Strategy
) -> Iterator[tuple[str, str]]:
    """Every one at once, as name and words; `space` is None where that is not valid itself."""
    if start.sampler not in SAMPLER_NAMES:
        yield ("sampler", f"must be one of {', '.join(SAMPLER_NAMES)}")
    if start.sampler == "grid" and space and space.size is None:
        yield ("sampler", "grid takes choice and int alone: write a range's values as choice")
    if start.trials is not None and not 2 <= start.trials <= MOST_TRIALS:
        yield ("trials", f"must be 2 to {MOST_TRIALS:,}")
    elif not 1 <= _brackets(start) <= _trials(start, space):
        yield ("brackets", "must be 1 or more, and not more than there are trials")
    elif start.sampler == LEARNING and _brackets(start) == 1:
        yield ("brackets", "tpe learns from the brackets before: give it 2 or more")
    if not 1 <= start.repeat <= MOST_REPEATS:
        yield ("repeat", f"must be 1 to {MOST_REPEATS}")
    elif _trials(start, space) * start.repeat > MOST_TRIALS:
        yield ("repeat", f"makes more than {MOST_TRIALS:,} trainings of these trials")
    elif strategy.training.seed + start.repeat - 1 > MOST_SEED:
        yield ("repeat", f"goes beyond the last seed, {MOST_SEED}")
    if not 0 <= start.seed <= MOST_SEED:
        yield ("seed", f"must be 0 to {MOST_SEED}")
    rungs = rungs_of(strategy.training.epochs) if start.rungs is None else start.rungs
    for fault in rung_faults(rungs, strategy.training.epochs):
        yield ("rungs", fault)
