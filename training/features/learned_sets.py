"""Fuzzy sets whose memberships are learned, in float64: the file's, and how far each has moved.

A column holds u = (value - middle) / half of an indicator, `middle` and `half` those of the range
in which the file's memberships lie: one rate of learning means the same for an RSI and a price.
Of each membership one parameter moves its peak, by supports of the file's; one for each part that
has a width (flanks, half the plateau, or sigma) stretches it, as a power of e. At 0 they are the
file's to the bit: corners are the file's plus how far they moved.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.features.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from training.features.memberships import fill_gaussian, fill_trapezoidal
from training.features.plan import Feature, network_inputs, of_column
from training.strategy.fuzzy_sets import FuzzySet, Gaussian, Learning, Membership, Trapezoidal
from training.strategy.learnable import range_of

FARTHEST = 10_000.0
"""Values of a column are clipped there: every membership is 0 long before."""
MOST_STRETCH = math.log(10.0)
"""Of a part's width, to a tenth or to ten times the file's."""
SAME_PEAK = 1e-6
"""In u: peaks that are nearer count as one, between which no order has to be kept."""
INWARDS = 2
"""Steps of float32 by which a bound is moved towards 0, so that rounding never crosses it."""

ABSENT = -1
PARTS = 3  # left flank, half the plateau, right flank; of a gaussian sigma and nothing else


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Memberships of several columns as arrays, [memberships] each; lengths in u."""

    column: Int64Array
    is_gaussian: BoolArray
    corners: Float64Array
    """[memberships, 4]; of a gaussian its centre four times."""
    support: Float64Array
    widths: Float64Array
    """[memberships, 3], 0 where a part has no width."""
    shift: Int64Array
    """Which parameter moves it."""
    stretch: Int64Array
    """Which parameters stretch its parts, [memberships, 3]; `ABSENT` where there is none."""
    low: Float32Array
    """[parameters]: the least value of each."""
    high: Float32Array
    rate: Float32Array
    """[parameters]: of its fuzzy set's `learn`."""
    pull: Float32Array

    @property
    def num_parameters(self) -> int:
        return self.low.size


def scale_of(learned: FuzzySet) -> tuple[float, float]:
    """`middle` and `half` of a column."""
    return range_of(learned.memberships.values())


def layout_of(features: Sequence[Feature]) -> Layout:
    """Every learned membership of some columns, parameters in the same order."""
    column, shapes, shift, stretch = [], [], [], []
    bounds: list[tuple[float, float]] = []
    settings: list[Learning] = []
    for number, feature in enumerate(features):
        if feature.learned is None or feature.learned.learn is None:
            continue
        members = [_in_u(one, feature.learned) for one in feature.learned.memberships.values()]
        for shape, (lowest, highest) in zip(members, _shifts(members), strict=True):
            column.append(number)
            shapes.append(shape)
            shift.append(len(bounds))
            bounds.append((lowest, highest))
            own = []
            for width in shape.widths:
                own.append(len(bounds) if width > 0.0 else ABSENT)
                if width > 0.0:
                    bounds.append((-MOST_STRETCH, MOST_STRETCH))
            stretch.append(tuple(own))
        settings += [feature.learned.learn] * (len(bounds) - len(settings))
    return Layout(
        column=np.array(column, np.int64),
        is_gaussian=np.array([shape.is_gaussian for shape in shapes], np.bool_),
        corners=np.array([shape.corners for shape in shapes]).reshape(-1, 4),
        support=np.array([shape.support for shape in shapes]),
        widths=np.array([shape.widths for shape in shapes]).reshape(-1, PARTS),
        shift=np.array(shift, np.int64),
        stretch=np.array(stretch, np.int64).reshape(-1, PARTS),
        low=-_inwards(-low for low, _ in bounds),
        high=_inwards(high for _, high in bounds),
        rate=np.array([learn.rate for learn in settings], np.float32),
        pull=np.array([learn.pull for learn in settings], np.float32),
    )


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """A membership in u."""

    is_gaussian: bool
    corners: tuple[float, float, float, float]
    peak: float
    support: float
    widths: tuple[float, float, float]


def _in_u(membership: Membership, learned: FuzzySet) -> _Shape:
    """Corners are rounded as the column is: a value on a hard edge stays on it."""
    middle, half = scale_of(learned)

    def rounded(value: float) -> float:
        return float(np.float32((value - middle) / half))

    if isinstance(membership, Gaussian):
        a = b = c = d = rounded(membership.peak)
        widths = membership.widths[0] / half, 0.0, 0.0
        support = 4.0 * widths[0]
    else:
        a, b, c, d = map(rounded, membership.corners)
        widths = b - a, (c - b) / 2.0, d - c
        support = d - a
    return _Shape(
        is_gaussian=isinstance(membership, Gaussian),
        corners=(a, b, c, d),
        peak=(b + c) / 2.0,
        support=support,
        widths=widths,
    )


