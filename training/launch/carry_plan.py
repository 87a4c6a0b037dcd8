"""What an extension or a fork takes over from the training it starts from, and what it resets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from training.launch.request import ORIGIN_ATTEMPT, Basis, TrainingRequest
from training.strategy import Strategy
from training.strategy.fuzzy_sets import Learning
from training.strategy.learnable import num_parameters
from training.strategy.rule_base import Tsk
from training.strategy.schedules import CosineSchedule, OneCycleSchedule

DATA = ("training_data", "indicators", "fuzzy_sets", "nn_inputs")
DATA_SETTINGS = ("labels", "data_split")
SCORE_SETTINGS = ("loss", "focal_gamma", "huber_delta", "class_weights", "class_weight_cap")
ORDER_SETTINGS = ("seed", "batch_size", "sampling")


class Fate(StrEnum):
    """What becomes of a part."""

    CARRIED = "carried"
    RESET = "reset"
    NEW_CYCLE = "new cycle"
    """A schedule with a length starts again, over the epochs that are left."""
    CARRIED_WHERE_EQUAL = "carried where the file's sets are equal"
    """Of some fuzzy sets, for others begin as the file has them."""


@dataclass(frozen=True, kw_only=True)
class CarryPlan:
    """The fate of each part of a training's state; weights and history are always carried."""

    optimizer: Fate
    schedule: Fate
    best_model: Fate
    early_stopping: Fate  # what had stopped is reset in any case
    epoch_under_way: Fate  # reset: the epoch begins again at its first batch
    moves: tuple[tuple[int | None, int], ...] | None = None
    """Of each learned fuzzy set where its parameters begin in those of before, None: they are 0;
    and how many they are. None of all: they are those of before."""

    def table(self) -> list[dict[str, str]]:
        """One row per part, for people."""
        fates = {
            "weights": Fate.CARRIED,
            **({} if self.moves is None else {"learned fuzzy sets": _fate_of_sets(self.moves)}),
            "history": Fate.CARRIED,
            "optimizer": self.optimizer,
            "learning rate schedule": self.schedule,
            "best model": self.best_model,
            "early stopping": self.early_stopping,
            "position within the epoch": self.epoch_under_way,
        }
        return [{"part": part, "fate": fate.value} for part, fate in fates.items()]


ALL_CARRIED = CarryPlan(
    optimizer=Fate.CARRIED,
    schedule=Fate.CARRIED,
    best_model=Fate.CARRIED,
    early_stopping=Fate.CARRIED,
    epoch_under_way=Fate.CARRIED,
)


def plan_for(request: TrainingRequest, attempt: int, *, rows_version: int) -> CarryPlan | None:
    """What an attempt takes over of a state that `attempt` saved; None: all of it, as it is.

    `rows_version` is that of the rows it trains on. Raises ValueError as `plan_carry`.
    """
    if attempt == ORIGIN_ATTEMPT and request.origin is not None:
        if request.opens_test and not request.is_accepted_since(attempt):
            return None
        plan = plan_branch(request.origin, request, rows_version=rows_version)
        return _with_other_rows(plan) if request.is_accepted_since(attempt) else plan
    if request.is_accepted_since(attempt):
        return _with_other_rows(ALL_CARRIED)
    return None


def plan_branch(before: Basis, child: TrainingRequest, *, rows_version: int) -> CarryPlan:
    """What `child` takes over of a state that was trained on `before`.

    Raises ValueError when the network's shape or its inputs are others, so that no weight fits.
    """
    plan = plan_carry(Strategy.from_snapshot(before.strategy), child.read_strategy())
    same_bars = before.data in (None, child.data)
    same_rows = before.rows_version in (None, rows_version)
    return plan if same_bars and same_rows else _with_other_rows(plan)


def trains_the_same_rows(
    before: Basis, strategy: Strategy, *, data: Mapping[str, str], rows_version: int
) -> bool:
    """Whether `strategy` trains on the very rows of `before`; not where that is not recorded."""
    changed = _Changes(Strategy.from_snapshot(before.strategy), strategy)
    same_bars = (before.data, before.rows_version) == (dict(data), rows_version)
    return same_bars and not changed.root(*DATA) and not changed.training(*DATA_SETTINGS)


