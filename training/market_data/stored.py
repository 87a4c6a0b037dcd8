"""Bars as immutable files in the checkpoint storage, named by what is in them."""

import io
import secrets
from io import BufferedReader
from pathlib import Path

import numpy as np

from checkpoints import files
from checkpoints.storage import checkpoint_storage, is_local
from training.market_data.bar_file import BarFile
from training.market_data.bars import VALUES, Bars, Float64Array
from training.models import MarketData

DIRECTORY = "market_data"
BUFFER_BYTES = 1024**2


class StoredBarsDamaged(Exception):
    """A stored file is not what was imported; the message says why."""


def store_bars(bars: Bars) -> str:
    """
    Write bars; returns the file's name in the storage, which no other file ever had.

    The file is one float64 array [6, rows] in NumPy's format: times, open, high, low, close,
    volume. Unix seconds are exact in it.

    Raises:
        StorageUnreachableError: the storage did not take the file.
    """
    name = f"{DIRECTORY}/{bars.fingerprint()}-{secrets.token_hex(4)}.npy"
    return files.write_file(name, BufferedReader(BarFile(bars), BUFFER_BYTES))


def load_stored(
    name: str, fingerprint: str, num_rows: int, *, day_ends: int = 0, day_closes: int = 0
) -> Bars:
    """
    Read the first `num_rows` bars of a file; a local one is mapped into memory, not copied.

    Args:
        name: of the file.
        fingerprint: of the bars.
        num_rows: how many they are; the file may have more.
        day_ends: when their days end, which their report has and the file has not.
        day_closes: when the first of them had ended, likewise.

    Raises:
        StoredBarsDamaged: the file is missing or has other content.
        StorageUnreachableError: the storage does not answer.
    """
    try:
        table = _load(name)[:, :num_rows]
        columns = {key: table[row] for row, key in enumerate(VALUES, start=1)}
        times = table[0].astype(np.int64)
        bars = Bars(times=times, **columns, day_ends=day_ends, day_closes=day_closes)
    except FileNotFoundError as error:
        raise StoredBarsDamaged("the file is missing") from error
    except (ValueError, EOFError, IndexError) as error:
        raise StoredBarsDamaged("the file is cut off or overwritten") from error
    if bars.fingerprint() != fingerprint:
        raise StoredBarsDamaged("the fingerprint is another one")
    return bars


def load_data(data: MarketData) -> Bars:
    """The bars of a row; raises as `load_stored`."""
    days = {name: data.report.get(name, 0) for name in ("day_ends", "day_closes")}
    return load_stored(data.file, data.fingerprint, data.num_rows, **days)


def _load(name: str) -> Float64Array:
    storage = checkpoint_storage()
    table: Float64Array
    if is_local(storage):
        table = np.load(Path(storage.path(name)), mmap_mode="r", allow_pickle=False)
    else:
        table = np.load(io.BytesIO(files.read(name)), allow_pickle=False)
    return table
