"""What charts.js draws: points of several series over one axis."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal


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
