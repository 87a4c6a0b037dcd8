"""What can be wrong with market data. A class's docstring is its message."""

from collections.abc import Sequence

from operations.errors import DomainError


class MarketDataInvalid(DomainError):
    """{source} cannot be used as market data: {summary}"""

    code = "market_data_invalid"
    status = 400

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        """Takes at least one problem; the message names the first, `errors` all of them."""
        self.source = source
        self.problems = tuple(problems)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            errors=[{"pointer": source, "detail": problem} for problem in problems],
            source=source,
            summary=f"{problems[0]}{more}",
        )


class TimeframeMismatch(MarketDataInvalid):
    """{source} does not have bars of that timeframe: {summary}"""


class MarketDataMissing(DomainError):
    """
    There is no market data of {symbol} at {timeframe}.{hint} Import it with
    `manage.py import_market_data FILE --symbol {symbol} --timeframe {timeframe}`.
    """

    code = "market_data_missing"
    status = 422


class MarketDataDamaged(DomainError):
    """
    The stored market data of {symbol} at {timeframe} is damaged ({reason}). Import the original
    file again: `manage.py import_market_data FILE --symbol {symbol} --timeframe {timeframe}`.
    """

    code = "market_data_damaged"
    status = 422


class SeriesNotFound(DomainError):
    """There is no market data of {symbol} at {timeframe}: `GET data` lists what there is."""

    code = "series_not_found"
    status = 404


class TooManyBars(DomainError):
    """
    This is more than is read while somebody waits. {reason} Ask for a part of the time, by `from`
    and `to`.
    """

    code = "too_many_bars"
    status = 422


class TooManyDownloads(DomainError):
    """
    {at_once} files are on their way to you: take them first. Try again in {wait} s.
    """

    code = "too_many_downloads"
    status = 429

    def __init__(self, *, at_once: int, wait: int) -> None:
        super().__init__(at_once=at_once, wait=wait)
        self.wait = wait  # seconds, for Retry-After


class MarketDataDiffers(DomainError):
    """
    {source} does not go on with the stored bars of {symbol} at {timeframe}: {reason}.
    --replace (replace in the API) replaces {rows} rows to {last}. What trainings stand on stays
    stored, and `manage.py undo_import {symbol} --timeframe {timeframe}` goes back.
    """

    code = "market_data_differs"
    status = 409


class SymbolInDoubt(DomainError):
    """
    There is market data of {known}, and {symbol} would be another symbol. Say --symbol {known}, or,
    if they are two, --new-symbol (new_symbol in the API).
    """

    code = "symbol_in_doubt"
    status = 409


class NothingToUndo(DomainError):
    """
    No import of {symbol} at {timeframe} can be undone: {reason}. `manage.py forget_market_data
    {symbol} --timeframe {timeframe}` deletes it.
    """

    code = "nothing_to_undo"
    status = 409


class SeriesChanged(DomainError):
    """
    The newest import of {symbol} at {timeframe} is number {newest}, and not {meant}: look at it
    again first.
    """

    code = "series_changed"
    status = 409


class MarketDataPinned(DomainError):
    """
    The bars of {symbol} at {timeframe} stay, for these stand on them: {operations}. Their trainings
    could not go on, or their models not be checked, without. Nothing was deleted.
    """

    code = "market_data_pinned"
    status = 409
