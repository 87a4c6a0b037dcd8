"""What came of a training in one line: the same on its page, in the API, in `show_operation` and at
the end of `--follow`. Free of torch.

Everything is said from what is stored. A figure that is not there, or that says nothing, is left
out with a word.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from operations.reading.words import ordinal
from training.evaluation.notes import always_says
from training.evaluation.overfitting import CONFIDENCE
from training.trained.looks import Looks
from training.views.metrics import Metrics, Number, shown

CERTAIN = 2.0
"""Standard errors within which a Sharpe ratio is not told from 0."""
LARGEST_ERROR = 2.0
"""Of a Sharpe ratio that is told: a quarter of a year has it."""
PRIORS = {
    "class_prior": ("the class prior", (("accuracy", 1), ("log_loss", -1))),
    "mean_return": ("the mean return", (("mse", -1),)),
}
"""What predicts without looking, by its baseline: in words, and the scores by which it is beaten,
with 1 where more is better and -1 where less is."""
OF_AN_ACCOUNT = ("net_return", "trades", "exposure", "turnover", "costs")


def verdict(result: Mapping[str, Any], looks: Looks) -> str:
    """Of a completed operation's stored result; empty where it was not scored.

    `Net return +12.0 %; buy and hold +25.0 %; Sharpe ratio +0.50 ± 0.62, which cannot be told from
    0; 41.2 % sure to be more than the luck of 3 looks at its test range; the best epoch is the 4th
    of 200`.
    """
    test = result.get("test")
    return sentence([*of_test(test, looks), _trained(result)]) if test else ""


def of_test(test: Mapping[str, Any], looks: Looks) -> list[str]:
    """What came of a test part, its clauses."""
    return [*_earned(test, looks), *_behaved(test), *_learned(test)]


def sentence(clauses: Sequence[str]) -> str:
    """One line of them, without a full stop."""
    line = "; ".join(clauses)
    return line[:1].upper() + line[1:]


def _earned(test: Mapping[str, Any], looks: Looks) -> Iterator[str]:
    metrics: Metrics = test["metrics"]
    held: Metrics = test.get("buy_and_hold") or {}
    yield _return("net return", metrics)
    yield _return("buy and hold", held)
    if metrics.get("ruined_at") is not None:
        yield f"ruined on {shown('ruined_at', metrics['ruined_at'])}"
    yield _sharpe(metrics)
    yield f"{_worth(metrics, looks)} at its test range"
    if _is_told(metrics, looks) and looks.missing_years is not None:
        yield f"{_sure(CONFIDENCE)} if it went on like this for {_more(looks.missing_years)}"


def _return(words: str, metrics: Metrics) -> str:
    value = metrics.get("net_return")
    return f"{words} not stored" if value is None else f"{words} {shown('net_return', value)}"


def _sharpe(metrics: Metrics) -> str:
    ratio, error = metrics.get("sharpe"), metrics.get("sharpe_standard_error")
    if ratio is None:
        return "no Sharpe ratio" + (", for its returns never vary" if metrics.get("trades") else "")
    if error is None:
        return "no Sharpe ratio, for its standard error is not stored"
    if error > LARGEST_ERROR:
        return f"no Sharpe ratio, for the test part is too short (its error would be {error:.1f})"
    told = f"Sharpe ratio {shown('sharpe', ratio)} \N{PLUS-MINUS SIGN} {error:.2f}"
    is_told = abs(ratio) > CERTAIN * error
    return told if is_told else f"{told}, which cannot be told from 0"


def _worth(metrics: Metrics, looks: Looks) -> str:
    """How sure it is after so many looks."""
    times = looks.times_scored
    is_first = times == 1
    if not _is_told(metrics, looks):
        return "the first look" if is_first else f"{times:,} looks by now"
    sure = _sure(looks.deflated_sharpe)
    if is_first:
        return f"{sure} to be above 0, at the first look"
    return f"{sure} to be more than the luck of {times:,} looks"


def _is_told(metrics: Metrics, looks: Looks) -> bool:
    error = metrics.get("sharpe_standard_error")
    return looks.deflated_sharpe is not None and error is not None and error <= LARGEST_ERROR


def _sure(probability: Number) -> str:
    return f"{shown('deflated_sharpe', probability)} sure"


def _more(years: float) -> str:
    """`4.2 more years`, `over 1,000 more years`."""
    return shown("minimum_track_record", years).replace(" years", " more years")


def _behaved(test: Mapping[str, Any]) -> Iterator[str]:
    """What it did, where that was one thing only."""
    metrics, held = test["metrics"], test.get("buy_and_hold") or {}
    said = always_says(test.get("notes", ()))
    if metrics.get("trades") == 0:
        yield "it never trades"
    elif _are_equal(metrics, held, OF_AN_ACCOUNT):
        yield "it decides buy on every bar: it is buy and hold"
    elif said:
        yield f"it says {said} on every bar"


def _learned(test: Mapping[str, Any]) -> Iterator[str]:
    """That it was trained on what scores it, or predicts no better than what looks at nothing."""
    if test.get("seen_test"):
        yield "it was trained on bars that score it: these scores are no test"
    for name, (words, scores) in PRIORS.items():
        prior = test.get("baselines", {}).get(name)
        if prior and not any(_is_better(test["metrics"], prior, *score) for score in scores):
            yield f"no better than {words}"


def _is_better(model: Metrics, prior: Metrics, name: str, sign: int) -> bool:
    """A score that is not there condemns nothing."""
    own, other = model.get(name), prior.get(name)
    return own is None or other is None or sign * own > sign * other


def _are_equal(one: Metrics, other: Metrics, names: tuple[str, ...]) -> bool:
    values: list[tuple[Number, Number]] = [(one.get(name), other.get(name)) for name in names]
    return all(own is not None and own == its for own, its in values)


def _trained(result: Mapping[str, Any]) -> str:
    best, trained = result.get("best_epoch"), result.get("epochs_trained")
    if best is None or trained is None:
        return "its best epoch is not stored"
    return f"the best epoch is the {ordinal(best)} of {trained:,}"
