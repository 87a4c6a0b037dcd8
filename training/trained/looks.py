"""How often the bars of a test part were looked at, and what a Sharpe ratio on them is worth then.

Whoever looked, and whenever: counted over the whole site at the moment of reading (`ledger.py`),
and nothing but the number is told, no id, owner, range or ratio of another's model.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from training.evaluation.notes import mended
from training.evaluation.overfitting import (
    deflated_sharpe,
    minimum_backtest_length,
    minimum_track_record,
)
from training.evaluation.sharpe import Moments
from training.models import Score, TrainedModel
from training.trained.ledger import SHAPE, range_of, times_looked
from training.views.metrics import shown

YEAR = 365.25 * 86_400
"""Seconds."""
WORTH = (DEFLATED, TRACK_RECORD) = ("deflated_sharpe", "minimum_track_record")
"""What no Sharpe ratio of a model is told without."""
WORDS_OF_LINEAGE = "trainings of this lineage were scored on this test range"
"""In a note that version 0.1.0 stored: how many there were when that model completed."""


@dataclass(frozen=True, kw_only=True)
class Looks:
    """At one test range by now."""

    times_scored: int = 1
    """This one among them."""
    deflated_sharpe: float | None = None
    """The probability that the true ratio is above the luck of so many; None where the returns have
    no ratio, or their number was not kept."""
    minimum_track_record: float | None = None
    """Years that returns like these would have to last until that is 0.95; None where that
    is None, and of a ratio that is not above 0."""
    years: float = 0.0
    """That they have lasted; 0 where that was not kept."""

    @property
    def missing_years(self) -> float | None:
        """None where it is sure already, or never will be."""
        if self.minimum_track_record is None or self.minimum_track_record <= self.years:
            return None
        return self.minimum_track_record - self.years

    @property
    def worth(self) -> dict[str, float | None]:
        """What stands beside a Sharpe ratio."""
        return {name: getattr(self, name) for name in WORTH}


def count(models: Iterable[TrainedModel]) -> None:
    """Set `looks` of each: one query, and one for each test range."""
    shown = list(models)
    found = looks_at(model.score_id for model in shown)
    for model in shown:
        model.looks = found.get(model.score_id, Looks())
        if known := getattr(model, "test_metrics", None):  # of a list, without its evaluation
            model.test_metrics = with_worth(known, model.looks)  # type: ignore[attr-defined]


def looks_at(identities: Iterable[str | None]) -> dict[str | None, Looks]:
    """By identity of a score."""
    scores = Score.objects.in_bulk([identity for identity in identities if identity])
    times = {own: times_looked(own) for own in {range_of(score) for score in scores.values()}}
    return {key: _looks(score, times[range_of(score)]) for key, score in scores.items()}


def as_read(evaluation: Mapping[str, Any], looks: Looks) -> dict[str, Any]:
    """A stored evaluation, or what an operation shows of it, with what holds now."""
    stored = evaluation.get("notes", ())
    trades = evaluation.get("metrics", {}).get("trades")
    notes = [mended(note, trades=trades) for note in stored if WORDS_OF_LINEAGE not in note]
    if looks.times_scored > 1:
        notes.append(
            f"By now this test range or a part of it was looked at {looks.times_scored:,} times on "
            "this site: the best of several looks is partly luck. Of so many without any skill the "
            "best is expected to have an annual Sharpe ratio of 1 on a test part of "
            f"{shown(TRACK_RECORD, minimum_backtest_length(looks.times_scored))}."
        )
    told = {**evaluation, "times_scored": looks.times_scored, "notes": notes}
    if "metrics" in evaluation:
        told["metrics"] = with_worth(evaluation["metrics"], looks)
    return told


def with_worth(metrics: Mapping[str, Any], looks: Looks) -> dict[str, Any]:
    """A model's metrics: no ratio is told without what it is worth."""
    if "sharpe" not in metrics:
        return dict(metrics)
    return {**metrics, **looks.worth}


def _looks(score: Score, times: int) -> Looks:
    if score.sharpe is None or score.num_returns is None:
        return Looks(times_scored=times)
    known = {name: value for name in SHAPE if (value := getattr(score, name)) is not None}
    of = Moments(count=score.num_returns, **known)
    needed = minimum_track_record(of, looks=times)
    lasted = (score.end_time - score.first_time) / YEAR
    return Looks(
        times_scored=times,
        deflated_sharpe=deflated_sharpe(of, times),
        minimum_track_record=needed and lasted * needed / of.count,
        years=lasted,
    )
