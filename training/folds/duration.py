"""Lengths of time by the calendar: `5y`, `6mo`, `26w`, `20d`. Free of torch."""

import re
from dataclasses import dataclass
from typing import Self

import numpy as np

from training.market_data.calendar import months_later
from training.market_data.timeframes import DAY

MONTHS = {"y": 12, "mo": 1}
DAYS = {"w": 7, "d": 1}
FORM = "a number of years, months, weeks or days, such as 5y, 6mo, 26w or 20d"
_WRITTEN = re.compile(r"([1-9]\d{0,4})(y|mo|w|d)")
MOST_DAYS = 200 * 366
"""Two centuries."""


@dataclass(frozen=True)
class Duration:
    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError, which says what is right."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"must be {FORM}")
        count, unit = int(found[1]), found[2]
        length = cls(months=count * MONTHS.get(unit, 0), days=count * DAYS.get(unit, 0))
        if length.rough_days > MOST_DAYS:
            raise ValueError("is longer than two centuries")
        return length

    @property
    def rough_days(self) -> float:
        """To compare by: months differ."""
        return self.months * 365.25 / 12 + self.days

    def after(self, start: int, times: int = 1) -> int:
        """Unix seconds: `times` whole lengths after `start`, or before where negative."""
        moved = months_later(np.array([start], np.int64), self.months * times)
        return int(moved[0]) + self.days * times * DAY
