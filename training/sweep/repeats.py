"""Trials that are trained several times, with a seed each: compared by their mean."""

from collections.abc import Iterable
from math import fsum

from operations.models import Operation
from training.sweep.halving import Standing
from training.sweep.request import Search

MOST_REPEATS = 100


def by_trial(search: Search, parts: Iterable[Operation]) -> dict[int, list[Operation]]:
    """The trainings of each trial, by number, in the order of their seeds."""
    found: dict[int, list[Operation]] = {}
    for part in sorted(parts, key=lambda part: part.part_number or 0):
        found.setdefault(search.trial_of(part.part_number or 0), []).append(part)
    return found


def standings(search: Search, parts: Iterable[Operation]) -> list[Standing]:
    """Of each trial that any of these is of."""
    return [
        Standing(number=number, value=value_of(search, own))
        for number, own in by_trial(search, parts).items()
    ]


def value_of(search: Search, own: Iterable[Operation]) -> str:
    """The mean of a trial's trainings, as `float.hex`; empty where one of them has no value."""
    return mean_of(search, (part.part_value for part in own))


def mean_of(search: Search, part_values: Iterable[str]) -> str:
    values = [float.fromhex(value) for value in part_values if value]
    is_whole = len(values) == search.request.repeat
    return (fsum(values) / len(values)).hex() if is_whole else ""
