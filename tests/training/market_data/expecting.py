"""What a file should be read as, and the options it is read with."""

import shlex
from argparse import ArgumentParser

import numpy as np

from tests.training.market_data.writing import Row
from training.management.arguments import add_reading_arguments
from training.market_data import Bars
from training.market_data.reading.options import Options


def options_of(words: str) -> Options:
    """As the command reads them."""
    parser = ArgumentParser()
    add_reading_arguments(parser)
    return Options.of(vars(parser.parse_args(shlex.split(words))))


def bars_of(rows: list[Row], *, has_volume: bool = True) -> Bars:
    columns = {
        name: np.array([float(getattr(row, name)) for row in rows])
        for name in ("open", "high", "low", "close", "volume")
    }
    if not has_volume:
        columns["volume"][:] = 0
    return Bars(times=np.array([int(row.time.timestamp()) for row in rows]), **columns)
