"""`nn_inputs`: what the network sees, in order."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from training.strategy.section import Section
from training.strategy.values import (
    WORD_OR_OTHER,
    Identifier,
    IndicatorReference,
    Timeframes,
    keys_of,
)

InputTimeframes = Annotated[
    Annotated[Literal["all"], Tag("word")] | Annotated[Timeframes, Tag("other")], WORD_OR_OTHER
]
Normalization = Literal["none", "minmax", "zscore"]

TIMEFRAMES_TEXT = "Timeframes of training_data, or `all` of them in their order."


class FuzzyInput(Section):
    """Every membership of a fuzzy set; feature ids `{timeframe}_{fuzzy_set}_{membership}`."""

    fuzzy_set: Identifier = Field(description="Id of a fuzzy set.")
    timeframes: InputTimeframes = Field("all", description=TIMEFRAMES_TEXT)


class RawInput(Section):
    """An indicator's own value; feature id `{timeframe}_{indicator}_raw`."""

    raw_indicator: IndicatorReference = Field(
        description="Id of an indicator, with .output where it has several."
    )
    timeframes: InputTimeframes = Field("all", description=TIMEFRAMES_TEXT)
    normalization: Normalization = Field(
        "none",
        description="Fitted per symbol on training rows, never clipped; zscore by the population "
        "deviation.",
    )


def _kind(value: Any) -> str:
    is_raw = {"raw_indicator", "normalization"} & keys_of(value)
    return "raw_indicator" if is_raw else "fuzzy_set"


NnInput = Annotated[
    Annotated[FuzzyInput, Tag("fuzzy_set")] | Annotated[RawInput, Tag("raw_indicator")],
    Discriminator(_kind),
]
