"""`training.data_split`: where the training part ends and the test part begins."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

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


def _kind(value: Any) -> str:
    return "dates" if {"validation_start", "test_start"} & keys_of(value) else "fractions"


DataSplit = Annotated[
    Annotated[FractionSplit, Tag("fractions")] | Annotated[DateSplit, Tag("dates")],
    Discriminator(_kind),
]
