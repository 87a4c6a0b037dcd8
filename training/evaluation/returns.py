"""The returns of a test part, each with its time: kept whole in the bundle, for tests in pairs.

Free of torch. An equity curve in the evaluation is thinned for a chart, and no test can use it.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

FILE = "test_returns.npy"
"""A file of a bundle, read by NumPy alone. Bundles of version 0.1.0 have none."""

_ROW = np.dtype([("time", "<i8"), ("return", "<f8")])


def to_bytes(times: NDArray[np.int64], returns: NDArray[np.float64]) -> bytes:
    """A .npy file of rows (time: when each position was filled, Unix seconds; return: net)."""
    rows = np.empty(len(times), _ROW)
    rows["time"], rows["return"] = times, returns
    file = BytesIO()
    np.save(file, rows, allow_pickle=False)
    return file.getvalue()


def from_bytes(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Times and returns. Raises ValueError for any other bytes."""
    try:
        rows = np.load(BytesIO(data), allow_pickle=False)
    except (EOFError, OSError) as error:
        raise ValueError(f"{FILE}: {error}") from error
    if rows.dtype != _ROW or rows.ndim != 1:
        raise ValueError(f"{FILE}: holds {rows.dtype} {rows.shape}, no returns by time")
    return np.ascontiguousarray(rows["time"]), np.ascontiguousarray(rows["return"])
