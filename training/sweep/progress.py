"""How far a search has come: a table of its brackets and rungs, and a percent of its epochs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from operations.models import Operation
from operations.selectors import part_counts
from training.sweep.decided import Decided, Phase
from training.sweep.halving import GOES_ON, Standing, best_first
from training.sweep.request import Search, SweepRequest

TRIALS_PERCENT = 99.0
"""The last one is the winner's score."""


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A row of the table."""

    bracket: int
    """From 1."""
    epochs: int
    """Done, where its trials are compared."""
    trials: int
    """Or their trainings, where each has several. That train to it: as planned, until it begins."""
    there: int
    """Of these, those that have come to it, or ended."""
    best: float | None
    """Of those that were compared there; None before."""


def rungs_of(sweep: Operation, decided: Decided) -> list[Rung]:
    """A row for each rung of each bracket, in the order in which they are trained."""
    search = Search(SweepRequest.from_json(sweep.request))
    now = decided.phase
    open_parts = part_counts([sweep])[sweep.pk].open
    return [_rung(search, decided, phase, now, open_parts) for phase in _phases(search)]


def _rung(
    search: Search, decided: Decided, phase: Phase, now: Phase | None, open_parts: int
) -> Rung:
    planned = _planned(search, phase)
    trials = decided.began_with(phase) or planned
    values = decided.values_at(phase)
    is_over = values is not None
    is_now = now is not None and (now.bracket, now.rung) == (phase.bracket, phase.rung)
    there = trials if is_over else max(0, trials - open_parts) if is_now else 0
    return Rung(
        bracket=phase.bracket + 1,
        epochs=search.request.rungs[phase.rung],
        trials=trials,
        there=there,
        best=_best(search, phase, values or {}),
    )


def _best(search: Search, phase: Phase, values: dict[int, str]) -> float | None:
    own = search.numbers(phase.bracket)
    standings = (
        Standing(number=number, value=value) for number, value in values.items() if number in own
    )
    ranked = best_first(standings, search.monitored)
    return float.fromhex(ranked[0].value) if ranked else None


def _phases(search: Search) -> Iterator[Phase]:
    for bracket in range(search.request.brackets):
        for rung in range(len(search.request.rungs)):
            yield Phase(bracket=bracket, rung=rung)


def _planned(search: Search, phase: Phase) -> int:
    """Trainings that go to a rung, if each of them has a value at the ones before."""
    trials = len(search.numbers(phase.bracket))
    for _ in range(phase.rung):
        trials = max(1, trials // GOES_ON)
    return trials * search.request.repeat


def progress_of(search: Search, phase: Phase, awaited: int) -> dict[str, Any]:
    """What is reported where the search begins to wait for so many trials.

    From `percent` to `percent_then` as they come to where they are awaited: `Overview` does it.
    """
    if phase.winner is not None:
        return {"percent": TRIALS_PERCENT, "percent_then": 100.0, "awaited": awaited}
    done, total, own = 0, 0, 0
    for other in _phases(search):
        epochs = _planned(search, other) * _epochs(search, other)
        total += epochs
        if (other.bracket, other.rung) < (phase.bracket, phase.rung):
            done += epochs
        elif (other.bracket, other.rung) == (phase.bracket, phase.rung):
            own = epochs
    share = TRIALS_PERCENT / total
    return {"percent": done * share, "percent_then": (done + own) * share, "awaited": awaited}


def _epochs(search: Search, phase: Phase) -> int:
    """That each trial trains from the rung before."""
    rungs = search.request.rungs
    return rungs[phase.rung] - (rungs[phase.rung - 1] if phase.rung else 0)
