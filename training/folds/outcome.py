"""What came of a walk-forward or a cross-validation, for every surface. Free of torch."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, pstdev
from typing import Any

from django.urls import reverse

from operations.models import Operation
from operations.operation_types import Headline, Link, Remedy
from training.folds.start import FOLD_WORDS
from training.market_data.reading.words import counted
from training.trained import looks
from training.trained.looks import Looks
from training.trained.verdict import of_test, sentence
from training.views import metrics

SHOWN_METRICS = (
    "net_return",
    "ruined_at",
    "sharpe",
    "sharpe_standard_error",
    "deflated_sharpe",
    "max_drawdown",
    "accuracy",
    "r2",
    "trades",
)
"""In a terminal."""
REMEDIES = {
    "part_failed": "Once the cause is gone, resume it: what has completed stays, and the others go "
    "on where they were.",
    "missing_class": "Give it longer training windows, or labels of which each class is seen.",
}


def result(operation: Operation) -> dict[str, Any] | None:
    """What was stored when it completed, with what holds now: no ratio without its looks."""
    return _read(operation)[0]


def _read(operation: Operation) -> tuple[dict[str, Any] | None, Mapping[str | None, Looks]]:
    """And the looks themselves, by identity of a score."""
    stored: dict[str, Any] | None = operation.result
    if not stored:
        return stored, {}
    scored = [stored] if "test" in stored else stored["paths"]
    found = looks.looks_at(own["score"] for own in scored)
    told = dict(stored)
    if "test" in stored:
        told["test"] = looks.as_read(stored["test"], found.get(stored["score"], Looks()))
    else:
        told["paths"] = [
            looks.as_read(path, found.get(path["score"], Looks())) for path in stored["paths"]
        ]
    return told, found


def headline(operation: Operation) -> Headline | None:
    """Of a walk-forward as of a training; of a cross-validation how its paths are spread."""
    told, found = _read(operation)
    if not told:
        return None
    if "paths" in told:
        return Headline(text=sentence(list(_spread(told["paths"]))))
    test, now = told["test"], found.get(told["score"], Looks())
    last = told["folds"][-1]
    model = Link(title="The last window's model", url=reverse("model", args=[last["model_id"]]))
    clauses = [*of_test(test, now), f"{counted(len(told['folds']), 'window')} together"]
    return Headline(text=sentence(clauses), about=model)


def _spread(paths: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    returns = [path["metrics"]["net_return"] for path in paths]
    ratios = _ratios(paths)
    yield f"{len(paths)} paths: net return {_range('net_return', returns)}"
    yield f"buy and hold {metrics.shown('net_return', paths[0]['buy_and_hold']['net_return'])}"
    if len(ratios) == len(paths):
        spread = pstdev(ratios)
        below = sum(ratio <= 0 for ratio in ratios)
        yield f"Sharpe ratio {fmean(ratios):+.2f}, from path to path ± {spread:.2f}"
        yield f"the ratio of {below} of {len(paths)} paths is not above 0"
    yield f"the least sure of them {_least_sure(paths)}"


def _least_sure(paths: Sequence[Mapping[str, Any]]) -> str:
    known = [value for path in paths if (value := path["metrics"]["deflated_sharpe"]) is not None]
    looked = counted(paths[0]["times_scored"], "look")
    if not known:
        return f"has no Sharpe ratio, after {looked}"
    sure = metrics.shown("deflated_sharpe", min(known))
    return f"is {sure} sure to be more than the luck of {looked}"


def _ratios(paths: Sequence[Mapping[str, Any]]) -> list[float]:
    """Annual Sharpe ratios of the paths that have one."""
    found = (path["metrics"]["sharpe"] for path in paths)
    return [ratio for ratio in found if ratio is not None]


def _range(name: str, values: Sequence[float]) -> str:
    low, high = metrics.shown(name, min(values)), metrics.shown(name, max(values))
    return low if low == high else f"{low} to {high}"


def remedy(operation: Operation) -> Remedy:
    """What helps after it failed."""
    words = REMEDIES.get(operation.error_code, "Resume it: it goes on with what its parts have.")
    return Remedy(words=words, is_resume=operation.error_code != "missing_class")


def outcome(operation: Operation) -> Iterator[tuple[str, str]]:
    """For a terminal."""
    told = result(operation)
    if not told:
        return
    yield f"{FOLD_WORDS[operation.operation_type]}s", f"{len(told['folds']):,}"
    for number, path in enumerate(told.get("paths", ()), start=1):
        yield f"path {number}", path_words(path)
    if test := told.get("test"):
        yield from _test_words(test)
    yield "digest of all of them", told["digest"]


def _test_words(test: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from metrics.told(test["metrics"], SHOWN_METRICS)
    held = test["buy_and_hold"]["net_return"]
    yield "buy and hold", metrics.shown("net_return", held)
    yield "test range looked at", f"{counted(test['times_scored'], 'time')} by now"
    yield from (("note", note) for note in test["notes"])


def path_words(path: Mapping[str, Any]) -> str:
    """`net return +12.0 %, Sharpe ratio +0.50, deflated 41.2 % (1 look)`."""
    own, looked = path["metrics"], counted(path["times_scored"], "look")
    net_return = metrics.shown("net_return", own["net_return"])
    return f"net return {net_return}, Sharpe ratio {metrics.sharpe_words(own, by=looked)}"
