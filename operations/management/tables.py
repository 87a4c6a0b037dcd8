"""A table for a terminal of any width."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from operations.text import printable

GAP = 2
"""Between two columns."""
SHORTEST = 16
"""The cells that the last column keeps before another one goes for it."""


def table(
    columns: Sequence[str], lines: Sequence[Sequence[str]], *, spare: Sequence[str], width: int
) -> Table:
    """`lines` under `columns`, without those of the `spare` ones for which there is no room."""
    cells = [[printable(cell) for cell in line] for line in lines]
    widths = [
        max(map(cell_len, [heading, *column]))
        for heading, *column in zip(columns, *cells, strict=True)
    ]
    kept = _kept(columns, widths, spare, width)
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for at in kept:
        is_whole = at == 0 or (bool(spare) and at != kept[-1])
        shown.add_column(
            columns[at], no_wrap=at == 0 or bool(spare), min_width=widths[at] if is_whole else None
        )
    for line in cells:
        shown.add_row(*(Text(line[at]) for at in kept))
    return shown


def _kept(
    columns: Sequence[str], widths: Sequence[int], spare: Sequence[str], width: int
) -> list[int]:
    """Which columns there is room for, if the last one is shortened to `SHORTEST`."""
    least = [*widths[:-1], min(widths[-1], SHORTEST)]
    kept = list(range(len(columns)))
    for name in spare:
        if sum(least[at] + GAP for at in kept) - GAP <= width:
            break
        kept.remove(columns.index(name))
    return kept
