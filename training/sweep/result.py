"""What came of a search: its winner, every trial, and one digest over all of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from operations.models import Metric, Operation, PartEnd, Status
from training.canonical import json_digest
from training.sweep.decided import Decided
from training.sweep.overfitting import overfitting_of
from training.sweep.repeats import by_trial, value_of
from training.sweep.request import Search, Trial
from training.sweep.suggested import all_of, tried_of

RESULTS = (Status.COMPLETED, PartEnd.OUT_AT_RUNG)
"""How a training ends whose value counts."""
State = tuple[int, str]
"""How many epochs were trained, and the digest of the state there."""


def result_of(
    search: Search, decided: Decided, parts: Sequence[Operation], winner: Operation
) -> dict[str, Any]:
    """Plain JSON; equal searches have equal digests, whatever happened to them on their way."""
    of_trials = by_trial(search, parts)
    states, refused = _states(parts), decided.refused
    trials = [
        _told(search, trial, of_trials[trial.number], states)
        if trial.number in of_trials
        else _not_trained(trial, refused.get(trial.number, ""))
        for trial in all_of(search, decided)
    ]
    assert winner.result is not None
    number = search.trial_of(winner.part_number or 0)
    won = {name: winner.result[name] for name in ("weights_sha256", "state_digest")}
    return {
        "winner": number,
        "winner_id": winner.pk,
        "settings": trials[number - 1]["settings"],
        "value": float.fromhex(trials[number - 1]["value"]),
        "monitor": search.monitored,
        **won,
        "trials": trials,
        "importance": _importance(search, decided),
        "overfitting": overfitting_of(of_trials, winner),
        "digest": json_digest([trials, won]),
    }


def _importance(search: Search, decided: Decided) -> list[tuple[str, float]]:
    """Of each setting, by what trials came to at the first rung, the most important first."""
    from training.sweep import tpe  # a third of a second, once a search

    tried = tried_of(search, all_of(search, decided), decided.first_values)
    return tpe.importance(search.space, tried)


def _told(
    search: Search, trial: Trial, own: Sequence[Operation], states: Mapping[str, State]
) -> dict[str, Any]:
    """Of several trainings of one trial: the mean of their values, and what each came to."""
    each = [_came_to(part, states) for part in own]
    told = {"number": trial.number, "settings": trial.point, **each[0]}
    if len(each) == 1:
        return told
    ends = [one["end"] for one in each]
    end = next((end for end in ends if end not in RESULTS), ends[0])
    return {**told, "end": end, "value": value_of(search, own), "trainings": each}


def _came_to(part: Operation, states: Mapping[str, State]) -> dict[str, Any]:
    epochs, state = states.get(part.pk, (0, ""))
    end = part.error_code if part.status == Status.FAILED else part.part_end or part.status
    return {"end": end, "epochs": epochs, "value": part.part_value, "state": state}


def _not_trained(trial: Trial, why: str) -> dict[str, Any]:
    return {
        "number": trial.number,
        "settings": trial.point,
        "end": "cannot_be_trained",
        "epochs": 0,
        "value": "",
        "why": why,
    }


def _states(parts: Sequence[Operation]) -> dict[str, State]:
    """By its id, how many epochs a trial was trained, and the digest of its state there."""
    newest: dict[str, State] = {}
    rows = Metric.objects.filter(operation__in=parts).order_by("step", "attempt")
    for pk, step, digest in rows.values_list("operation_id", "step", "values__digest"):
        newest[pk] = (step + 1, digest)
    return newest
