"""Which point of a space is tried as the n-th: a pure function of the search's seed and of n.

`grid` goes through all points in an order of the seed's; `random` draws each alone; `qmc` takes the
points of a scrambled Halton sequence, which leave no part of the space out (Owen 2017, "A
randomized Halton algorithm in R"). A point that was suggested before is drawn again. (`tpe`, which
learns from earlier trials, is `training.sweep.tpe`'s.)
"""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from training.canonical import json_digest
from training.sweep.space import Space

Point = dict[str, Any]
Draw = Callable[[Space, int, int, int], Point]
"""Of a space: the point for (seed, n, redraw)."""

REDRAWS = 10
"""How often a point is drawn again that was suggested before."""
BITS = 53  # of a float's fraction


def suggestions(sampler: str, space: Space, *, seed: int) -> Iterator[Point]:
    """Points in the order of their numbers, from 1. Of `grid` they end with the space."""
    if sampler == "grid":
        assert space.size is not None
        yield from (_of_grid(space, seed, number) for number in range(space.size))
        return
    seen: set[str] = set()
    for number in itertools.count(1):
        point = unseen(SAMPLERS[sampler], space, seed, number, seen)
        seen.add(json_digest(point))
        yield point


def unseen(draw: Draw, space: Space, seed: int, number: int, seen: set[str]) -> Point:
    """A point whose digest is not among these, unless each of some draws is."""
    for redraw in range(REDRAWS + 1):
        point = draw(space, seed, number, redraw)
        if json_digest(point) not in seen:
            break
    return point


def random_point(space: Space, seed: int, number: int, redraw: int) -> Point:
    """Each setting drawn alone."""
    key = ("random", seed, number, redraw)
    return space.at(tuple(_share(*key, place) for place in range(len(space.settings))))


def _qmc(space: Space, seed: int, number: int, redraw: int) -> Point:
    """Point `number` of one sequence; drawn again it is a random one, which leaves the others."""
    if redraw:
        return random_point(space, seed, number, redraw)
    return space.at(tuple(_halton(number, base, seed) for base in _primes(len(space.settings))))


LEARNING = "tpe"
"""The one whose points depend on what came of earlier ones."""
SAMPLERS: dict[str, Draw] = {"random": random_point, "qmc": _qmc}


def _share(*key: object) -> float:
    """0 ≤ share < 1, the same for the same key on every machine."""
    return float(number_of(*key) >> (256 - BITS)) / float(2**BITS)


def number_of(*key: object) -> int:
    """0 ≤ number < 2^256, the same for the same key on every machine."""
    return int.from_bytes(hashlib.sha256(repr(key).encode()).digest(), "big")


def _halton(number: int, base: int, seed: int) -> float:
    """Digits of the number in this base, each permuted, behind the point."""
    share, weight, digit = 0, 1, 0
    while weight < 2**BITS:
        number, rest = divmod(number, base)
        share = share * base + _permutation(seed, base, digit)[rest]
        weight, digit = weight * base, digit + 1
    return min(share / weight, 1 - 0.5**BITS)


@cache
def _permutation(seed: int, base: int, digit: int) -> tuple[int, ...]:
    return tuple(
        sorted(range(base), key=lambda value: number_of("halton", seed, base, digit, value))
    )


@cache
def _primes(count: int) -> tuple[int, ...]:
    found: list[int] = []
    for number in itertools.count(2):
        if len(found) == count:
            break
        if all(number % prime for prime in found):
            found.append(number)
    return tuple(found)


def _of_grid(space: Space, seed: int, position: int) -> Point:
    assert space.size is not None
    index = _shuffled(position, space.size, seed)
    point = {}
    for path in reversed(list(space.settings)):
        values = space.settings[path]
        assert values.size is not None
        index, place = divmod(index, values.size)
        point[path] = values.at((place + 0.5) / values.size)
    return dict(reversed(point.items()))


def _shuffled(position: int, size: int, seed: int) -> int:
    """Where a permutation of 0 … size - 1 takes a position, without going through the others.

    A Feistel network over the next power of four, walked on until it is back in the range.
    """
    half = max(1, (size.bit_length() + 1) // 2)
    while True:
        position = _feistel(position, half, seed)
        if position < size:
            return position


def _feistel(value: int, half: int, seed: int) -> int:
    mask = (1 << half) - 1
    left, right = value >> half, value & mask
    for turn in range(4):
        left, right = right, left ^ (number_of("grid", seed, turn, right) & mask)
    return left << half | right
