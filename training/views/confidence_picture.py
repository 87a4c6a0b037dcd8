"""The picture of what a model's confidence, or its predicted return, is worth."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from operations.bounded.visit import visit_of
from operations.reading.words import share_words
from training.bounded_work import CONFIDENCE
from training.models import TrainedModel
from training.presentation import confidence_pictures as drawn
from training.trained.bounded_asking import ask_of
from training.views.pictures import Drawing, Picture, Table

INTERVALS = (
    "Bars at the dots are intervals of 95 %, as if bars were independent of each other: labels of "
    "neighbouring bars overlap, so the truth is less sure than they say."
)
ANOTHER_LOOK = (
    "To look at thresholds on the test part is another look at it. A threshold that is chosen here "
    "was chosen by the test part, and what it earned here says nothing of bars to come: choose by "
    "the validation part, or test what you choose on bars that nobody has looked at."
)
BIN_HEADS = ("Samples", "95 % from", "to")


def confidence(request: HttpRequest, model: TrainedModel) -> Picture:
    """Raises as `ask_of`."""
    found = ask_of(model, CONFIDENCE, user=request.user, visit=visit_of(request))
    return _of_classes(found) if found["thresholds"] else _of_returns(found)


def _of_classes(found: Mapping[str, Any]) -> Picture:
    bins, thresholds, own = found["bins"], found["thresholds"], found["own"]
    samples = sum(one["count"] for one in bins)
    off = f"on average {100 * found['error']:.1f} points from the hits"
    return Picture(
        source=f"From {samples:,} labelled bars of the test part of {_symbols(found)}. Left: a hit "
        "is a bar whose label is the class with the highest probability; on the straight line "
        "confidence is what it says. Right: what the strategy's rules earn after costs with each "
        f"threshold. Behind them how many samples and trades that is. {INTERVALS}",
        drawing=Drawing(
            width=drawn.WIDTH,
            height=drawn.HEIGHT,
            about=f"Hits by confidence in {len(bins)} groups, which is {off}; net return and "
            f"trades at {len(thresholds)} confidence thresholds.",
            body=drawn.calibration(bins, thresholds, own),
        ),
        keys=[
            ("colour-1", "hits, and net return"),
            ("colour-2", f"the strategy's own threshold, {own:g}"),
            ("colour-soft", "samples, and trades"),
        ],
        said=[
            f"Confidence is on average {100 * found['error']:.1f} points from the hits.",
            ANOTHER_LOOK,
        ],
        table=Table(
            heads=("Of", "At", "Hits", *BIN_HEADS, "Trades", "Net", "Exposure"),
            rows=[*(_hits(one) for one in bins), *(_threshold(one, own) for one in thresholds)],
        ),
        file=_csv(bins, thresholds),
    )


def _of_returns(found: Mapping[str, Any]) -> Picture:
    bins = found["bins"]
    samples = sum(one["count"] for one in bins)
    return Picture(
        source=f"From {samples:,} labelled bars of the test part of {_symbols(found)}: small dots "
        f"are {len(found['dots']):,} of them, large ones the mean of each twentieth, by what was "
        f"predicted. On the sloping line what came is what was predicted. {INTERVALS}",
        drawing=Drawing(
            width=drawn.WIDTH,
            height=drawn.HEIGHT,
            about=f"Real by predicted forward return, in {len(bins)} groups of as many samples.",
            body=drawn.returns(bins, found["dots"]),
        ),
        keys=[("colour-1", "mean of a twentieth"), ("colour-soft", "a bar")],
        table=Table(
            heads=("Predicted", "Real", *BIN_HEADS),
            rows=[(_percent(one["said"]), _percent(one["came"]), *_interval(one)) for one in bins],
        ),
        file=_csv(bins, []),
    )


def _hits(one: Mapping[str, Any]) -> Sequence[str]:
    told = (share_words(one["said"]), share_words(one["came"]), f"{one['count']:,}")
    return ("Hits", *told, share_words(one["low"]), share_words(one["high"]), "", "", "")


def _threshold(one: Mapping[str, Any], own: float) -> Sequence[str]:
    name = "Threshold, its own" if one["threshold"] == own else "Threshold"
    earned = (f"{one['trades']:,}", drawn.percent(one["net_return"]), share_words(one["exposure"]))
    return (name, f"{100 * one['threshold']:g} %", "", "", "", "", *earned)


def _interval(one: Mapping[str, Any]) -> Sequence[str]:
    return f"{one['count']:,}", _percent(one["low"]), _percent(one["high"])


def _percent(value: float) -> str:
    return drawn.percent(value, 3)


def _symbols(found: Mapping[str, Any]) -> str:
    return ", ".join(found["symbols"])


def _csv(bins: Sequence[Mapping[str, Any]], thresholds: Sequence[Mapping[str, Any]]) -> str:
    """Each number in full: groups, then thresholds."""
    names = ("said", "came", "low", "high", "count", "threshold", "trades", "net_return")
    columns = (*names, "exposure")
    lines = [",".join(columns)]
    lines += [",".join(str(row.get(name, "")) for name in columns) for row in (*bins, *thresholds)]
    return "\n".join(lines) + "\n"
