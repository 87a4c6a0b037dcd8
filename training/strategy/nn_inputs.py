"""`nn_inputs`: what the network sees, in order."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from training.strategy.section import Section
from training.strategy.values import (
    WORD_OR_OTHER,
    Identifier,
    IndicatorReference,
    Timeframe,
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

    def feature_id(self, timeframe: Timeframe, membership: str) -> str:
        return f"{timeframe}_{self.fuzzy_set}_{membership}"


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

    def feature_id(self, timeframe: Timeframe) -> str:
        return f"{timeframe}_{self.raw_indicator}_raw"


def _kind(value: Any) -> str:
    is_raw = {"raw_indicator", "normalization"} & keys_of(value)
    return "raw_indicator" if is_raw else "fuzzy_set"


NnInput = Annotated[
    Annotated[FuzzyInput, Tag("fuzzy_set")] | Annotated[RawInput, Tag("raw_indicator")],
    Discriminator(_kind),
]


def timeframes_of(
    nn_input: FuzzyInput | RawInput, known: tuple[Timeframe, ...]
) -> tuple[Timeframe, ...]:
    """Those that the input is seen at, in order; `known` are the strategy's."""
    return known if nn_input.timeframes == "all" else nn_input.timeframes


def fuzzy_inputs(
    nn_inputs: Iterable[FuzzyInput | RawInput], *, timeframes: tuple[Timeframe, ...]
) -> Iterator[tuple[Timeframe, str]]:
    """Timeframe and fuzzy set of each fuzzy input, in order."""
    for nn_input in nn_inputs:
        if isinstance(nn_input, FuzzyInput):
            for timeframe in timeframes_of(nn_input, timeframes):
                yield timeframe, nn_input.fuzzy_set


def feature_ids(
    nn_inputs: Iterable[FuzzyInput | RawInput],
    *,
    timeframes: tuple[Timeframe, ...],
    memberships: Mapping[str, Iterable[str]],
) -> Iterator[str]:
    """Ids of the features, in order: inputs x timeframes x memberships, the latter by fuzzy set."""
    for nn_input in nn_inputs:
        for timeframe in timeframes_of(nn_input, timeframes):
            if isinstance(nn_input, RawInput):
                yield nn_input.feature_id(timeframe)
            else:
                names = memberships.get(nn_input.fuzzy_set, ())
                yield from (nn_input.feature_id(timeframe, name) for name in names)
