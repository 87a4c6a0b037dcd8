"""Which settings of a strategy are searched, and in which range of each. Free of torch.

A space is YAML: a setting's dotted path, and `choice`, `int`, `float` or `log` with its values.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from training.strategy.document import DocumentInvalid, read_document
from training.strategy.faults import Fault, StrategyInvalid
from training.strategy.overrides import apply_settings
from training.strategy.strategy import Strategy

SHIPPED = Path(__file__).parent.parent / "spaces"
MOST_SETTINGS = 50
"""Of one space."""
MEASURED = "changes what trials are compared by"
REFUSED = {
    "training.labels": MEASURED,
    "training.data_split": MEASURED,
    "training_data": MEASURED,
    "training.loss": MEASURED,
    "training.focal_gamma": MEASURED,
    "training.huber_delta": MEASURED,
    "training.class_weights": MEASURED,
    "training.class_weight_cap": MEASURED,
    "training.early_stopping.monitor": MEASURED,
    "training.seed": "would be a search for luck",
    "training.epochs": "is how far every trial is trained: give the search its epochs",
    "decisions": "changes nothing that trials are compared by",
    "name": "changes nothing that is trained",
    "version": "changes nothing that is trained",
    "description": "changes nothing that is trained",
}
"""What is not searched, with all below it, and why."""


NO_SPACE = Fault(
    location=(),
    message="this is no space: no key of it is a dotted path such as training.learning_rate",
)
"""Says nothing of what is there instead: a path may be mistaken, and lead to somebody's secrets."""


class SpaceInvalid(StrategyInvalid):
    """The space {source} is not valid: {summary}"""

    code = "space_invalid"


class Values(Protocol):
    """Which values a setting may have."""

    @property
    def size(self) -> int | None:
        """How many; None for a range of real numbers."""

    def at(self, share: float) -> Any:
        """The value at this share of them, 0 ≤ share < 1: each of `size` has an equal share."""

    def share_of(self, value: Any) -> float:
        """Of one of its values, such that `at` gives it back: where it is drawn."""

    def ends(self) -> tuple[Any, ...]:
        """Where all of these are accepted, all values are."""


@dataclass(frozen=True)
class Choice:
    values: tuple[Any, ...]

    @property
    def size(self) -> int:
        return len(self.values)

    def at(self, share: float) -> Any:
        return self.values[int(share * len(self.values))]

    def share_of(self, value: Any) -> float:
        return (self.place_of(value) + 0.5) / self.size

    def ends(self) -> tuple[Any, ...]:
        return self.values

    def place_of(self, value: Any) -> int:
        """Of one of its values."""
        return [_spelled(named) for named in self.values].index(_spelled(value))


@dataclass(frozen=True)
class IntRange:
    low: int
    high: int
    """Included."""

    @property
    def size(self) -> int:
        return self.high - self.low + 1

    def at(self, share: float) -> int:
        return min(self.high, self.low + int(share * self.size))

    def share_of(self, value: Any) -> float:
        return (float(value) - self.low + 0.5) / self.size

    def ends(self) -> tuple[int, int]:
        return self.low, self.high


