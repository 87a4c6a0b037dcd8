"""Keys of older files that have no effect here, and what `--lenient` does about them."""

import copy
from collections.abc import Mapping
from typing import Any

from training.strategy.faults import Fault, Location

KEYS_WITHOUT_EFFECT: frozenset[Location] = frozenset(
    {
        ("deployment",),
        ("scope",),
        ("model", "features"),
        ("model", "training"),
        ("model", "output_activation"),
        ("model", "architecture", "output_activation"),
        ("model", "num_classes"),
        ("model", "architecture", "num_classes"),
        ("training", "method"),
    }
)
KEYS_THAT_ACTED: frozenset[Location] = frozenset(
    {("decisions", "position_awareness"), ("decisions", "filters")}
)
ACTED = "acted in KTRDR's backtest, does nothing here"
IGNORED = KEYS_WITHOUT_EFFECT | KEYS_THAT_ACTED


def without_old_keys(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """The data without those keys, and a warning for each that was there."""
    rest = copy.deepcopy(dict(data))
    warnings = []
    for *parents, key in sorted(IGNORED, key=str):
        section: Any = rest
        for parent in parents:
            section = section.get(parent) if isinstance(section, dict) else None
        if isinstance(section, dict) and key in section:
            del section[key]
            place = (*parents, key)
            what = ACTED if place in KEYS_THAT_ACTED else "has no effect"
            warnings.append(Fault(location=place, message=f"{what} and was ignored"))
    return rest, warnings
