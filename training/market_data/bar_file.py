"""The bytes of a stored file of bars, without a copy of them in memory."""

import io

import numpy as np

from training.market_data.bars import COLUMNS, Bars


class BarFile(io.RawIOBase):
    """
    Bars as one float64 array [6, rows] in NumPy's format, to be read once or from anywhere again.

    One column after the other is looked at: only times, which are integers, are converted.
    """

    def __init__(self, bars: Bars) -> None:
        self._parts = [memoryview(_header(len(bars))), *(_bytes(bars, name) for name in COLUMNS)]
        self._size = sum(len(part) for part in self._parts)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        at = self._at
        for part in self._parts:
            if at < len(part):
                piece = part[at : at + len(buffer)]
                buffer[: len(piece)] = piece
                self._at += len(piece)
                return len(piece)
            at -= len(part)
        return 0


def _header(rows: int) -> bytes:
    file = io.BytesIO()
    shape = (len(COLUMNS), rows)
    what = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, what)
    return file.getvalue()


def _bytes(bars: Bars, name: str) -> memoryview:
    return np.ascontiguousarray(getattr(bars, name), "<f8").data.cast("B")
