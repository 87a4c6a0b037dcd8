"""What was decided about a file: stored with its bars, printed, and used for the next file."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class By(StrEnum):
    """What decided."""

    OPTION = "option"
    """Whoever imports said it."""
    MEMORY = "memory"
    """An earlier file of the same shape, of this symbol and timeframe, was read so."""
    PROOF = "proof"
    """The file shows it."""
    DEFAULT = "default"
    """Nothing shows it: an assumption."""


class About(StrEnum):
    """What was decided."""

    CONTAINER = "container"
    """How the file is packed and encoded."""
    HEADER = "header"
    """Which line names the columns, what stands before it, and what parts the fields."""
    COLUMNS = "columns"
    """Which column is which: names, or `#N` for the N-th, by role."""
    INSTRUMENT = "instrument"
    """Whose rows were taken from a file that names its instruments."""
    DATES = "dates"
    """Order of day, month and year: dmy, mdy or ymd."""
    DECIMAL = "decimal"
    """The decimal mark."""
    TIMEZONE = "timezone"
    """Zone of times without an offset; null where none needed one."""
    STAMPS = "stamps"
    """Whether a time is the open or the close of its bar."""
    DAY_ENDS = "day_ends"
    """When days that are dated by their date have ended, seconds after midnight UTC."""
    DAY_CLOSES = "day_closes"
    """When the first of them had ended already, seconds from midnight UTC, where that is before."""
    TIMEFRAME = "timeframe"
    """Whether the steps from bar to bar show how long bars last."""
    ROWS = "rows"
    """Rows that were left out, by reason."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One thing that was decided."""

    about: About
    value: Any
    """As JSON; of what an option decides it is the option's own value."""
    by: By
    words: str
    """For the report, a sentence without its full stop."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What files have in common that one program wrote."""

    container: str
    delimiter: str | None
    names: tuple[str, ...]
    """Of the columns, as in the header; empty without one."""
    time_form: str
    """How the time is written: `year first, clock`, `Unix time`."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Everything that was decided about a file."""

    shape: Shape | None
    """None of several files of different shapes: nothing of them is remembered."""
    decisions: tuple[Decision, ...]

    def decided(self, about: About) -> Decision | None:
        """The decision about something, if there was anything to decide."""
        return next((one for one in self.decisions if one.about == about), None)

    @property
    def timezone(self) -> str | None:
        """Zone in which times without an offset were read; None where none needed one."""
        decision = self.decided(About.TIMEZONE)
        return None if decision is None else decision.value

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self | None:
        """None of what was stored before readings were kept whole."""
        if "decisions" not in stored:
            return None
        shape = stored["shape"]
        return cls(
            shape=shape and Shape(**shape | {"names": tuple(shape["names"])}),
            decisions=tuple(
                Decision(**one | {"about": About(one["about"]), "by": By(one["by"])})
                for one in stored["decisions"]
            ),
        )
