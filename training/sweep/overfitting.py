"""How much of a search's best is luck: its trials beside each other on the validation part.

The best epoch of a trial was chosen on the same rows, so the probability is a lower bound, and the
winner's ratio an upper one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from operations.models import Operation
from training.evaluation.backtest import bars_per_year
from training.evaluation.overfitting import deflated_sharpe
from training.evaluation.pbo import blocks_of, probability_of_backtest_overfitting
from training.evaluation.sharpe import moments, sharpe_ratio
from training.trained import trial_returns

Floats = NDArray[np.float64]
FEWEST_TRIALS = 2


def overfitting_of(trials: Mapping[int, Sequence[Operation]], winner: Operation) -> dict[str, Any]:
    """Plain JSON: `probability_of_overfitting` of all trials at their first rung; of the winner at
    its last one `sharpe` (annual) on the validation part, with `deflated_sharpe` by all trials.
    None where too few trials or days leave nothing to tell."""
    days, earned = _of_all(trials)
    own_days, own = _of_winner(winner)
    blocks = blocks_of(len(days)) if earned.shape[1] >= FEWEST_TRIALS else 0
    return {
        "trials": earned.shape[1],
        "days": len(days),
        "blocks": blocks,
        "probability_of_overfitting": (
            probability_of_backtest_overfitting(earned, blocks) if blocks else None
        ),
        "sharpe": sharpe_ratio(own, bars_per_year(own_days))[0],
        "deflated_sharpe": _deflated(own, earned),
    }


def _of_all(trials: Mapping[int, Sequence[Operation]]) -> tuple[trial_returns.Days, Floats]:
    """[days, trials], in the order of their numbers: of several trainings their mean."""
    parts = [part for own in trials.values() for part in own]
    kept = trial_returns.at_first_rung(parts)
    known = [[part.pk for part in own if part.pk in kept] for own in trials.values()]
    known = [own for own in known if own]
    days, earned = trial_returns.side_by_side(kept[pk] for own in known for pk in own)
    firsts = np.cumsum([0, *map(len, known)])[:-1]
    sums = np.add.reduceat(earned, firsts, axis=1) if known else earned
    return days, sums / np.array([len(own) for own in known])


def _of_winner(winner: Operation) -> tuple[trial_returns.Days, Floats]:
    kept = trial_returns.at_last_rung(winner)
    days, earned = trial_returns.side_by_side([kept] if kept is not None else [])
    return days, earned[:, 0] if kept is not None else np.empty(0)


def _deflated(won: Floats, earned: Floats) -> float | None:
    """By as many looks as there were trials, and by how far their ratios are from each other: at
    least as far as those of looks without any skill."""
    of = moments(won)
    if of is None:
        return None
    ratios = [sharpe_ratio(column, 1.0)[0] or 0.0 for column in earned.T]
    found = float(np.var(ratios, ddof=1)) if len(ratios) >= FEWEST_TRIALS else 0.0
    return deflated_sharpe(of, len(ratios), variance=max(found, 1 / (of.count - 1)))
