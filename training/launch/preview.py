"""What a training would learn from, before it is started; computed in the room for bounded work."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations.access import permissions
from operations.access.permissions import Permission
from operations.bounded.errors import NoAnswer, OverLimit
from operations.bounded.visit import Visit
from operations.bounded.work import Work
from training.bounded_work import PREVIEW, ROOM, TYPED_SETS
from training.errors import PreviewFailed
from training.launch.start import StartRequest, check_request


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the split."""

    name: str
    samples: int
    first: str
    """Open of the first sample's bar, UTC."""
    last: str
    balance: Mapping[str, int]
    """Samples by class; empty for a regression."""


GAUSSIAN_LEAST = 0.01
"""The least membership that counts of a Gaussian, which is above 0 everywhere."""


@dataclass(frozen=True, kw_only=True)
class DrawnSet:
    """A membership function, and how many bars it says something of."""

    name: str
    points: Sequence[tuple[float, float]]
    """Value and membership, by value; straight in between."""
    least: float
    """`GAUSSIAN_LEAST` of a Gaussian, else 0."""
    reached: int
    """Bars of which it says something: on which it is above 0, and not below `least`."""
    mostly: int
    """Bars on which it is at least a half."""


@dataclass(frozen=True, kw_only=True)
class SetsOverBars:
    """A fuzzy set's memberships, and a histogram of what they are of."""

    name: str
    """`1d_momentum`"""
    indicator: str
    low: float
    high: float
    """Of the axis: from the first to the last bin."""
    lowest: float
    highest: float
    """Of the bars."""
    counts: Sequence[int]
    """Bars in each bin, all of one width."""
    gaps: Sequence[tuple[float, float]]
    """Between `lowest` and `highest`, where no set says anything."""
    outside: int
    """Bars of which no set does."""
    sets: Sequence[DrawnSet]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SetsOverBars":
        return cls(**{**data, "sets": tuple(DrawnSet(**given) for given in data["sets"])})


@dataclass(frozen=True, kw_only=True)
class LabelledPrice:
    """A symbol's rows, thinned to what a screen tells apart."""

    symbol: str
    timeframe: str
    bars: int
    bars_each: int
    """So many are drawn as one."""
    times: Sequence[int]
    """Opens of the first of each, Unix seconds."""
    low: Sequence[float]
    high: Sequence[float]
    close: Sequence[float]
    parts: Sequence[tuple[str, int, int]]
    """Runs of each part: its name, first and last bar."""
    labels: Sequence[Sequence[int]]
    """By class number: how many of the bars drawn as one have that label; empty of a regression."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "LabelledPrice":
        return cls(**data)


@dataclass(frozen=True, kw_only=True)
class Preview:
    rows: int
    """Bars of all symbols on which every feature has settled; not every row is a sample."""
    symbols: tuple[str, ...]
    feature_ids: tuple[str, ...]
    sequence_length: int
    """Rows that the network sees at once."""
    parts: tuple[Part, ...]
    symbol_samples: Mapping[str, Mapping[str, int]]
    """By symbol, then part."""
    outside_range: Mapping[str, Mapping[str, Mapping[str, float]]]
    """Shares of rows outside the training rows' range: by symbol, raw input and later part."""
    fuzzy_sets: tuple[SetsOverBars, ...]
    prices: tuple[LabelledPrice, ...]
    """Of the first symbols."""
    warnings: tuple[str, ...]
    subject: str
    """What was previewed, as `subject_of` names it."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Preview":
        """From what `asdict` and JSON made of one."""
        lists = {name: tuple(data[name]) for name in ("symbols", "feature_ids", "warnings")}
        parts = tuple(Part(**part) for part in data["parts"])
        fuzzy_sets = tuple(SetsOverBars.from_json(given) for given in data["fuzzy_sets"])
        prices = tuple(LabelledPrice.from_json(given) for given in data["prices"])
        drawn = {"fuzzy_sets": fuzzy_sets, "prices": prices}
        return cls(**{**data, **lists, "parts": parts, **drawn})


def run_preview(
    request: StartRequest, *, user: AbstractBaseUser | AnonymousUser, visit: Visit | None = None
) -> Preview:
    """Prepare the request's features, which its worker on this machine then finds in the cache.

    Of one user's previews the newest counts: it ends the one before.

    Raises `NotPermitted`, as `check_request`, as `Room.run`, and `PreviewFailed`: it would take too
    much or, `PreviewRefused`, the data do not fit.
    """
    permissions.require(user, Permission.START)
    check_request(request)
    try:
        found = _run(PREVIEW, request, user, visit)
    except OverLimit as error:
        raise PreviewFailed(
            reason=f"The preview was stopped, for {error.reason}, at this step: {error.step}. The "
            "training can be started all the same: a worker takes its time."
        ) from error
    return Preview.from_json(found)


def sets_as_typed(
    request: StartRequest, *, user: AbstractBaseUser | AnonymousUser, visit: Visit | None = None
) -> tuple[SetsOverBars, ...]:
    """The fuzzy sets of a preview alone, which take no features, labels or parts.

    Of one user's the newest counts. Raises `NotPermitted`, as `Room.run`, and `PreviewFailed` or,
    of a text or bars that do not do, `PreviewRefused`.
    """
    permissions.require(user, Permission.START)
    try:
        found = _run(TYPED_SETS, request, user, visit)
    except OverLimit as error:
        raise PreviewFailed(
            reason=f"Drawing them as you type was stopped: {error.reason}. Preview draws them."
        ) from error
    return tuple(SetsOverBars.from_json(given) for given in found)


def _run(
    work: Work, request: StartRequest, user: AbstractBaseUser | AnonymousUser, visit: Visit | None
) -> Any:
    """Raises as `Room.run`, but for `NoAnswer`, which is a `PreviewFailed`."""
    try:
        return ROOM.run(work, {"request": asdict(request)}, user=user.pk, visit=visit or Visit())
    except NoAnswer as error:
        raise PreviewFailed(
            reason="The preview ended without a result; the site's log says why."
        ) from error