def _shifts(shapes: Sequence[_Shape]) -> list[tuple[float, float]]:
    """How far each peak may move, in supports: to the middle between it and the next ones, and half
    a support on a side that has none."""
    found = []
    for shape in shapes:
        away = [other.peak - shape.peak for other in shapes]
        below = max((by for by in away if by < -SAME_PEAK), default=-shape.support)
        above = min((by for by in away if by > SAME_PEAK), default=shape.support)
        found.append((below / 2.0 / shape.support, above / 2.0 / shape.support))
    return found


def _inwards(bounds: Iterable[float]) -> Float32Array:
    """Bounds of at least 0 in float32, each a little nearer to 0."""
    rounded = np.array(list(bounds), np.float32)
    for _ in range(INWARDS):
        rounded = np.nextafter(rounded, np.float32(0.0))
    return rounded


def moved_corners(layout: Layout, parameters: Float32Array) -> Float64Array:
    """The corners that parameters stand for, [memberships, 4] in u; of a gaussian centre, sigma,
    and both again."""
    known = np.append(parameters.astype(np.float64), 0.0)  # the last one is of what is absent
    moved = layout.support * known[layout.shift]
    stretched = layout.widths * np.expm1(known[layout.stretch])
    left, half, right = stretched.T
    a, b, c, d = layout.corners.T
    straight = a + (moved - half - left), b + (moved - half), c + (moved + half)
    corners = np.stack([*straight, d + (moved + half + right)], axis=1)
    bell = np.stack([b + moved, layout.widths[:, 0] + left] * 2, axis=1)
    return np.where(layout.is_gaussian[:, None], bell, corners)


def learned_memberships(
    features: Sequence[Feature], parameters: Float32Array
) -> dict[str, dict[str, Any]]:
    """What a bundle says of each learned column, by its id.

    `middle` and `half` of the column; of each membership the `type`, gaussian or trapezoidal,
    `parameters` in the indicator's units, unrounded, and the same as `in_column`, in the column's.
    """
    layout = layout_of(features)
    corners = moved_corners(layout, parameters)
    moved = corners - moved_corners(layout, np.zeros_like(parameters))
    rows = iter(zip(corners.tolist(), moved.tolist(), strict=True))
    found = {}
    for feature in features:
        if feature.learned is not None:
            middle, half = scale_of(feature.learned)
            members = [
                {"name": name, **_told(membership, half, *next(rows))}
                for name, membership in feature.learned.memberships.items()
            ]
            found[feature.id] = {"middle": middle, "half": half, "memberships": members}
    return found


def kind_and_lengths(membership: Membership) -> tuple[str, tuple[float, ...]]:
    """As it is told: centre and sigma, or four corners; a triangle has a plateau without width."""
    if isinstance(membership, Gaussian):
        return "gaussian", tuple(membership.parameters)
    return "trapezoidal", tuple(membership.corners)


def _told(
    membership: Membership, half: float, corners: Sequence[float], moved: Sequence[float]
) -> dict[str, Any]:
    kind, file = kind_and_lengths(membership)
    return {
        "type": kind,
        "parameters": [value + half * by for value, by in zip(file, moved, strict=False)],
        "in_column": list(corners[: len(file)]),
    }


def as_learned(column: Feature, told: Mapping[str, Any]) -> list[Feature]:
    """Features for the memberships of a learned column; `told` as `learned_memberships` has it."""
    kinds: dict[str, type[Gaussian | Trapezoidal]]
    kinds = {"gaussian": Gaussian, "trapezoidal": Trapezoidal}
    memberships = {
        one["name"]: kinds[one["type"]](type=one["type"], parameters=one["parameters"])
        for one in told["memberships"]
    }
    return list(of_column(column, memberships))


class Inputs:
    """What a network sees of columns while no set has been learned: the memberships of the file."""

    def __init__(self, columns: Sequence[Feature]) -> None:
        self.features = network_inputs(columns)
        """[inputs]"""
        self._columns = columns
        self._layout = layout = layout_of(columns)
        self._corners = moved_corners(layout, np.zeros(layout.num_parameters, np.float32)).tolist()

    def __call__(self, block: Float32Array) -> Float32Array:
        """[rows, columns] to [rows, inputs]: itself where no set is learned."""
        if not self._corners:
            return block
        seen = np.empty((len(block), len(self.features)), np.float32)
        place = row = 0
        for column, feature in enumerate(self._columns):
            if feature.learned is None:
                seen[:, place] = block[:, column]
                place += 1
                continue
            values = block[:, column].astype(np.float64)
            for _ in feature.learned.memberships:
                a, b, c, d = self._corners[row]
                if self._layout.is_gaussian[row]:
                    fill_gaussian(values, a, b, seen[:, place])
                else:
                    fill_trapezoidal(values, a, b, c, d, seen[:, place])
                place, row = place + 1, row + 1
        return seen
