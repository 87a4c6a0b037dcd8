"""Which trials a search has. The request alone says it, except for `tpe`, which learns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from training.errors import CodeChanged
from training.strategy.training_settings import cost
from training.sweep.decided import Decided
from training.sweep.request import Search, Trial
from training.sweep.tried import Tried


def of_bracket(
    search: Search, bracket: int, decided: Decided, values: Mapping[str, str]
) -> Iterator[Trial]:
    """Those of a bracket that begins; `values` is what was compared since the last decision.

    Raises `CodeChanged`.
    """
    if not search.learns:
        yield from search.bracket(bracket)
        return
    from training.sweep import tpe  # a third of a second, for those who ask for it

    if decided.suggested_by not in (None, tpe.VERSION):
        raise CodeChanged(then=decided.suggested_by, now=tpe.VERSION)
    numbers = search.numbers(bracket)
    tried = tuple(_tried(search, decided, values))
    points = tpe.suggestions(search.space, seed=search.request.seed, numbers=numbers, tried=tried)
    for number, point in zip(numbers, points, strict=True):
        yield Trial(number, point)


def to_keep(search: Search, trials: Sequence[Trial]) -> dict[str, Any]:
    """Of a bracket's points, for the event of its beginning; nothing where a request has them."""
    if not search.learns:
        return {}
    from training.sweep import tpe

    points = {str(trial.number): trial.point for trial in trials}
    return {"points": points, "suggested_by": tpe.VERSION}


def all_of(search: Search, decided: Decided) -> tuple[Trial, ...]:
    """By number, when the last bracket has begun."""
    if not search.learns:
        return search.trials
    return tuple(Trial(number, point) for number, point in sorted(decided.points.items()))


def _tried(search: Search, decided: Decided, values: Mapping[str, str]) -> Iterator[Tried]:
    """By number. A trial's value is that of the first rung: others were not trained further."""
    monitored = search.monitored
    first = {int(number): value for number, value in values.items()} | decided.first_values
    for number, point in sorted(decided.points.items()):
        value = first.get(number)
        yield Tried(
            number=number,
            point={path: point[path] for path in search.request.order},
            cost=cost(monitored, float.fromhex(value)) if value else None,
        )
