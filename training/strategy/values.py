"""The kinds of value the grammar is made of, each with its range."""

from collections import Counter
from collections.abc import Hashable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, Discriminator, Field, Strict

T = TypeVar("T", bound=Hashable)

Timeframe = Literal[
    "1m", "2m", "3m", "5m", "10m", "15m", "30m", "45m",
    "1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d", "1w", "1M",
]  # fmt: skip
TIMEFRAMES: tuple[Timeframe, ...] = get_args(Timeframe)
"""Finest first. Not each divides the next: `training.market_data.timeframes.divides` knows."""

Source = Literal["open", "high", "low", "close", "hl2", "hlc3", "ohlc4", "volume"]
Settle = Literal["strict", "loose"]
OutputFormat = Literal["classification", "regression"]

CLASSES = ("buy", "hold", "sell")
"""Class names by class number; stored with the model."""


def unique(values: tuple[T, ...]) -> tuple[T, ...]:
    """The same; raises ValueError where one is listed more than once."""
    again = sorted(str(value) for value, count in Counter(values).items() if count > 1)
    if again:
        raise ValueError(f"{', '.join(again)} is listed more than once")
    return values


def _moment(text: str) -> str:
    parsed = _parse_moment(text)
    if isinstance(parsed, datetime):
        return parsed.isoformat().replace("+00:00", "Z")
    return parsed.isoformat()


def _parse_moment(text: str) -> date | datetime:
    """A date, or a time in UTC. Its offset must not lead out of the years 1 to 9999."""
    try:
        if len(text) == len("1999-01-04"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        message = f"{text!r} is neither a date like 1999-01-04 nor a time like 1999-01-04T15:30:00Z"
        raise ValueError(message) from None


def first_second(moment: str) -> int:
    """Unix seconds at which a moment begins, UTC."""
    parsed = _parse_moment(moment)
    if not isinstance(parsed, datetime):
        parsed = datetime(parsed.year, parsed.month, parsed.day, tzinfo=UTC)
    return int(parsed.timestamp())


def last_second(moment: str) -> int:
    """Unix seconds of a moment's last second, UTC: a date lasts until midnight."""
    is_date = not isinstance(_parse_moment(moment), datetime)
    return first_second(moment) + (int(timedelta(days=1).total_seconds()) - 1 if is_date else 0)


def keys_of(value: Any) -> frozenset[str]:
    """Keys of a mapping, given as data or already as a section."""
    return frozenset(value if isinstance(value, dict) else getattr(value, "__dict__", ()))


def _is_word(value: Any) -> str:
    return "word" if isinstance(value, str) else "other"


WORD_OR_OTHER = Discriminator(_is_word)
"""Tells `Tag("word")` from `Tag("other")`, so that only one of the two is complained about."""

Integer = Annotated[int, Strict()]
"""A whole number; neither true nor "5"."""

Number = Annotated[float, Strict()]
"""A finite number; neither true nor "5"."""

Flag = Annotated[bool, Strict()]

SYMBOL = r"^[A-Za-z0-9][A-Za-z0-9._^=-]{0,31}$"
SYMBOL_TEXT = "a symbol is letters, digits and . _ ^ = -, at most 32, not beginning with a mark"
Symbol = Annotated[str, Field(pattern=SYMBOL)]
IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_-]*$"
IDENTIFIER_TEXT = "a letter, then letters, digits, _ or -, at most 64 in all"
Identifier = Annotated[str, Field(pattern=IDENTIFIER, max_length=64)]
"""An id without a dot: the dot belongs to outputs."""

IndicatorReference = Annotated[
    str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*(\.[a-z][a-z0-9_]*)?$", max_length=100)
]
"""An indicator's id, followed by `.output` where it has several."""

Moment = Annotated[str, AfterValidator(_moment)]
"""An ISO date, or a time; a time without an offset is UTC."""

Symbols = Annotated[tuple[Symbol, ...], Field(min_length=1), AfterValidator(unique)]
Timeframes = Annotated[tuple[Timeframe, ...], Field(min_length=1), AfterValidator(unique)]

Period = Annotated[Integer, Field(ge=2, le=500)]
"""Bars in a window."""

Span = Annotated[Integer, Field(ge=1, le=500)]
"""Bars of a smoothing or a difference; 1 leaves the values as they are."""

Multiplier = Annotated[Number, Field(gt=0, le=100)]
"""How many deviations or true ranges."""

Horizon = Annotated[Integer, Field(ge=1, le=1000)]
"""Bars a label looks ahead."""
