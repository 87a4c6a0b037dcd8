"""What a search has decided until now, as its events `waiting` tell, the oldest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from operations.models import Event, EventType, Operation
from training.sweep.samplers import Point

WINNER = "winner"
"""The last phase: the winner is scored on its test part."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """Where a search stands: a bracket's trials train to a rung."""

    bracket: int
    rung: int
    winner: int | None = None

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Phase":
        return cls(bracket=told["bracket"], rung=told["rung"], winner=told.get(WINNER))

    def to_json(self) -> dict[str, int]:
        told = {"bracket": self.bracket, "rung": self.rung}
        return told if self.winner is None else {**told, WINNER: self.winner}


class Decided:
    """Read once, for one look."""

    def __init__(self, sweep: Operation) -> None:
        events = Event.objects.filter(operation=sweep, event_type=EventType.WAITING)
        self.told: list[dict[str, Any]] = list(
            events.order_by("number").values_list("data", flat=True)
        )

    @property
    def phase(self) -> Phase | None:
        """The newest; None before the first bracket."""
        return Phase.from_json(self.told[-1]) if self.told else None

    @property
    def refused(self) -> dict[int, str]:
        """Why a trial could not be trained, by its number."""
        return self._by_number("refused", self.told)

    @property
    def points(self) -> dict[int, Point]:
        """Of a sampler that learns, what it suggested, by the trial's number."""
        return self._by_number("points", self.told)

    @property
    def suggested_by(self) -> str | None:
        """The version of what suggested them."""
        versions = (data["suggested_by"] for data in self.told if "suggested_by" in data)
        return next(versions, None)

    @property
    def first_values(self) -> dict[int, str]:
        """What a trial was compared by first, as its `part_value`, by its number."""
        return self._by_number("values", reversed(self.told))

    def began_with(self, phase: Phase) -> int | None:
        """How many trials trained to this rung; None before it has begun."""
        for data in self.told:
            if Phase.from_json(data) == phase and "trials" in data:
                return int(data["trials"])
        return None

    def values_at(self, phase: Phase) -> dict[int, str] | None:
        """By number, what was compared there, as `part_value`; None before that."""
        later = False
        for data in self.told:
            is_this = Phase.from_json(data) == phase
            if later and not is_this:
                return {int(number): value for number, value in data.get("values", {}).items()}
            later = later or is_this
        return None

    def _by_number(self, name: str, told: Iterable[Mapping[str, Any]]) -> dict[int, Any]:
        found: dict[str, Any] = {}
        for data in told:
            found |= data.get(name, {})
        return {int(number): value for number, value in found.items()}
