"""What the bars make of a strategy's fuzzy sets. Computed in a process of the bounded room."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType
from typing import Any

import numpy as np

from training.features.arrays import BoolArray, Float32Array, Float64Array
from training.features.history import History
from training.features.learned_sets import as_learned
from training.features.matrix import FeatureColumns
from training.features.memberships import fill_membership
from training.features.plan import Feature, network_inputs, plan_features
from training.launch.preview import GAUSSIAN_LEAST, DrawnSet, SetsOverBars
from training.strategy import Strategy
from training.strategy.fuzzy_sets import Gaussian, Membership

NOTHING_LEARNED: Mapping[str, Any] = MappingProxyType({})
LEARNED = ", learned"
BINS = 48
CURVE_POINTS, OUTER_POINTS = 65, 33
"""Of a Gaussian: so far as it reaches, and of all the axis."""
NARROWEST = 1e-6
"""Of an axis, as a share of its values: NumPy makes no bins that are narrower than a number's last
digit."""
GAUSSIAN_REACH = 3.0
"""In sigma: as far as an axis shows a set that ends nowhere."""


def sets_over_bars(
    strategy: Strategy, histories: Sequence[History], learned: Mapping[str, Any] = NOTHING_LEARNED
) -> tuple[SetsOverBars, ...]:
    """Each indicator of fuzzy sets with the sets on it, over all rows of all symbols.

    `learned` are the `sets` of a model's manifest; each stands before what it has begun at, on the
    same axis.
    """
    features = []
    for column in plan_features(strategy):
        if column.id in learned:
            beside = replace(column, id=f"{column.id}{LEARNED}", fuzzy_set=f"{column.id}{LEARNED}")
            features += as_learned(beside, learned[column.id])
        features += [seen for seen in network_inputs([column]) if seen.membership is not None]
    on_axis: dict[str, list[Membership]] = {}
    for feature in features:
        on_axis.setdefault(feature.fuzzy_set.removesuffix(LEARNED), []).extend(_sets([feature]))
    columns = [FeatureColumns(strategy, history, features) for history in histories]
    kept = [history.whole_windows(1) for history in histories]
    found = []
    for name, group in groupby(features, lambda feature: feature.fuzzy_set):
        of_set = list(group)
        values = [
            own.values(of_set[0], slice(0, whole.size))[whole]
            for own, whole in zip(columns, kept, strict=True)
        ]
        shown = on_axis[name.removesuffix(LEARNED)]
        found.append(_one(name, of_set, np.concatenate(values), shown))
    return tuple(found)


def _sets(features: Sequence[Feature]) -> list[Membership]:
    return [feature.membership for feature in features if feature.membership is not None]


def _one(
    name: str, features: Sequence[Feature], values: Float64Array, shown: Sequence[Membership]
) -> SetsOverBars:
    """`shown` are the memberships that its axis has room for."""
    first, sets = features[0], _sets(features)
    lowest, highest = float(values.min()), float(values.max())
    low, high = axis_of(shown, lowest, highest)
    counts, _ = np.histogram(values, BINS, (low, high))
    of_bars = np.empty((len(sets), values.size), np.float32)
    for membership, out in zip(sets, of_bars, strict=True):
        fill_membership(values, membership, out)
    is_reached = np.array([_is_reached(*each) for each in zip(sets, of_bars, strict=True)])
    return SetsOverBars(
        name=name,
        indicator=f"{first.indicator}.{first.output}" if first.output else first.indicator,
        low=low,
        high=high,
        lowest=lowest,
        highest=highest,
        counts=tuple(counts.tolist()),
        gaps=tuple(gaps_between(sets, lowest, highest)),
        outside=int((~is_reached.any(axis=0)).sum()),
        sets=tuple(
            DrawnSet(
                name=feature.id.removeprefix(f"{name}_"),
                points=_curve(membership, low, high),
                least=GAUSSIAN_LEAST if isinstance(membership, Gaussian) else 0.0,
                reached=int(is_reached[row].sum()),
                mostly=int((of_bars[row] >= 0.5).sum()),
            )
            for row, (feature, membership) in enumerate(zip(features, sets, strict=True))
        ),
    )


def _is_reached(membership: Membership, of_bars: Float32Array) -> BoolArray:
    """[bars]: whether the set says something of each."""
    found: BoolArray = (
        of_bars >= GAUSSIAN_LEAST if isinstance(membership, Gaussian) else of_bars > 0.0
    )
    return found


def _support(membership: Membership) -> tuple[float, float]:
    if isinstance(membership, Gaussian):
        centre, sigma = membership.parameters
        return centre - GAUSSIAN_REACH * sigma, centre + GAUSSIAN_REACH * sigma
    return membership.parameters[0], membership.parameters[-1]


def _reach(membership: Membership) -> tuple[float, float]:
    """Where it begins and ends to say something."""
    if isinstance(membership, Gaussian):
        centre, sigma = membership.parameters
        far = sigma * math.sqrt(-2 * math.log(GAUSSIAN_LEAST))
        return centre - far, centre + far
    return _support(membership)


def axis_of(sets: Sequence[Membership], lowest: float, highest: float) -> tuple[float, float]:
    """The bars and the sets; of sets far away not more than as much again on each side.

    Wide enough for its bins where the bars differ by less than their last digits.
    """
    span = max(highest - lowest, NARROWEST * max(abs(lowest), abs(highest))) or 1.0
    ends = [end for membership in sets for end in _support(membership)]
    low = max(min(lowest, *ends), lowest - span)
    high = min(max(highest, *ends), highest + span)
    return (low, high) if high - low >= span else (low - span, high + span)


def _curve(membership: Membership, low: float, high: float) -> tuple[tuple[float, float], ...]:
    """Value and membership, computed as for a training; an edge that falls at once has both."""
    if isinstance(membership, Gaussian):
        near = np.linspace(*_support(membership), CURVE_POINTS)
        values = np.unique(np.concatenate([near, np.linspace(low, high, OUTER_POINTS)]))
    else:
        corners = np.array(membership.parameters, np.float64)
        beside = np.nextafter(corners[[0, -1]], [-np.inf, np.inf])
        values = np.unique(np.concatenate([corners, beside, [low, high]]))
    values = values[(values >= low) & (values <= high)]
    out = np.empty(values.size, np.float32)
    fill_membership(values, membership, out)
    return tuple(zip(values.tolist(), out.tolist(), strict=True))


def gaps_between(
    sets: Sequence[Membership], lowest: float, highest: float
) -> Iterator[tuple[float, float]]:
    """Where the bars go and no set says something of them."""
    reached = lowest
    ends = sorted(_reach(membership) for membership in sets)
    for begin, end in [*ends, (highest, highest)]:
        if begin > reached:
            yield reached, min(begin, highest)
        reached = max(reached, end)
        if reached >= highest:
            return