def _with_other_rows(plan: CarryPlan) -> CarryPlan:
    """No score of before can be compared with one of after, and no batch is what it was."""
    return replace(
        plan, best_model=Fate.RESET, early_stopping=Fate.RESET, epoch_under_way=Fate.RESET
    )


def plan_carry(before: Strategy, now: Strategy) -> CarryPlan:
    """What a training by `now` can take over from one by `before`.

    Raises ValueError when the network's shape or its inputs are others, so that no weight fits.
    """
    changed = _Changes(before, now)
    same_inputs = before.feature_ids() == now.feature_ids()
    if _multiplies_columns(now):
        same_inputs = same_inputs and before.num_columns == now.num_columns
    if before.model != now.model or not same_inputs:
        raise ValueError(
            "nothing can be carried over: the model or its inputs are others than those of the "
            "training this starts from; start a new one instead"
        )
    moves = _moves_from(before, now)
    same_weights = moves is None
    scored_alike = not changed.root(*DATA) and not changed.training(*DATA_SETTINGS, *SCORE_SETTINGS)
    return CarryPlan(
        optimizer=_carried_if(same_weights and not changed.training("optimizer")),
        schedule=_fate_of_schedule(changed, now),
        best_model=_carried_if(scored_alike and not changed.monitor),
        early_stopping=_carried_if(scored_alike and not changed.training("early_stopping")),
        epoch_under_way=_carried_if(scored_alike and not changed.training(*ORDER_SETTINGS)),
        moves=moves,
    )


def _multiplies_columns(strategy: Strategy) -> bool:
    """Whether it has weights for the dataset's columns, which learned sets make fewer."""
    model = strategy.model
    return isinstance(model, Tsk) and model.architecture.consequent == "linear"


def _moves_from(before: Strategy, now: Strategy) -> tuple[tuple[int | None, int], ...] | None:
    """A learned set whose file has the same memberships goes on where it is."""
    starts, end = {}, 0
    for timeframe, name in before.learned_inputs():
        memberships = before.fuzzy_sets[name].memberships
        starts[timeframe, name] = end, memberships
        end += num_parameters(memberships.values())
    moves = []
    for timeframe, name in now.learned_inputs():
        memberships = now.fuzzy_sets[name].memberships
        start, known = starts.get((timeframe, name), (None, None))
        moves.append(
            (start if known == memberships else None, num_parameters(memberships.values()))
        )
    unchanged = [(start, num_parameters(known.values())) for start, known in starts.values()]
    return None if moves == unchanged else tuple(moves)


def _fate_of_sets(moves: Iterable[tuple[int | None, int]]) -> Fate:
    carried = {start is not None for start, _ in moves}
    if carried == {True, False}:
        return Fate.CARRIED_WHERE_EQUAL
    return Fate.CARRIED if carried == {True} else Fate.RESET


class _Changes:
    """Which settings differ."""

    def __init__(self, before: Strategy, now: Strategy) -> None:
        self._before = before
        self._now = now

    def root(self, *names: str) -> bool:
        return _differ(_without_rates(self._before), _without_rates(self._now), names)

    def training(self, *names: str) -> bool:
        return _differ(self._before.training, self._now.training, names)

    @property
    def monitor(self) -> bool:
        return self._before.training.monitored != self._now.training.monitored


def _without_rates(strategy: Strategy) -> Strategy:
    """How fast fuzzy sets are learned changes no row and no score."""
    sets = {
        name: known.model_copy(update={"learn": known.learn and Learning()})
        for name, known in strategy.fuzzy_sets.items()
    }
    return strategy.model_copy(update={"fuzzy_sets": sets})


def _differ(before: Any, now: Any, names: tuple[str, ...]) -> bool:
    return any(getattr(before, name) != getattr(now, name) for name in names)


def _carried_if(condition: bool) -> Fate:
    return Fate.CARRIED if condition else Fate.RESET


def _fate_of_schedule(changed: _Changes, now: Strategy) -> Fate:
    same = not changed.training("lr_scheduler", "learning_rate")
    if isinstance(now.training.lr_scheduler, CosineSchedule | OneCycleSchedule):
        same = same and not changed.training("epochs", "batch_size", *DATA_SETTINGS)
        return Fate.CARRIED if same and not changed.root(*DATA) else Fate.NEW_CYCLE
    return _carried_if(same)
