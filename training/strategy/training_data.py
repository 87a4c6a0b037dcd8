"""`training_data`: which symbols, at which timeframes, from when to when."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import Field, model_validator

from training.strategy.section import Section
from training.strategy.values import (
    TIMEFRAMES,
    Integer,
    Moment,
    Settle,
    Symbol,
    Symbols,
    Timeframe,
    Timeframes,
    first_second,
    last_second,
)


class SingleSymbol(Section):
    """One symbol."""

    mode: Literal["single"]
    symbol: Symbol = Field(description="Symbol of the imported market data.")

    @property
    def names(self) -> tuple[str, ...]:
        """Every symbol, in order."""
        return (self.symbol,)


class MultiSymbol(Section):
    """Several symbols, whose rows are trained together."""

    mode: Literal["multi_symbol"]
    symbols: Symbols = Field(alias="list", description="Symbols, each once.")

    @property
    def names(self) -> tuple[str, ...]:
        """Every symbol, in order."""
        return self.symbols


class SingleTimeframe(Section):
    """One timeframe, whose bars are the rows."""

    mode: Literal["single"]
    timeframe: Timeframe = Field(description="Length of a bar.")

    @property
    def names(self) -> tuple[Timeframe, ...]:
        """Every timeframe, in order."""
        return (self.timeframe,)

    @property
    def base(self) -> Timeframe:
        """The timeframe whose bars are the rows."""
        return self.timeframe


class MultiTimeframe(Section):
    """
    Several timeframes; the bars of the base are the rows.

    Of each other timeframe a row sees the newest bar that has closed by its end. A higher one is
    carried forward; of a finer one it is at most one base period old, else the row is dropped:
    neither trained nor decided on, and counted. Indicators are computed on a timeframe's own bars.
    """

    mode: Literal["multi_timeframe"]
    timeframes: Timeframes = Field(alias="list", description="Timeframes, each once.")
    base_timeframe: Timeframe = Field(
        cast(Timeframe, None),  # which the validator below fills in
        description="One of the list; its bars are the rows. Default: the finest.",
    )

    @property
    def names(self) -> tuple[Timeframe, ...]:
        """Every timeframe, in order."""
        return self.timeframes

    @property
    def base(self) -> Timeframe:
        """The timeframe whose bars are the rows."""
        return self.base_timeframe

    @model_validator(mode="before")
    @classmethod
    def _default_base_is_the_finest(cls, value: Any) -> Any:
        if not isinstance(value, dict) or value.get("base_timeframe") is not None:
            return value
        listed = value.get("list", value.get("timeframes"))
        given = listed if isinstance(listed, list | tuple) else ()
        base = next((name for name in TIMEFRAMES if name in given), None)
        return value if base is None else {**value, "base_timeframe": base}

    @model_validator(mode="after")
    def _base_is_listed(self) -> Self:
        base, names = self.base_timeframe, self.timeframes
        if base not in names:
            raise ValueError(f"base_timeframe {base} is not in the list {', '.join(names)}")
        return self


class TrainingData(Section):
    """Which market data is trained on."""

    symbols: Annotated[SingleSymbol | MultiSymbol, Field(discriminator="mode")] = Field(
        description="One symbol or several."
    )
    timeframes: Annotated[SingleTimeframe | MultiTimeframe, Field(discriminator="mode")] = Field(
        description="One timeframe or several."
    )
    start_date: Moment | None = Field(
        None, description="First row: an ISO date or UTC time, inclusive. Default: the first bar."
    )
    end_date: Moment | None = Field(
        None,
        description="Last row: an ISO date or UTC time, inclusive. Default: the last bar at start.",
    )
    history_required: Annotated[Integer, Field(ge=0, le=100_000)] | None = Field(
        None,
        description="Bars per timeframe that warm up the indicators before start_date. "
        "Default: the longest settle length.",
    )
    settle: Settle = Field(
        "strict",
        description="How long indicators with a memory run in before the first row. strict: until "
        "float32 hardly sees where the data begin (about 1e-8 of the indicator's range): an EMA "
        "8 x its period, Wilder's smoothing 17 x, adx 20 x. loose: 4 x, 8 x, 10 x (about 1e-4). "
        "Either way supertrend and parabolic_sar take at least 200 bars, for paths to turn.",
    )

    @property
    def start_seconds(self) -> int | None:
        """First second of start_date, Unix time."""
        return first_second(self.start_date) if self.start_date else None

    @property
    def end_seconds(self) -> int | None:
        """Last second of end_date, Unix time; a date lasts until midnight UTC."""
        return last_second(self.end_date) if self.end_date else None

    _RANGE_KEYS: ClassVar[Mapping[str, str]] = {
        "start": "start_date",
        "end": "end_date",
        "start_date": "start_date",
        "end_date": "end_date",
    }

    @model_validator(mode="before")
    @classmethod
    def _accept_date_range(cls, value: Any) -> Any:
        """`date_range: {start, end}` of older files."""
        if not isinstance(value, dict) or not isinstance(value.get("date_range"), dict):
            return value
        content = {key: item for key, item in value.items() if key != "date_range"}
        for key, moment in value["date_range"].items():
            name = cls._RANGE_KEYS.get(key)
            if name is None:
                raise ValueError(f"date_range has start and end, not {key}")
            if name in content:
                raise ValueError(f"{name} is given twice, once within date_range")
            content[name] = moment
        return content

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Self:
        start, end = self.start_seconds, self.end_seconds
        if start is not None and end is not None and start > end:
            raise ValueError(f"start_date {self.start_date} is after end_date {self.end_date}")
        return self
