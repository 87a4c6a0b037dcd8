"""Points suggested by what earlier trials came to: the tree-structured Parzen estimator of Optuna.

(Bergstra and others 2011, "Algorithms for Hyper-Parameter Optimization".) A suggestion is a
function of the search's seed, its number and the trials before it: each is drawn by a sampler of
its own, from a study that is made of those trials in the order of their numbers. The estimator is
not independent of that order. The only module that imports Optuna.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import PedAnovaImportanceEvaluator
from optuna.trial import FrozenTrial, TrialState, create_trial

from training.canonical import json_digest
from training.sweep.samplers import Point, number_of, random_point, unseen
from training.sweep.space import Choice, FloatRange, IntRange, LogRange, Space, Values
from training.sweep.tried import Tried

VERSION = f"Optuna {optuna.__version__}"
LEARNS_FROM = 10
"""Before so many trials a point is drawn as by `random`."""
REMEMBERED = 125
"""So many of the best trials and so many of the newest: a suggestion takes milliseconds."""
MOST_RUNNING = 2 * REMEMBERED
SEEDS = 2**32

optuna.logging.set_verbosity(optuna.logging.WARNING)


def suggestions(
    space: Space, *, seed: int, numbers: Sequence[int], tried: Sequence[Tried]
) -> Iterator[Point]:
    """A bracket's points, by number; of the trials before it, and of these, none comes again."""
    distributions = {path: _distribution(values) for path, values in space.settings.items()}
    learned = [_finished(trial, cost, space, distributions) for trial, cost in remembered(tried)]
    running: list[FrozenTrial] = []
    seen = {json_digest(trial.point) for trial in tried}

    def draw(space: Space, seed: int, number: int, redraw: int) -> Point:
        if len(learned) < LEARNS_FROM:
            return random_point(space, seed, number, redraw)
        known = [*learned, *running[-MOST_RUNNING:]]
        return _suggested(space, distributions, known, seed=_seed(seed, number, redraw))

    for number in numbers:
        point = unseen(draw, space, seed, number, seen)
        seen.add(json_digest(point))
        running.append(_running(point, space, distributions))
        yield point


def importance(space: Space, tried: Sequence[Tried]) -> list[tuple[str, float]]:
    """How much it mattered for being among the better trials what a setting was: shares of 1, the
    largest first.

    By the divergence of the best tenth's values from all values (PED-ANOVA: Watanabe and others
    2023, "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary Subspaces").
    Empty for fewer than ten trials with a value, or where all values are the same.
    """
    known = [trial for trial in tried if trial.cost is not None]
    if len(known) < LEARNS_FROM or len({trial.cost for trial in known}) == 1:
        return []
    distributions = {path: _distribution(values) for path, values in space.settings.items()}
    study = optuna.create_study()
    study.add_trials([_finished(trial, trial.cost or 0.0, space, distributions) for trial in known])
    found = PedAnovaImportanceEvaluator().evaluate(study)
    total = sum(found.values())
    if not total > 0:
        return []
    shares = ((path, float(share / total)) for path, share in found.items())
    return sorted(shares, key=lambda share: (-share[1], share[0]))


def remembered(tried: Sequence[Tried]) -> list[tuple[Tried, float]]:
    """By number, with what each is learned by; none where no trial has a value."""
    costs = [trial.cost for trial in tried if trial.cost is not None]
    if not costs:
        return []
    worst = max(costs)
    told = {trial.number: worst if trial.cost is None else trial.cost for trial in tried}
    best = sorted(told, key=lambda number: (told[number], number))[:REMEMBERED]
    kept = {*best, *sorted(told)[-REMEMBERED:]}
    by_number = sorted(tried, key=lambda trial: trial.number)
    return [(trial, told[trial.number]) for trial in by_number if trial.number in kept]


def _suggested(
    space: Space,
    distributions: Mapping[str, BaseDistribution],
    known: Sequence[FrozenTrial],
    *,
    seed: int,
) -> Point:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.add_trials(known)
    params = study.ask(dict(distributions)).params
    return {path: _value(values, params[path]) for path, values in space.settings.items()}


def _seed(seed: int, number: int, redraw: int) -> int:
    return number_of("tpe", seed, number, redraw) % SEEDS


def _distribution(values: Values) -> BaseDistribution:
    match values:
        case Choice(values=named):
            return CategoricalDistribution(range(len(named)))
        case IntRange(low=low, high=high):
            return IntDistribution(low, high)
        case FloatRange(low=lowest, high=highest):
            return FloatDistribution(lowest, highest, log=isinstance(values, LogRange))
    raise TypeError(f"no distribution is known for {values}")


def _value(values: Values, param: Any) -> Any:
    return values.values[param] if isinstance(values, Choice) else param


def _params(point: Point, space: Space) -> dict[str, Any]:
    return {path: _param(values, point[path]) for path, values in space.settings.items()}


def _param(values: Values, value: Any) -> Any:
    """A choice is known by its place: what it is may be a list."""
    return values.place_of(value) if isinstance(values, Choice) else value


def _finished(
    trial: Tried, cost: float, space: Space, distributions: Mapping[str, BaseDistribution]
) -> FrozenTrial:
    params = _params(trial.point, space)
    return create_trial(params=params, distributions=dict(distributions), value=cost)


def _running(
    point: Point, space: Space, distributions: Mapping[str, BaseDistribution]
) -> FrozenTrial:
    """Suggested a moment ago: the next ones keep away from it."""
    return create_trial(
        state=TrialState.RUNNING,
        params=_params(point, space),
        distributions=dict(distributions),
    )
