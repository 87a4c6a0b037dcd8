"""What of fuzzy sets can be learned: where each membership lies, and how wide its parts are."""

from collections.abc import Iterable, Mapping
from typing import Protocol

LEAST_WIDTH = 1e-6
"""Of half the range of all of them: a narrower part is lost in the rounding of its corners."""
LEAST_RANGE = 1e-8
"""Of the middle of that range: an indicator's values would be rounded away."""


class Shape(Protocol):
    """A membership as a peak with parts of some widths."""

    @property
    def extent(self) -> tuple[float, float]:
        """From where to where it counts."""

    @property
    def widths(self) -> tuple[float, ...]:
        """Of its parts; what is 0 stays 0: a hard edge."""


def range_of(shapes: Iterable[Shape]) -> tuple[float, float]:
    """The middle and half the length of the range that some memberships lie in."""
    lows, highs = zip(*(shape.extent for shape in shapes), strict=True)
    low, high = min(lows), max(highs)
    return low + (high - low) / 2.0, (high - low) / 2.0


def num_parameters(shapes: Iterable[Shape]) -> int:
    """One moves each membership, one stretches each part that has a width."""
    return sum(1 + sum(width > 0.0 for width in shape.widths) for shape in shapes)


def check(memberships: Mapping[str, Shape]) -> None:
    """Raise ValueError where they cannot be learned in floating point numbers."""
    middle, half = range_of(memberships.values())
    if not LEAST_RANGE * abs(middle) < half < float("inf"):
        raise ValueError(
            f"cannot be learned: all memberships lie within {half:.3g} of {middle:.6g}, which is "
            "too little beside that"
        )
    for name, shape in memberships.items():
        narrow = [width for width in shape.widths if 0.0 < width < LEAST_WIDTH * half]
        if narrow:
            raise ValueError(
                f"cannot be learned: a part of {name} is {narrow[0]:.3g} wide, which is too little "
                f"beside {2.0 * half:.3g} of all memberships; make it wider, or 0 for a hard edge"
            )
