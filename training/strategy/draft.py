"""As much of a strategy as can be read, so that one fault does not hide another."""

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from training.strategy.decisions import Decisions
from training.strategy.faults import Fault, Location
from training.strategy.fuzzy_sets import FuzzySet
from training.strategy.indicators import Indicator, IndicatorSection
from training.strategy.nn_inputs import FuzzyInput, NnInput, RawInput
from training.strategy.rule_base import Rule, Tsk
from training.strategy.training_data import TrainingData
from training.strategy.training_settings import TrainingSettings

T = TypeVar("T")

_INDICATOR: TypeAdapter[IndicatorSection] = TypeAdapter(Indicator)
_FUZZY_SET = TypeAdapter(FuzzySet)
_NN_INPUT: TypeAdapter[FuzzyInput | RawInput] = TypeAdapter(NnInput)
_RULE = TypeAdapter(Rule)
_TSK = TypeAdapter(Tsk)
_TRAINING_DATA = TypeAdapter(TrainingData)
_TRAINING = TypeAdapter(TrainingSettings)
_DECISIONS = TypeAdapter(Decisions)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule between sections found."""

    fault: Fault
    because_of: tuple[Location, ...] = ()
    """Places the rule read besides; with a fault of their own there, the finding is moot."""
    is_warning: bool = False


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The sections of a strategy; None where one cannot be read."""

    data: Mapping[str, Any]
    """What was written."""
    training_data: TrainingData | None
    indicators: Mapping[str, IndicatorSection | None]
    fuzzy_sets: Mapping[str, FuzzySet | None]
    nn_inputs: tuple[FuzzyInput | RawInput | None, ...]
    tsk: Tsk | None
    """Without its written rules; None of another network, too."""
    rules: tuple[Rule | None, ...]
    """Those that are written."""
    training: TrainingSettings | None
    decisions: Decisions | None

    @property
    def set_indicators(self) -> dict[str, str]:
        """The indicator that each fuzzy set names, also where its memberships cannot be read."""
        written = {name: self.data["fuzzy_sets"][name] for name in self.fuzzy_sets}
        named = {name: _indicator(fuzzy_set) for name, fuzzy_set in written.items()}
        return {name: reference for name, reference in named.items() if isinstance(reference, str)}

    @classmethod
    def read(cls, data: Mapping[str, Any], without: Collection[Location]) -> "Draft":
        """Read what there is, leaving out the places that are known to be wrong."""
        rest = copy.deepcopy(dict(data))
        for location in sorted(without, key=len, reverse=True):
            _remove(rest, location)
        indicators = _read_each(_INDICATOR, data.get("indicators"), rest.get("indicators"))
        fuzzy_sets = _read_each(_FUZZY_SET, data.get("fuzzy_sets"), rest.get("fuzzy_sets"))
        tsk, rules = _read_rules(rest.get("model"))
        return cls(
            data=data,
            training_data=_read(_TRAINING_DATA, rest.get("training_data")),
            indicators=indicators,
            fuzzy_sets=fuzzy_sets,
            nn_inputs=tuple(_read(_NN_INPUT, item) for item in _items(rest.get("nn_inputs"))),
            tsk=tsk,
            rules=rules,
            training=_read(_TRAINING, rest.get("training")),
            decisions=_read(_DECISIONS, rest.get("decisions", {})),
        )


def _read(kind: TypeAdapter[T], value: Any) -> T | None:
    try:
        return kind.validate_python(value)
    except ValidationError:
        return None


def _read_each(kind: TypeAdapter[T], declared: Any, rest: Any) -> dict[str, T | None]:
    names = declared if isinstance(declared, dict) else {}
    readable = rest if isinstance(rest, dict) else {}
    return {name: _read(kind, readable.get(name)) for name in names}


def _read_rules(model: Any) -> tuple[Tsk | None, tuple[Rule | None, ...]]:
    architecture = model.get("architecture", {}) if isinstance(model, dict) else None
    if not isinstance(architecture, dict):
        return None, ()
    rules = _items(architecture.pop("rules", None))
    return _read(_TSK, model), tuple(_read(_RULE, item) for item in rules)


def _indicator(fuzzy_set: Any) -> Any:
    return fuzzy_set.get("indicator") if isinstance(fuzzy_set, dict) else None


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _remove(data: Any, location: Location) -> None:
    *parents, last = location or ("",)
    for part in parents:
        if isinstance(data, list) if isinstance(part, int) else isinstance(data, dict):
            data = data[part] if isinstance(part, int) else data.get(part)
    if isinstance(data, dict):
        data.pop(last, None)
    elif isinstance(data, list) and isinstance(last, int) and last < len(data):
        data[last] = None  # the positions of the others stay
