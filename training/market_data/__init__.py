"""OHLCV bars: read from files, validated, stored as immutable files, loaded for trainings."""

from training.market_data.bars import Bars
from training.market_data.catalog import CatalogEntry, list_market_data, load_bars
from training.market_data.errors import (
    MarketDataDamaged,
    MarketDataInvalid,
    MarketDataMissing,
)
from training.market_data.report import DataReport, Gap

__all__ = [
    "Bars",
    "CatalogEntry",
    "DataReport",
    "Gap",
    "MarketDataDamaged",
    "MarketDataInvalid",
    "MarketDataMissing",
    "list_market_data",
    "load_bars",
]
