"""A search's trials, the furthest and best first, for its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from operations.models import LIVE, Operation, Status
from operations.operation_types import Presentation
from operations.reading.words import value_words
from training.strategy.training_settings import cost
from training.sweep.outcome import END_WORDS, words_of

TRIALS_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class ShownTrial:
    operation: Operation
    settings: list[str]
    """In words, in the space's order."""
    epochs: int
    """To which it was compared last, or is trained now."""
    value: str
    state: str


def trials_of(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    """The context of a search's panel."""
    rows = Operation.objects.filter(part_of=operation)
    light = list(rows.only("part_number", "status", "part_value", "hold_at", "held_at", "part_end"))
    training = operation.request["base"]["strategy"]["training"]
    monitored = (training.get("early_stopping") or {}).get("monitor", "val_loss")
    order = sorted(light, key=lambda trial: _rank(trial, monitored))
    shown = rows.in_bulk([trial.pk for trial in order[:TRIALS_SHOWN]])
    return {
        "trials": [_shown(shown[trial.pk], operation) for trial in order[:TRIALS_SHOWN]],
        "num_trials": len(light),
        "num_wanted": operation.request["trials"],
        "rungs": operation.request["rungs"],
        "monitored": monitored,
        "winner": (operation.result or {}).get("winner"),
    }


def _rank(trial: Operation, monitored: str) -> tuple[bool, float, float, int]:
    """The winner; then by rung, by value, by number."""
    reached = float("inf") if trial.hold_at is None else float(trial.hold_at)
    value = cost(monitored, float.fromhex(trial.part_value)) if trial.part_value else float("inf")
    has_no_place = trial.status == Status.FAILED or not trial.part_value
    return has_no_place, -reached, value, trial.part_number or 0


def _shown(trial: Operation, sweep: Operation) -> ShownTrial:
    strategy = trial.request["strategy"]
    epochs = trial.hold_at or strategy["training"]["epochs"]
    return ShownTrial(
        operation=trial,
        settings=[f"{path} {words_of(_at(strategy, path))}" for path in sweep.request["order"]],
        epochs=epochs,
        value=value_words(trial.part_value),
        state=_state(trial),
    )


def _state(trial: Operation) -> str:
    if trial.held_at:
        return "compared"
    if trial.status in LIVE:
        return "trains" if trial.claimed_at else "waits"
    end = trial.error_code if trial.status == Status.FAILED else trial.part_end or trial.status
    return END_WORDS.get(end, end)


def _at(snapshot: Mapping[str, Any], path: str) -> Any:
    found: Any = snapshot
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


SWEEP = Presentation(
    what_is_safe="What its trials have learned",
    restart_note="A new search with the same space, seed and data, from the beginning.",
    panel_template="training/sweep_panel.html",
    panel=trials_of,
)
"""The row `presentation` of `OPERATION_TYPES`."""
