"""What to keep in mind when reading an evaluation, in sentences. Free of torch."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from training.evaluation.decisions import decide
from training.market_data.report import as_text
from training.strategy import Strategy
from training.strategy.values import CLASSES

NEVER_TRADES = "The model never trades on this test part"
NEVER_VARY = "The returns never vary on this test part, so there is no Sharpe ratio."
TOLD_APART = 2.0
"""Standard errors of a difference below which two Sharpe ratios cannot be told apart."""

_SAME_ON_EVERY_BAR = re.compile(rf"The model says ({'|'.join(CLASSES)}) on each of the ")
_OF_0_1_0 = re.compile(
    r"The Sharpe ratio's standard error on these (\d+) bars is ([\d.]+): "
    r"two trainings whose ratios differ by less than twice that cannot be told apart\."
)


def of_ruin(ruined_at: int | None, alone: Mapping[str, int]) -> Iterator[str]:
    """When the account was gone, Unix seconds, and of each symbol an account of its own."""
    if ruined_at is not None:
        yield (
            f"Ruined on {as_text(ruined_at)}: the equity was gone on that bar. From then on the "
            "account is flat, its returns are 0 and count, and later trades do not."
        )
    for symbol, moment in alone.items():
        yield (
            f"In an account of its own {symbol} would be ruined on {as_text(moment)}; in the "
            "portfolio it goes on as long as that has equity."
        )


def of_behaviour(
    strategy: Strategy, predictions: NDArray[np.float64], *, trades: int
) -> Iterator[str]:
    """That a model never trades, or says the same on every bar; nothing of any other.

    `predictions` are probabilities [decisions, classes] or forward returns [decisions].
    """
    if predictions.ndim == 1:
        yield from _of_returns(strategy, predictions, trades)
    else:
        yield from _of_classes(strategy, predictions, trades)


def always_says(notes: Iterable[str]) -> str | None:
    """The class that it says on every bar it decides on, by what `of_behaviour` noted."""
    found = (_SAME_ON_EVERY_BAR.match(note) for note in notes)
    return next((match[1] for match in found if match), None)


def of_sharpe(error: float | None, *, returns: int, trades: int) -> Iterator[str]:
    """How far apart two ratios must be; `error` is one ratio's standard error, per year."""
    if error is not None:
        yield told_apart(error, returns)
    elif trades:
        yield NEVER_VARY


def told_apart(error: float, returns: int) -> str:
    """The error of a difference of two independent ratios is √2 times that of one."""
    apart = TOLD_APART * math.sqrt(2.0) * error
    return (
        f"The Sharpe ratio's standard error on these {returns} returns is {error:.2f}, that of a "
        f"difference of two independent ones \N{SQUARE ROOT}2 times as much: two that differ by "
        f"less than {apart:.2f} cannot be told apart. On shared bars Compare tests the returns in "
        "pairs, which tells more."
    )


def mended(note: str, *, trades: int | None) -> str:
    """A stored note, said anew where version 0.1.0 took one ratio's error for that of a difference,
    or blamed the returns of a model that never traded."""
    if note == NEVER_VARY and trades == 0:
        return f"{NEVER_TRADES}."
    found = _OF_0_1_0.fullmatch(note)
    return told_apart(float(found[2]), int(found[1])) if found else note


def _of_classes(
    strategy: Strategy, probabilities: NDArray[np.float64], trades: int
) -> Iterator[str]:
    threshold = f"the confidence threshold {strategy.decisions.confidence_threshold:g}"
    largest = dict(zip(CLASSES, probabilities.max(axis=0).tolist(), strict=True))
    said = np.unique(probabilities.argmax(axis=1))
    if len(said) == 1:
        name = CLASSES[said[0]]
        yield (
            f"The model says {name} on each of the {len(probabilities)} bars that it decides on: "
            f"its largest probability of {name} is {largest[name]:.3f}, {threshold}."
        )
    if not trades:
        told = _in_words({name: f"{largest[name]:.3f}" for name in _traded(strategy)})
        yield f"{NEVER_TRADES}: its largest probability {told}, {threshold}{_no_short(strategy)}."


def _of_returns(strategy: Strategy, predicted: NDArray[np.float64], trades: int) -> Iterator[str]:
    edge = strategy.decisions.cost_model.smallest_edge
    told = (
        f"it predicts returns from {predicted.min():+.4%} to {predicted.max():+.4%}, and trades "
        f"beyond \N{PLUS-MINUS SIGN}{edge:.4%}, the cost times its multiplier{_no_short(strategy)}"
    )
    said = np.unique(decide(strategy, predicted))
    if len(said) == 1 and trades:
        yield f"The model says {CLASSES[said[0]]} on each of the {len(predicted)} bars: {told}."
    if not trades:
        yield f"{NEVER_TRADES}: {told}."


def _traded(strategy: Strategy) -> tuple[str, ...]:
    """Classes that open a position."""
    return ("buy", "sell") if strategy.decisions.may_short else ("buy",)


def _no_short(strategy: Strategy) -> str:
    return "" if strategy.decisions.may_short else "; it may not short"


def _in_words(values: dict[str, str]) -> str:
    return " and ".join(f"of {name} is {value}" for name, value in values.items())


def of_seen_test(words: str) -> tuple[str, ...]:
    """That the weights were trained on bars that score them; `words` are empty where they were
    not."""
    return (f"{words}: these scores are no test.",) if words else ()
