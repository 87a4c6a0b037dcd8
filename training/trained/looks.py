"""How many models were scored on the same bars: the best of many looks is partly luck.

Whoever looked, and whenever: counted over the whole site at the moment of reading, and nothing but
the number is told, no id, owner or range of another's model.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count

from training.evaluation.notes import mended
from training.market_data.timeframes import later
from training.models import TrainedModel
from training.snapshots import symbols_of
from training.strategy.values import Timeframe

WORDS_OF_LINEAGE = "trainings of this lineage were scored on this test range"
"""In a note that version 0.1.0 stored: how many there were when that model completed."""


@dataclass(frozen=True, kw_only=True)
class TestRange:
    """The bars of a test part."""

    symbols: frozenset[str]
    first_time: int
    """Open of the first sample's bar, Unix seconds."""
    end_time: int
    """When the last sample's bar had ended."""

    def meets(self, other: "TestRange") -> bool:
        """Whether any symbol has a moment in both."""
        return (
            self.first_time < other.end_time
            and other.first_time < self.end_time
            and not self.symbols.isdisjoint(other.symbols)
        )


def columns(evaluation: Mapping[str, Any], strategy: Mapping[str, Any]) -> dict[str, Any]:
    """A model's test range as its row keeps it; `strategy` is a snapshot."""
    data = strategy["training_data"]
    timeframes = data["timeframes"]
    base: Timeframe = timeframes.get("base_timeframe") or timeframes["timeframe"]
    return {
        "test_symbols": sorted(symbols_of(data)),
        "test_first_time": evaluation["first_time"],
        "test_end_time": int(later(np.array([evaluation["last_time"]]), base)[0]),
    }


def count(models: Iterable[TrainedModel]) -> None:
    """Set `times_scored` of each: how many models, itself among them, were scored on its test
    range or a part of it. One query for all of them."""
    shown = list(models)
    ranges = {model.pk: found for model in shown if (found := _range_of(model))}
    scored = list(_scored(ranges.values())) if ranges else []
    times = {
        own: sum(number for other, number in scored if own.meets(other))
        for own in set(ranges.values())
    }
    for model in shown:
        model.times_scored = times[ranges[model.pk]] if model.pk in ranges else 1


def as_read(evaluation: Mapping[str, Any], times_scored: int) -> dict[str, Any]:
    """A stored evaluation, or what an operation shows of it, with what holds now."""
    stored = evaluation.get("notes", ())
    trades = evaluation.get("metrics", {}).get("trades")
    notes = [mended(note, trades=trades) for note in stored if WORDS_OF_LINEAGE not in note]
    if times_scored > 1:
        notes.append(
            f"By now {times_scored} models of this site were scored on this test range or a part "
            "of it: the best of several is partly luck."
        )
    return {**evaluation, "times_scored": times_scored, "notes": notes}


def _range_of(model: TrainedModel) -> TestRange | None:
    return _test_range(model.test_symbols, model.test_first_time, model.test_end_time)


def _test_range(symbols: list[str] | None, first: int | None, end: int | None) -> TestRange | None:
    if symbols is None or first is None or end is None:
        return None
    return TestRange(symbols=frozenset(symbols), first_time=first, end_time=end)


def _scored(near: Iterable[TestRange]) -> Iterator[tuple[TestRange, int]]:
    """Every range that may meet one of these, and how many models were scored on just it."""
    ranges = list(near)
    rows = (
        TrainedModel.objects.filter(
            test_first_time__lt=max(known.end_time for known in ranges),
            test_end_time__gt=min(known.first_time for known in ranges),
        )
        .order_by()
        .values_list("test_symbols", "test_first_time", "test_end_time")
        .annotate(times=Count("pk"))
    )
    for *stored, times in rows:
        if found := _test_range(*stored):
            yield found, times
