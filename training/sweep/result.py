"""What came of a search: its winner, every trial, and one digest over all of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from operations.models import Metric, Operation, Status
from training.canonical import json_digest
from training.sweep.decided import Decided
from training.sweep.overfitting import overfitting_of
from training.sweep.request import Search, Trial
from training.sweep.samplers import Point
from training.sweep.suggested import all_of, tried_of

State = tuple[int, str]
"""How many epochs were trained, and the digest of the state there."""


def result_of(
    search: Search, decided: Decided, parts: Sequence[Operation], winner: Operation
) -> dict[str, Any]:
    """Plain JSON; equal searches have equal digests, whatever happened to them on their way."""
    by_number = {part.part_number: part for part in parts}
    states, refused = _states(parts), decided.refused
    trials = [
        _told(by_number[trial.number], trial.point, states)
        if trial.number in by_number
        else _not_trained(trial, refused.get(trial.number, ""))
        for trial in all_of(search, decided)
    ]
    assert winner.result is not None
    won = {name: winner.result[name] for name in ("weights_sha256", "state_digest")}
    return {
        "winner": winner.part_number,
        "winner_id": winner.pk,
        "settings": trials[(winner.part_number or 0) - 1]["settings"],
        "value": float.fromhex(winner.part_value),
        "monitor": search.monitored,
        **won,
        "trials": trials,
        "importance": _importance(search, decided),
        "overfitting": overfitting_of(parts, winner),
        "digest": json_digest([trials, won]),
    }


def _importance(search: Search, decided: Decided) -> list[tuple[str, float]]:
    """Of each setting, by what trials came to at the first rung, the most important first."""
    from training.sweep import tpe  # a third of a second, once a search

    tried = tried_of(search, all_of(search, decided), decided.first_values)
    return tpe.importance(search.space, tried)


def _told(part: Operation, point: Point, states: Mapping[str, State]) -> dict[str, Any]:
    epochs, state = states.get(part.pk, (0, ""))
    end = part.error_code if part.status == Status.FAILED else part.part_end or part.status
    return {
        "number": part.part_number,
        "settings": point,
        "end": end,
        "epochs": epochs,
        "value": part.part_value,
        "state": state,
    }


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
