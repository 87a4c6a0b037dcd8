"""A search's trials, the furthest and best first, for its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from operations.models import LIVE, Operation, Status
from operations.operation_types import Presentation
from operations.reading.words import metric, value_words
from training.presentation.search_pictures import Part, pictures_of
from training.strategy.training_settings import cost
from training.sweep.decided import Decided
from training.sweep.outcome import END_WORDS, result, words_of, worth
from training.sweep.progress import rungs_of
from training.sweep.request import Search, SweepRequest

TRIALS_SHOWN = 50
UNREAD = ("pinned", "progress", "result")
"""Of each of them, and most of what its row holds beside its settings."""


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
    parts = [Part(*row) for row in rows.values_list(*Part._fields)]
    search, decided = Search(SweepRequest.from_json(operation.request)), Decided(operation)
    monitored = search.monitored
    told = result(operation) or {}
    ranked = sorted((*_rank(monitored, part), part.pk) for part in parts)
    first = [pk for *_, pk in ranked[:TRIALS_SHOWN]]
    shown = rows.defer(*UNREAD).in_bulk(first)
    return {
        "trials": [_shown(shown[pk], operation) for pk in first],
        "num_trials": len(ranked),
        "num_brackets": operation.request["brackets"],
        "num_wanted": search.request.trials * search.request.repeat,
        "repeat": search.request.repeat,
        "rungs": rungs_of(operation, decided),
        "pictures": pictures_of(search, operation, decided, parts),
        "monitored": monitored,
        "importance": told.get("importance", ()),
        "winner": search.first_part(told["winner"]) if told else None,
        "worth": list(worth(told)) if told else [],
    }


def rung_table(operation: Operation) -> list[tuple[str, ...]]:
    """For a terminal."""
    monitored = Search(SweepRequest.from_json(operation.request)).monitored
    head = ("bracket", "epochs", "there", "of trials", f"best {monitored}")
    rows = (
        (rung.bracket, rung.epochs, rung.there, rung.trials, metric(rung.best))
        for rung in rungs_of(operation, Decided(operation))
    )
    return [head, *(tuple(map(str, row)) for row in rows)]


def _rank(monitored: str, part: Part) -> tuple[bool, float, float, int]:
    """The winner; then by rung, by value, by number."""
    reached = float("inf") if part.hold_at is None else float(part.hold_at)
    value = cost(monitored, float.fromhex(part.part_value)) if part.part_value else float("inf")
    has_no_place = part.status == Status.FAILED or not part.part_value
    return has_no_place, -reached, value, part.part_number


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
    panel_head_template="training/sweep_panel_head.html",
    panel=trials_of,
    table=rung_table,
)
"""The row `presentation` of `OPERATION_TYPES`."""
