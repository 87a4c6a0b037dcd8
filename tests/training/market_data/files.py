"""Small files of prices, written for a test."""

from collections.abc import Iterable
from pathlib import Path

HEADER = "Date,Open,High,Low,Close,Volume"


def csv_file(folder: Path, *lines: str, header: str = HEADER, name: str = "prices.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def days(dates: Iterable[str], *, price: float = 100.0) -> list[str]:
    """One flat row per date."""
    return [f"{date},{price},{price + 1},{price - 1},{price},1000" for date in dates]
