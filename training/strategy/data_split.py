"""`training.data_split`: where the training part ends and the test part begins."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from training.strategy.limits import MAX_ENTRIES
from training.strategy.section import Section
from training.strategy.values import WORD_OR_OTHER, Integer, Moment, Number, first_second, keys_of

Fraction = Annotated[Number, Field(gt=0, lt=1)]
Purge = Annotated[
    Annotated[Literal["auto"], Tag("word")]
    | Annotated[Integer, Field(ge=0, le=100_000), Tag("other")],
    WORD_OR_OTHER,
]
Embargo = Annotated[Integer, Field(ge=0, le=100_000)]

PURGE = (
    "Bars dropped before each later part; not below the labels' horizon. auto: exactly the rows "
    "whose label ends in the later part."
)
EMBARGO = "Bars dropped besides at the start of each later part."
PURGED_BY_RUNS = (
    "Bars that a label is taken to reach, at least; not below the labels' horizon. auto: to where "
    "each label ends. A training row is dropped where what it reaches meets a run of test or "
    "validation, or what that run's labels reach; a validation row where it meets one of test."
)
EMBARGO_OF_RUNS = "Bars dropped besides after what the labels of a later part's run reach."


class FractionSplit(Section):
    """Fractions of the times of all rows that have settled, cut at common dates for all symbols."""

    train: Fraction = Field(0.7, description="Fraction that is trained on.")
    validation: Fraction = Field(0.15, description="Fraction that chooses the best epoch.")
    test: Fraction = Field(0.15, description="Fraction that is evaluated once.")
    purge: Purge = Field("auto", description=PURGE)
    embargo: Embargo = Field(0, description=EMBARGO)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        total = self.train + self.validation + self.test
        if not math.isclose(total, 1, abs_tol=1e-9):
            raise ValueError(f"train, validation and test must add up to 1, not {total:g}")
        return self


class DateSplit(Section):
    """
    Explicit first moments of the later parts.

    A bar belongs to the day (hour, week, …) that its midpoint lies in: a daily bar that opens at
    23:00 UTC is the next date's.
    """

    validation_start: Moment = Field(description="First row of the validation part.")
    test_start: Moment = Field(description="First row of the test part.")
    purge: Purge = Field("auto", description=PURGE)
    embargo: Embargo = Field(0, description=EMBARGO)

    @property
    def validation_start_seconds(self) -> int:
        """Unix seconds."""
        return first_second(self.validation_start)

    @property
    def test_start_seconds(self) -> int:
        """Unix seconds."""
        return first_second(self.test_start)

    @model_validator(mode="after")
    def _validation_comes_first(self) -> Self:
        if self.validation_start_seconds >= self.test_start_seconds:
            raise ValueError(
                f"validation_start {self.validation_start} must be before "
                f"test_start {self.test_start}"
            )
        return self


def _pairs(value: Any) -> Any:
    runs = value if isinstance(value, list | tuple) else [None]
    if all(isinstance(run, list | tuple) and len(run) == 2 for run in runs):
        return value
    raise ValueError("must be a list of runs, each [from, until], like [[2001-01-02, 2009-01-02]]")


Runs = Annotated[
    tuple[tuple[Moment, Moment], ...],
    Field(min_length=1, max_length=MAX_ENTRIES),
    BeforeValidator(_pairs),
]
"""From the first moment of each, included, to the second, not included."""


class RangeSplit(Section):
    """
    Explicit runs of each part, as lists of [from, until], until not included.

    In any order: what is tested on may lie between runs that are trained on, as in
    cross-validation. Rows are purged by when their labels end, at each edge of a run. Windows of
    training and validation rows stay inside their run; those of test rows, which are inputs of the
    past, may begin before it.
    """

    train: Runs = Field(description="Runs that are trained on.")
    validation: Runs = Field(description="Runs that choose the best epoch.")
    test: Runs = Field(description="Runs that are evaluated once.")
    purge: Purge = Field("auto", description=PURGED_BY_RUNS)
    embargo: Embargo = Field(0, description=EMBARGO_OF_RUNS)

    def seconds(self, part: str) -> list[tuple[int, int]]:
        """Runs of `train`, `validation` or `test`, ascending, Unix seconds."""
        return sorted((first_second(start), first_second(end)) for start, end in self.runs(part))

    def runs(self, part: str) -> tuple[tuple[str, str], ...]:
        """As they are written."""
        runs: tuple[tuple[str, str], ...] = getattr(self, part)
        return runs

    @model_validator(mode="after")
    def _runs_do_not_meet(self) -> Self:
        runs = [(name, *run) for name in RUNS_OF for run in self.runs(name)]
        for name, start, end in runs:
            if first_second(start) >= first_second(end):
                raise ValueError(
                    f"a run of {name} must begin before it ends, not [{start}, {end}]; "
                    "its end is not included"
                )
        runs.sort(key=lambda run: first_second(run[1]))
        for (name, _, end), (other, start, _) in pairwise(runs):
            if first_second(start) < first_second(end):
                raise ValueError(
                    f"the run of {name} until {end} and the one of {other} from {start} have times "
                    "in common: let one end where the other begins"
                )
        return self


RUNS_OF = ("train", "validation", "test")


def _kind(value: Any) -> str:
    if isinstance(value, RangeSplit) or (
        isinstance(value, Mapping)
        and any(isinstance(value.get(part), list | tuple) for part in RUNS_OF)
    ):
        return "ranges"
    return "dates" if {"validation_start", "test_start"} & keys_of(value) else "fractions"


DataSplit = Annotated[
    Annotated[FractionSplit, Tag("fractions")]
    | Annotated[DateSplit, Tag("dates")]
    | Annotated[RangeSplit, Tag("ranges")],
    Discriminator(_kind),
]
