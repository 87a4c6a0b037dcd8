"""What can be asked for and is not there. A class's docstring is its message."""

from operations.errors import DomainError


class ModelNotFound(DomainError):
    """There is no model {model_id}."""

    code = "model_not_found"
    status = 404


class SymbolNotFound(DomainError):
    """
    There is no market data of {symbol}. Import it with
    `manage.py import_market_data FILE --symbol {symbol} --timeframe T`.
    """

    code = "symbol_not_found"
    status = 404
