"""Windows that move forward: trained on what was known, tested on what came next.

By the calendar, from the month (or day) of the first bar on which the indicators have settled. Only
whole windows: how many bars come later changes none of them. Free of torch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.features.arrays import Int64Array
from training.folds.duration import Duration
from training.folds.request import FRESH, PREVIOUS, Fold, as_runs
from training.market_data.calendar import month_of, month_start
from training.market_data.report import as_text
from training.market_data.timeframes import DAY, later
from training.strategy.values import Timeframe, first_second

VALIDATION_ONE_IN = 5
"""Of a window's training times, the last fifth, unless a length is given."""
MOST_FOLDS = 500
STARTS = (FRESH, PREVIOUS)


@dataclass(frozen=True, kw_only=True)
class WalkForward:
    """Lengths as they are written."""

    train: str
    """Training and validation together."""
    test: str
    step: str | None = None
    """From window to window; None: a test's length."""
    validation: str | None = None
    """The end of each training window; None: the last fifth of its times."""
    anchored: bool = False
    """Every window is trained from the first bar on."""
    gaps: bool = False
    """Whether bars between two tests may be left out."""
    start: str = FRESH
    """What a window begins with: `fresh` weights, or those of the `previous` one."""

    def settings(self) -> dict[str, Any]:
        """What was given, for people."""
        told = {"train": self.train, "test": self.test, "step": self.step or self.test}
        told |= {"validation": self.validation} if self.validation else {}
        told |= {"start": self.start} if self.start != FRESH else {}
        return told | {"anchored": self.anchored}


def faults(spec: WalkForward) -> Iterator[tuple[str, str]]:
    """Every one at once, as name and words; of what is written alone."""
    if spec.start not in STARTS:
        yield ("start", f"must be one of {', '.join(STARTS)}")
    lengths = {}
    for name in ("train", "test", "step", "validation"):
        if (text := getattr(spec, name)) is not None:
            try:
                lengths[name] = Duration.parse(text)
            except ValueError as error:
                yield (name, str(error))
    test, step = lengths.get("test"), lengths.get("step")
    if test and step and step.rough_days < test.rough_days:
        yield (
            "step",
            f"{spec.step} is less than a test of {spec.test}: bars would be scored twice",
        )
    if test and step and step.rough_days > test.rough_days and not spec.gaps:
        yield (
            "step",
            f"{spec.step} is more than a test of {spec.test}: bars between two tests would be "
            "left out, which gaps allows",
        )
    train, validation = lengths.get("train"), lengths.get("validation")
    if train and validation and validation.rough_days >= train.rough_days:
        yield ("validation", f"{spec.validation} leaves nothing of {spec.train} to train on")


def windows(spec: WalkForward, times: Int64Array, timeframe: Timeframe) -> list[Fold]:
    """The windows that fit, the earliest first.

    Args:
        spec: without faults.
        times: periods of all symbols' rows, ascending, Unix seconds.
        timeframe: of these rows.

    Raises:
        ValueError: none fits, more than `MOST_FOLDS` do, or they meet where months are short.
    """
    until = end_of(times, timeframe)
    train, test = Duration.parse(spec.train), Duration.parse(spec.test)
    step = Duration.parse(spec.step) if spec.step else test
    first = _beginning(int(times[0]), (train, test, step))
    found: list[Fold] = []
    while True:
        moved = len(found)
        test_start = step.after(train.after(first), moved)
        following = step.after(train.after(first), moved + 1)
        test_end = following if step == test else test.after(test_start)
        if test_end > until:
            break
        if moved == MOST_FOLDS:
            raise ValueError(f"more than {MOST_FOLDS} windows fit: give it longer ones")
        start = first if spec.anchored else train.after(test_start, -1)
        validated = _validation_start(spec, times, start, test_start)
        if found and test_start < first_second(found[-1].test[-1][1]):
            raise ValueError(
                f"a step of {spec.step} is less than a test of {spec.test} in some months: give "
                "both in the same unit"
            )
        found.append(
            Fold(
                number=moved + 1,
                train=as_runs((start, validated)),
                validation=as_runs((validated, test_start)),
                test=as_runs((test_start, test_end)),
                end=_end_of_bars(times, test_end, timeframe),
            )
        )
    if not found:
        raise ValueError(
            f"train {spec.train} and test {spec.test} together are longer than the bars, whose "
            f"indicators have settled from {as_text(int(times[0]))} to {as_text(until)}"
        )
    return found


def end_of(times: Int64Array, timeframe: Timeframe) -> int:
    """When the last of these rows has ended, Unix seconds."""
    return int(later(times[-1:], timeframe)[0])


def _end_of_bars(times: Int64Array, test_end: int, timeframe: Timeframe) -> str:
    """The last second of the first row after a test; empty where there is none, or it is the last
    row itself: then the strategy's end date ends these bars, too."""
    after = int(np.searchsorted(times, test_end))
    if after >= times.size - 1:
        return ""
    return as_text(end_of(times[: after + 1], timeframe) - 1)


def _beginning(first_bar: int, lengths: Sequence[Duration]) -> int:
    """Of the month where lengths are of months, so that the end of a year ends a window; else of
    the day."""
    if any(length.months for length in lengths):
        return int(month_start(month_of(np.array([first_bar], np.int64)))[0])
    return first_bar - first_bar % DAY


def _validation_start(spec: WalkForward, times: Int64Array, start: int, test_start: int) -> int:
    if spec.validation:
        validated = Duration.parse(spec.validation).after(test_start, -1)
        if validated <= start:
            raise ValueError(
                f"validation {spec.validation} leaves nothing to train on from {as_text(start)} to "
                f"{as_text(test_start)}"
            )
        return validated
    own = times[slice(*np.searchsorted(times, (start, test_start)))]
    if own.size < VALIDATION_ONE_IN:
        raise ValueError(f"there are hardly bars from {as_text(start)} to {as_text(test_start)}")
    return int(own[own.size - own.size // VALIDATION_ONE_IN])
