"""What a search has decided is decided again by each later attempt, and has to come out the same.

A decision is recorded with what it was made on. Where a worker has other code than the one that
made it, what that code would decide may differ, and no search is the work of two.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from training.canonical import json_digest
from training.errors import DecidedOtherwise
from training.sweep.decided import Decided, Phase
from training.sweep.halving import Standing, best_first, going_on
from training.sweep.request import Search, Trial

CHOSEN = "chosen"
"""In the event of a decision: who went on, by number."""
POINTS_DIGEST = "points_sha256"
"""Of a bracket's trials, in the event of its beginning."""


def points_digest(trials: Sequence[Trial]) -> str:
    return json_digest([[trial.number, trial.point] for trial in trials])


def require_the_same(search: Search, decided: Decided) -> None:
    """Raises `DecidedOtherwise`: then nothing is decided on it."""
    for told in decided.told:
        for what in _differing(search, told):
            raise DecidedOtherwise(what=what)


def _differing(search: Search, told: Mapping[str, Any]) -> Iterator[str]:
    phase = Phase.from_json(told)
    is_drawn = POINTS_DIGEST in told and not search.learns
    if is_drawn and points_digest(search.bracket(phase.bracket)) != told[POINTS_DIGEST]:
        yield f"the points of bracket {phase.bracket + 1}"
    if CHOSEN in told and _chosen(search, phase, told["values"]) != told[CHOSEN]:
        epochs = search.request.rungs[phase.rung - (phase.winner is None)]
        yield f"who goes on from the rung at {epochs:,} in bracket {phase.bracket + 1}"


def _chosen(search: Search, phase: Phase, values: Mapping[str, str]) -> list[int]:
    standings = [Standing(number=int(number), value=value) for number, value in values.items()]
    ranked = best_first if phase.winner is not None else going_on
    better = [standing.number for standing in ranked(standings, search.monitored)]
    return better[:1] if phase.winner is not None else sorted(better)
