"""Which trials a search has. The request alone says it, except for `tpe`, which learns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    first = {int(trial): value for trial, value in values.items()} | decided.first_values
    tried = tried_of(search, all_of(search, decided), first)
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
    """By number, of the brackets that have begun; where the request alone says which, of all."""
    if not search.learns:
        return search.trials
    return tuple(Trial(number, point) for number, point in sorted(decided.points.items()))


def tried_of(
    search: Search, trials: Iterable[Trial], values: Mapping[int, str]
) -> tuple[Tried, ...]:
    """A trial's value is that of the first rung, by its number: others were not trained further."""
    return tuple(
        Tried(
            number=trial.number,
            point={path: trial.point[path] for path in search.request.order},
            cost=_cost(search, values.get(trial.number)),
        )
        for trial in trials
    )


def _cost(search: Search, value: str | None) -> float | None:
    return cost(search.monitored, float.fromhex(value)) if value else None