@dataclass(frozen=True)
class FloatRange:
    low: float
    high: float

    size = None

    def at(self, share: float) -> float:
        return min(self.high, self.low + share * (self.high - self.low))

    def share_of(self, value: Any) -> float:
        return (float(value) - self.low) / (self.high - self.low)

    def ends(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class LogRange(FloatRange):
    """Every factor is as likely as any other."""

    def at(self, share: float) -> float:
        low, high = math.log(self.low), math.log(self.high)
        return min(self.high, max(self.low, math.exp(low + share * (high - low))))

    def share_of(self, value: Any) -> float:
        return math.log(value / self.low) / math.log(self.high / self.low)


@dataclass(frozen=True)
class Space:
    settings: Mapping[str, Values]
    """By dotted path, in the order of the text."""

    @property
    def size(self) -> int | None:
        """How many points there are; None for infinitely many."""
        sizes = [values.size for values in self.settings.values()]
        known = [size for size in sizes if size is not None]
        return math.prod(known) if len(known) == len(sizes) else None

    def at(self, shares: tuple[float, ...]) -> dict[str, Any]:
        """The point with a share for each setting, in their order."""
        ranges = zip(self.settings.items(), shares, strict=True)
        return {path: values.at(share) for (path, values), share in ranges}


def read_space(text: str, strategy: Strategy, *, source: str = "space") -> Space:
    """Raises `SpaceInvalid` with every fault: of the text, and of what `strategy` cannot be."""
    try:
        document = read_document(text)
    except DocumentInvalid as error:
        raise SpaceInvalid(source, [error.fault]) from error
    space, faults = _read(document.data, strategy)
    if faults := [*document.faults, *faults]:
        lined = (_with_line(fault, document.line_of(fault.location)) for fault in faults)
        raise SpaceInvalid(source, sorted(lined, key=lambda fault: (fault.line or 0, fault.path)))
    return space


def shipped_spaces() -> dict[str, Path]:
    """Spaces for shipped strategies, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def space_from_data(data: Mapping[str, Any]) -> Space:
    """Of what was read before: whether a strategy can have its values was asked then (0.15 s)."""
    return Space({path: values_of(written) for path, written in data.items()})


def _read(data: Mapping[str, Any], strategy: Strategy) -> tuple[Space, list[Fault]]:
    if len(data) > MOST_SETTINGS:
        message = f"has {len(data):,} settings; a search has at most {MOST_SETTINGS}"
        return Space({}), [_fault("", message)]
    settings: dict[str, Values] = {}
    faults: list[Fault] = []
    snapshot = strategy.snapshot()
    if data and snapshot.keys().isdisjoint(path.partition(".")[0] for path in data):
        return Space({}), [NO_SPACE]
    for path, written in data.items():
        try:
            _require_searchable(path, snapshot)
            values = values_of(written)
        except ValueError as error:
            faults.append(_fault(path, str(error)))
        else:
            settings[path] = values
            faults.extend(_outside_of_grammar(path, values, snapshot))
    space = Space(settings)
    if not faults and space.size in (0, 1):
        faults.append(_fault("", "is one point: there is nothing to search"))
    return space, faults


def _require_searchable(path: str, snapshot: Mapping[str, Any]) -> None:
    """Raises ValueError, in words."""
    for refused, why in REFUSED.items():
        if path == refused or path.startswith(f"{refused}."):
            raise ValueError(f"is not searched: it {why}")
    section: Any = snapshot
    for key in path.split("."):
        if not isinstance(section, Mapping) or key not in section:
            raise ValueError("there is no such setting in this strategy")
        section = section[key]
    if isinstance(section, Mapping):
        raise ValueError(f"is a section: search its settings, such as {path}.{next(iter(section))}")


def values_of(written: Any) -> Values:
    """Of one setting. Raises ValueError, in words."""
    if not isinstance(written, Mapping) or len(written) != 1:
        raise ValueError("must be one of choice, int, float or log with a list of values")
    ((kind, values),) = written.items()
    if kind not in KINDS:
        raise ValueError(f"{kind} is none of choice, int, float and log")
    if not isinstance(values, list):
        raise ValueError(f"{kind} takes a list")
    return KINDS[kind](values)


def _choice(values: list[Any]) -> Choice:
    if not values:
        raise ValueError("choice is empty")
    if any(isinstance(value, Mapping) for value in values):
        raise ValueError("choice takes scalars and lists")
    if len({_spelled(value) for value in values}) < len(values):
        raise ValueError("choice names a value twice")
    return Choice(tuple(values))


def _spelled(value: Any) -> str:
    """Equal for what a strategy would not tell apart: 1 and 1.0 are one number."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return repr(float(value)) if is_number else repr(value)


def _int(values: list[Any]) -> IntRange:
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        raise ValueError("int takes two whole numbers, the lowest and the highest")
    return IntRange(*_rising("int", values))


def _float(values: list[Any]) -> FloatRange:
    return FloatRange(*_rising("float", _numbers("float", values)))


def _log(values: list[Any]) -> LogRange:
    low, high = _rising("log", _numbers("log", values))
    if low <= 0:
        raise ValueError("log takes numbers above 0")
    return LogRange(low, high)


KINDS: dict[str, Callable[[list[Any]], Values]] = {
    "choice": _choice,
    "int": _int,
    "float": _float,
    "log": _log,
}


def _numbers(kind: str, values: list[Any]) -> list[float]:
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raise ValueError(f"{kind} takes two numbers, the lowest and the highest")
    numbers = [float(value) for value in values]
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError(f"{kind} takes finite numbers")
    return numbers


def _rising(kind: str, values: list[Any]) -> tuple[Any, Any]:
    if len(values) != 2:
        raise ValueError(f"{kind} takes two numbers, the lowest and the highest")
    low, high = values
    if low >= high:
        raise ValueError(f"{kind} goes from the lowest to the highest: {low} is not below {high}")
    return low, high


def _outside_of_grammar(path: str, values: Values, snapshot: Mapping[str, Any]) -> Iterator[Fault]:
    """Values that this setting can never have. What does not fit others may fit other trials."""
    place = tuple(path.split("."))
    for value in values.ends():
        try:
            apply_settings(snapshot, {path: value})
        except StrategyInvalid as error:
            own = [fault for fault in error.faults if fault.location[: len(place)] == place]
            yield from (_fault(path, f"{value}: {fault.message}") for fault in own)


def _fault(path: str, message: str) -> Fault:
    return Fault(location=(path,) if path else (), message=message)


def _with_line(fault: Fault, line: int | None) -> Fault:
    return fault if fault.line else Fault(location=fault.location, message=fault.message, line=line)
