"""What charts.js draws: points of several series over one axis; and the same as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from operations.reading.words import metric

MOST_ROWS = 40
"""Of its table: who wants every number takes the files."""


@dataclass(frozen=True, kw_only=True)
class Series:
    label: str
    values: Sequence[float | None]
    """None where this series has no point."""
    place: int
    """Its colour: that of the operation at this place of the page, from 1."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    axis: Literal["time", "epoch"]
    x: Sequence[float]
    """Ascending; of a time axis Unix seconds."""
    series: Sequence[Series]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_thinned(self) -> bool:
        return len(self.x) > MOST_ROWS

    def rows(self) -> Iterator[tuple[str, ...]]:
        """What each series is at up to `MOST_ROWS` evenly spread points, with the last one."""
        last, most = len(self.x) - 1, min(len(self.x), MOST_ROWS)
        for number in range(most):
            point = round(last * number / max(most - 1, 1))
            yield self._place(point), *(metric(one.values[point]) for one in self.series)

    def _place(self, point: int) -> str:
        if self.axis == "epoch":
            return f"{self.x[point]:,.0f}"
        return datetime.fromtimestamp(self.x[point], UTC).date().isoformat()
