"""One strategy with several seeds: one seed's result on a few hundred bars is noise. Torch-free."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from operations.models import Operation
from training.canonical import json_digest
from training.errors import StartInvalid
from training.launch.request import TrainingRequest
from training.launch.start import StartRequest, prepare_start, start_prepared
from training.models import TrainedModel

MOST_SEEDS = 100


@dataclass(frozen=True, kw_only=True)
class Spread:
    """One metric of the test part over the seeds that have completed."""

    mean: float
    deviation: float | None
    """Deviation of a sample, so with n - 1; None for a single seed."""
    count: int


@dataclass(frozen=True, kw_only=True)
class SeedStatistics:
    operations: list[str]
    """Every operation of the lineage that differs in its seed only."""
    completed: int
    metrics: dict[str, Spread]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def start_seeds(
    request: StartRequest, *, seeds: int, owner: AbstractBaseUser | None = None
) -> list[Operation]:
    """Start one lineage of `seeds` operations that differ in the seed only, and name it.

    Every one is checked before the first is made, and all stand on the same bars. Raises as
    `start_training` does.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        fault = {"pointer": "#/seeds", "detail": f"must be 1 to {MOST_SEEDS}"}
        raise StartInvalid([fault])
    prepared = prepare_start(request, owner=owner)
    each = [prepared.with_seed(prepared.seed + offset) for offset in range(seeds)]
    first = start_prepared(each[0])
    return [first, *(start_prepared(other, lineage=first.lineage) for other in each[1:])]


def seed_statistics(operation: Operation) -> SeedStatistics | None:
    """Over its owner's part of its lineage; None where no other one differs in the seed only."""
    relatives = Operation.objects.filter(
        operation_type=operation.operation_type,  # what analyses a model is of its lineage, too
        lineage=operation.lineage,
        owner_id=operation.owner_id,
    )
    requests = dict(relatives.values_list("pk", "request"))
    if len(requests) < 2:
        return None
    alike = _compared(operation.request)
    ids = sorted(pk for pk, request in requests.items() if _compared(request) == alike)
    if len(ids) < 2:
        return None
    models = TrainedModel.objects.filter(operation_id__in=ids)
    tests = list(models.values_list("evaluation__metrics", flat=True))
    return SeedStatistics(operations=ids, completed=len(tests), metrics=spreads(tests))


def spreads(tests: Iterable[Mapping[str, Any]]) -> dict[str, Spread]:
    """Of each metric of test parts that is a finite number; by name."""
    values: dict[str, list[float]] = {}
    for metrics in tests:
        for name, value in metrics.items():
            is_moment = name.endswith("_at")  # when an account was ruined has no mean
            if isinstance(value, int | float) and math.isfinite(value) and not is_moment:
                values.setdefault(name, []).append(value)
    return {name: _spread(found) for name, found in sorted(values.items())}


def _spread(values: list[float]) -> Spread:
    mean, count = fmean(values), len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    deviation = math.sqrt(squares / (count - 1)) if count > 1 else None
    return Spread(mean=mean, deviation=deviation, count=count)


def shared_name(name: str) -> str:
    """Of one of several seeds: what all of them are called."""
    return re.sub(r", seed \d+$", "", name)


def without_seed(operation: Operation) -> str:
    """Equal of operations that differ in their seed only."""
    return json_digest(_compared(operation.request))


def _compared(asked: Mapping[str, Any]) -> list[Any]:
    """What of a request is the same with another seed."""
    request = TrainingRequest.from_json(asked)
    strategy = dict(request.strategy)
    settings = dict(strategy.pop("training", {}))
    settings.pop("seed", None)
    origin = request.origin and request.origin.operation_id
    return [strategy, settings, request.data, origin]
