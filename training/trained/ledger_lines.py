"""Lines of the ledger as its command and its endpoint tell of them: for staff alone. Torch-free."""

from collections.abc import Mapping
from typing import Any

from training.models import Score
from training.trained.looks import Looks, looks_at

MOST_LINES = 1000
MOMENTS = ("num_returns", "sharpe", "skewness", "kurtosis")


def lines(
    symbol: str, timeframe: str | None, *, limit: int
) -> tuple[list[tuple[Score, Looks]], int]:
    """The newest looks at test ranges of a symbol, each with what it is worth by now; and how many
    there are."""
    scores = Score.objects.filter(by_symbol__symbol=symbol)
    if timeframe:
        scores = scores.filter(timeframe=timeframe)
    newest = list(scores.order_by("-scored_at", "identity")[:limit])
    found = looks_at(score.pk for score in newest)
    return [(score, found[score.pk]) for score in newest], scores.count()


def as_json(score: Score, looks: Looks) -> Mapping[str, Any]:
    names = ("identity", "symbols", "timeframe", "first_time", "end_time", *MOMENTS)
    return {
        **{name: getattr(score, name) for name in names},
        "look": score.look,
        "times_scored": looks.times_scored,
        **looks.worth,
        "operation_id": score.operation_id,
        "owner": score.owner_name,
        "scored_at": score.scored_at.isoformat(),
    }
