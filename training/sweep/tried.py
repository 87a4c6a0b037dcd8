"""What a sampler learns from."""

from dataclasses import dataclass

from training.sweep.samplers import Point


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A trial of an earlier bracket."""

    number: int
    point: Point
    cost: float | None
    """The lower the better; None: it has no value, and counts as the worst that has one."""
