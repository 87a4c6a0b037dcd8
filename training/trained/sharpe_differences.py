"""How far apart the Sharpe ratios of trained models are, pair by pair. Free of torch.

On bars that both were tested on, from the returns in their bundles, by the paired test; else as if
the two were independent, from their single errors.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from operations.errors import StorageUnavailable
from training.errors import ModelDamaged
from training.evaluation import returns
from training.evaluation.backtest import bars_per_year
from training.evaluation.notes import TOLD_APART
from training.evaluation.paired import FEWEST, paired_test
from training.models import ModelArtifact, TrainedModel
from training.trained.stored_models import verified_chunks

EACH_PAIR = 5
"""Twenty models have 190 pairs: nobody reads them, and the test of each takes time."""

Series = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Times and net returns of a test part."""


@dataclass(frozen=True, kw_only=True)
class SharpeDifference:
    """The difference of two models, the first less the second; ratios and errors are annual."""

    first: TrainedModel
    second: TrainedModel
    difference: float
    standard_error: float
    p_value: float | None
    """Probability by the paired test; None where the errors were combined as if independent."""
    basis: str
    """What it was computed from, in words."""

    @property
    def is_told_apart(self) -> bool:
        return abs(self.difference) >= TOLD_APART * self.standard_error


def sharpe_differences(models: Sequence[TrainedModel]) -> list[SharpeDifference]:
    """The differences of the models that have a ratio; one query, and a file of each.

    Of `EACH_PAIR` models at most of every two; of more, of the best and each of the others.
    """
    rated = [model for model in models if _metric(model, "sharpe") is not None]
    if len(rated) < 2:
        return []
    read = _read(rated)
    pairs = combinations(rated, 2) if len(rated) <= EACH_PAIR else _with_best(rated)
    return [found for first, second in pairs if (found := _difference(first, second, read))]


def _with_best(rated: Sequence[TrainedModel]) -> Iterator[tuple[TrainedModel, TrainedModel]]:
    best = max(rated, key=lambda model: _metric(model, "sharpe") or 0.0)
    return ((best, model) for model in rated if model is not best)


def _difference(
    first: TrainedModel, second: TrainedModel, read: Mapping[int, Series | str]
) -> SharpeDifference | None:
    of_first, of_second = read[first.pk], read[second.pk]
    if isinstance(of_first, str) or isinstance(of_second, str):
        why = of_first if isinstance(of_first, str) else str(of_second)
        return _independent(first, second, why)
    if _timeframe(first) != _timeframe(second):
        return _independent(first, second, "their bars are of different lengths")
    return _paired(first, second, of_first, of_second)


def _paired(
    first: TrainedModel, second: TrainedModel, of_first: Series, of_second: Series
) -> SharpeDifference | None:
    times, mine, theirs = np.intersect1d(
        of_first[0], of_second[0], assume_unique=True, return_indices=True
    )
    if len(times) < FEWEST:
        return _independent(first, second, f"they share {len(times)} bars")
    here, there = of_first[1][mine], of_second[1][theirs]
    tested = paired_test(here, there, per_year=bars_per_year(times))
    if tested is None:
        return _independent(first, second, "on the bars that they share there is nothing to test")
    return SharpeDifference(
        first=first,
        second=second,
        difference=tested.difference,
        standard_error=tested.standard_error,
        p_value=tested.p_value,
        basis=f"in pairs, on the {tested.observations:,} bars that both have",
    )


def _independent(first: TrainedModel, second: TrainedModel, why: str) -> SharpeDifference | None:
    """From the single errors: √2 times theirs where they are equal."""
    ratios, errors = (
        [_metric(model, name) for model in (first, second)]
        for name in ("sharpe", "sharpe_standard_error")
    )
    known = [value for value in (*ratios, *errors) if value is not None]
    if len(known) < 4:
        return None
    one, other, *of_each = known
    return SharpeDifference(
        first=first,
        second=second,
        difference=one - other,
        standard_error=math.hypot(*of_each),
        p_value=None,
        basis=f"as if independent: {why}",
    )


def _read(models: Sequence[TrainedModel]) -> dict[int, Series | str]:
    """Each model's returns, or why there are none, by its number."""
    wanted = ModelArtifact.objects.filter(trained_model__in=models, name=returns.FILE)
    files = {artifact.trained_model_id: artifact for artifact in wanted}
    return {model.pk: _returns(model, files.get(model.pk)) for model in models}


def _returns(model: TrainedModel, file: ModelArtifact | None) -> Series | str:
    if file is None:
        return f"model {model.pk} is of a version that kept no returns"
    try:
        return returns.from_bytes(b"".join(verified_chunks(model, file)))
    except (ModelDamaged, StorageUnavailable, ValueError):
        return f"the returns of model {model.pk} cannot be read now"


def _metric(model: TrainedModel, name: str) -> float | None:
    value: float | None = model.evaluation["metrics"].get(name)
    return value


def _timeframe(model: TrainedModel) -> str:
    timeframes: dict[str, str] = model.strategy["training_data"]["timeframes"]
    return timeframes.get("base_timeframe") or timeframes["timeframe"]
