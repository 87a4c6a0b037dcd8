"""A file as a table: cells by position, the names above them, and where each row stands."""

from dataclasses import dataclass, replace

import polars as pl

BLANKS = " \t\"'\u00a0\u202f\u2009\ufeff"
"""What may stand around a value and is no part of it."""
_BLANK_AROUND = f"^[{BLANKS}]|[{BLANKS}]$"


@dataclass(frozen=True, kw_only=True)
class Table:
    """The rows of one file, before anything is decided about its columns."""

    source: str
    """Name of the file."""
    container: str
    """`text`, `xlsx`, `feather`, `parquet` or `JSON`."""
    delimiter: str | None
    """What parts the fields of a text."""
    names: tuple[str, ...]
    """As in the header; empty without one."""
    frame: pl.DataFrame
    """Columns c0, c1, …: text, or what a typed container holds."""
    word: str
    """What a row's place is called: `line` or `row`."""
    first: int
    """Number of the first row's place."""
    tickers: tuple[str, ...] = ()
    """By column, of a file that has one price of several instruments beside the other."""

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self.frame.width

    def column(self, index: int) -> pl.Series:
        """One column as it is."""
        return self.frame[f"c{index}"]

    def texts(self, index: int) -> pl.Series:
        """One column as text without what stands around it; null where there is nothing."""
        return as_text(self.column(index))

    def times(self, index: int) -> pl.Series:
        """One column as the times that a typed container holds, else as text."""
        column = self.column(index)
        return column if isinstance(column.dtype, pl.Datetime) else self.texts(index)

    def label(self, index: int) -> str:
        """What a column is called in messages."""
        name = self.names[index].strip() if self.names else ""
        return name or f"#{index + 1}"

    def columns_told(self) -> str:
        """What there is to choose from, for a refusal."""
        shown = (f"#{index + 1} {self.label(index)}" for index in range(min(self.width, 20)))
        return f"the columns are {', '.join(shown)}"

    def sample(self, rows: int = 600) -> "Table":
        """Some rows of the whole length, in their order."""
        step = len(self.frame) // rows + 1
        return replace(self, frame=self.frame.gather_every(step))

    def first_rows(self, rows: int) -> "Table":
        """Some rows that stand beside each other."""
        return replace(self, frame=self.frame.head(rows))


def positions(frame: pl.DataFrame) -> pl.DataFrame:
    """The same columns, named by position."""
    return frame.rename({name: f"c{index}" for index, name in enumerate(frame.columns)})


def as_text(column: pl.Series) -> pl.Series:
    """Numbers and times as they are written; null where there is nothing."""
    if isinstance(column.dtype, pl.Datetime):
        column = _as_written(column)
    elif column.dtype.is_float() and column.drop_nulls().is_finite().all():
        whole = column.drop_nulls()
        if (whole == whole.round(0)).all() and (whole.abs() < 2**63).all():
            column = column.cast(pl.Int64)
    texts = column.cast(pl.String, strict=False)
    if texts.str.contains(_BLANK_AROUND).any():  # else no second copy
        texts = texts.str.strip_chars(BLANKS)
    is_empty = texts == ""
    return texts.set(is_empty, None) if is_empty.any() else texts


def _as_written(column: pl.Series) -> pl.Series:
    zone = getattr(column.dtype, "time_zone", None)
    return column.dt.to_string("%Y-%m-%d %H:%M:%S%.3f%:z" if zone else "%Y-%m-%d %H:%M:%S%.3f")
