"""The ledger: every look at a test range, which nothing forgets. Free of torch.

A line is written in the transaction that completes what was scored. Models, operations and users
may go; that their test range was looked at stays, for the best of many looks is partly luck.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db.models import Count, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from training.canonical import json_digest
from training.evaluation import returns
from training.evaluation.sharpe import moments
from training.market_data.timeframes import later
from training.models import Score, ScoredSymbol
from training.snapshots import symbols_of
from training.strategy.values import Timeframe

SHAPE = ("sharpe", "skewness", "kurtosis")
"""Moments of returns that a score keeps, beside their number."""
MOST_COUNTED = 10_000
"""Lines of each symbol among which looks are counted: what comes after them changes no verdict."""

ONE_LOOK = ("walk_forward", "cross_validation")
"""Types of families whose parts' scores and their own are one look, at all of their ranges."""


@dataclass(frozen=True, kw_only=True)
class TestRange:
    """The bars of a test part."""

    symbols: tuple[str, ...]
    """Sorted."""
    timeframe: str
    """Of the bars that are traded."""
    first_time: int
    """Open of the first sample's bar, Unix seconds."""
    end_time: int
    """When the last sample's bar had ended."""


def test_range(evaluation: Mapping[str, Any], strategy: Mapping[str, Any]) -> TestRange:
    """Of a model; `strategy` is a snapshot."""
    data = strategy["training_data"]
    timeframes = data["timeframes"]
    base: Timeframe = timeframes.get("base_timeframe") or timeframes["timeframe"]
    return TestRange(
        symbols=tuple(sorted(symbols_of(data))),
        timeframe=base,
        first_time=evaluation["first_time"],
        end_time=int(later(np.array([evaluation["last_time"]]), base)[0]),
    )


def range_of(score: Score) -> TestRange:
    return TestRange(
        symbols=tuple(score.symbols),
        timeframe=score.timeframe,
        first_time=score.first_time,
        end_time=score.end_time,
    )


def as_score(
    looked_at: TestRange, earned: bytes, *, operation_id: str, look: str | None = None
) -> Score:
    """
    A line, not yet written: to be digested before a transaction begins.

    Args:
        earned: the returns as a bundle's file, see `training/evaluation/returns.py`.
        look: what the windows of a family and their stitched returns share, such as its id: they
            are one look, though each is scored when it completes. By itself a look of its own.
    """
    _, values = returns.from_bytes(earned)
    digest = hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()
    found = moments(values)
    identity = json_digest([asdict(looked_at), digest])
    return Score(
        identity=identity,
        look=look or identity,
        operation_id=operation_id,
        symbols=list(looked_at.symbols),
        timeframe=looked_at.timeframe,
        first_time=looked_at.first_time,
        end_time=looked_at.end_time,
        num_returns=len(values),
        **({name: getattr(found, name) for name in SHAPE} if found else {}),
    )


def record(scores: Iterable[Score]) -> None:
    """
    Write lines unless they are there; inside the transaction that completes their operation.

    Two who write the same at once wait for each other here, so all go by identity.
    """
    ordered = sorted(scores, key=lambda score: score.pk)
    Score.objects.bulk_create(ordered, ignore_conflicts=True)
    ScoredSymbol.objects.bulk_create(
        [
            ScoredSymbol(
                score_id=score.pk,
                symbol=symbol,
                timeframe=score.timeframe,
                first_time=score.first_time,
                end_time=score.end_time,
                seconds=score.end_time - score.first_time,
                look=score.look,
            )
            for score in ordered
            for symbol in score.symbols
        ],
        ignore_conflicts=True,
    )


def times_looked(looked_at: TestRange) -> int:
    """Looks at a shared symbol and an overlapping range of the same timeframe, by anybody, among
    `MOST_COUNTED` lines of each symbol."""
    meeting = ScoredSymbol.objects.filter(
        symbol__in=looked_at.symbols,
        timeframe=looked_at.timeframe,
        end_time__gt=looked_at.first_time,
        first_time__lt=looked_at.end_time,
        first_time__gt=looked_at.first_time - _longest(looked_at),  # as the two before it say
    )
    lines = meeting.values("look")[: MOST_COUNTED * len(looked_at.symbols)]
    counted: int = lines.aggregate(looks=Count("look", distinct=True))["looks"]
    return counted


def _longest(looked_at: TestRange) -> Combinable:
    """Seconds of the longest range of any of its series: an index is read between two bounds, and
    not from its beginning."""
    of_each = [
        Coalesce(
            Subquery(
                ScoredSymbol.objects.filter(symbol=symbol, timeframe=looked_at.timeframe)
                .order_by("-seconds")
                .values("seconds")[:1]
            ),
            0,
        )
        for symbol in looked_at.symbols
    ]
    return Greatest(*of_each) if len(of_each) > 1 else of_each[0]
