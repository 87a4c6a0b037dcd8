"""What each symbol and each input has of every part, as tables: of a preview, and of a model."""

from collections.abc import Mapping
from dataclasses import dataclass

PARTS = ("train", "validation", "test")
LATER_PARTS = PARTS[1:]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    symbols: list[tuple[str, list[int]]]
    """Samples in each part, by symbol."""

    inputs: list[tuple[str, str, list[float | None]]]
    """By symbol and raw input, the furthest outside first: percent of the rows of each later part
    outside the range of the training rows; None where the symbol has no row."""


def coverage(
    symbol_samples: Mapping[str, Mapping[str, int]],
    outside_range: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> Coverage:
    """As a dataset has them; both are empty of a model that version 0.1.0 stored."""
    inputs = [
        (symbol, name, [_percent(shares.get(part)) for part in LATER_PARTS])
        for symbol, by_name in outside_range.items()
        for name, shares in by_name.items()
    ]
    return Coverage(
        symbols=[
            (symbol, [samples[part] for part in PARTS])
            for symbol, samples in symbol_samples.items()
        ],
        inputs=sorted(inputs, key=lambda row: -max(share or 0.0 for share in row[2])),
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share
