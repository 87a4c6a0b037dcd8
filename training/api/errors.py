"""What can be asked for and is not there. A class's docstring is its message."""

from operations.errors import DomainError


class SymbolNotFound(DomainError):
    """
    There is no market data of {symbol}. Import it with
    `manage.py import_market_data FILE --symbol {symbol} --timeframe T`.
    """

    code = "symbol_not_found"
    status = 404
