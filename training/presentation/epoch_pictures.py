"""What is drawn below an operation's loss: each number that its epochs have beside the losses."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from operations.models import Metric, Operation
from operations.reading.words import epochs_done, metric, number, size
from training.presentation.loss_curve import latest_rows, shown_epochs

MOST_DRAWN = 300
"""Epochs of a picture: as many as its width shows."""
WIDTH, TOP, BOTTOM = 320.0, 22.0, 104.0
CLIPPED = 5
"""An axis of seconds ends at so many times the median: an epoch that waited for its machine would
press all others into one line."""


class Kind(NamedTuple):
    key: str
    """In a metric's values, and of its file."""
    name: str
    words: Callable[[float], str]
    from_zero: bool = True
    is_clipped: bool = False


def _seconds(value: float) -> str:
    return f"{number(value)} s"


def _percent(value: float) -> str:
    return f"{value:.0f} %"


KINDS = (
    Kind("val_accuracy", "Validation accuracy", metric, from_zero=False),
    Kind("learning_rate", "Learning rate", number),
    Kind("seconds", "Seconds per epoch", _seconds, is_clipped=True),
    Kind("cpu_percent", "CPU, of one core", _percent),
    Kind("memory_bytes", "Memory", size),
    Kind("gpu_memory_bytes", "GPU memory", size),
)


@dataclass(frozen=True, kw_only=True)
class EpochPicture:
    key: str
    name: str
    about: str
    """For who does not see it."""
    line: str
    """A path, of the latest attempt's value of each epoch."""
    cuts: str
    """A path: where another attempt went on."""
    low: str
    high: str
    first: str
    last: str
    values: Sequence[tuple[int, int, float]]
    """Epochs done, attempt, value."""

    @property
    def is_thinned(self) -> bool:
        """Whether epochs were left out."""
        return self.values[-1][0] > len(self.values)

    def as_csv(self) -> str:
        file = io.StringIO()
        csv.writer(file).writerows([("epoch", "attempt", self.key), *self.values])
        return file.getvalue()


def epoch_pictures(operation: Operation) -> list[EpochPicture]:
    """Of the kinds that its epochs have a value of."""
    rows = latest_rows(operation.pk, shown_epochs(operation, MOST_DRAWN))
    return [picture for kind in KINDS if (picture := _picture(kind, rows))]


def _picture(kind: Kind, rows: Sequence[Metric]) -> EpochPicture | None:
    told = [(row.step, row.attempt, row.values.get(kind.key)) for row in rows]
    values = [(epochs_done(step), own, value) for step, own, value in told if value is not None]
    if not values:
        return None
    first, last = values[0][0], values[-1][0]
    low, high, beyond = _ends(kind, [value for *_, value in values])

    def x(epoch: int) -> float:
        return WIDTH * (epoch - first) / (last - first) if last > first else WIDTH / 2

    def y(value: float) -> float:
        share = (min(value, high) - low) / (high - low) if high > low else 0.5
        return BOTTOM - share * (BOTTOM - TOP)

    points = [f"{x(epoch):.1f} {y(value):.1f}" for epoch, _, value in values]
    newest = kind.words(values[-1][-1])
    return EpochPicture(
        key=kind.key,
        name=kind.name,
        about=f"{kind.name} of epochs {first:,} to {last:,}, from {kind.words(low)} to "
        f"{kind.words(high)}{beyond}; the last is {newest}.",
        line="M" + "L".join(points) + ("h0" if len(points) == 1 else ""),
        cuts="".join(f"M{x(epoch):.1f} {TOP:.0f}V{BOTTOM:.0f}" for epoch in _cuts(values)),
        low=kind.words(low),
        high=kind.words(high) + beyond,
        first=f"epoch {first:,}",
        last=f"{last:,}",
        values=values,
    )


def _ends(kind: Kind, values: Sequence[float]) -> tuple[float, float, str]:
    """Of its axis, and what is added to the upper one's words."""
    low, high = 0.0 if kind.from_zero else min(values), max(values)
    most = CLIPPED * median(values)
    return (low, most, " and more") if kind.is_clipped and high > most > low else (low, high, "")


def _cuts(values: Sequence[tuple[int, int, float]]) -> Iterator[int]:
    for (_, before, _), (epoch, attempt, _) in pairwise(values):
        if attempt != before:
            yield epoch
