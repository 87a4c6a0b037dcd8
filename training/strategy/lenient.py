"""Keys of older files that never had an effect, and what `--lenient` does about them."""

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
        ("decisions", "position_awareness"),
        ("decisions", "filters"),
    }
)


def without_old_keys(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """The data without those keys, and a warning for each that was there."""
    rest = copy.deepcopy(dict(data))
    warnings = []
    for *parents, key in sorted(KEYS_WITHOUT_EFFECT, key=str):
        section: Any = rest
        for parent in parents:
            section = section.get(parent) if isinstance(section, dict) else None
        if isinstance(section, dict) and key in section:
            del section[key]
            message = "has no effect and was ignored"
            warnings.append(Fault(location=(*parents, key), message=message))
    return rest, warnings
