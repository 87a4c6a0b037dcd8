"""Zones of times without an offset, and hours that come twice."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal
from zoneinfo import available_timezones

import numpy as np
import polars as pl

from training.market_data.bars import Int64Array

NO_TIME = np.iinfo(np.int64).min
"""Stands in arrays for what cannot be read."""
_FIXED = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?")
_AHEAD = re.compile(r"(.+?)([+-]\d{1,2})h")


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A clock: that of an IANA zone, or one that is ahead of it by some hours."""

    text: str
    iana: str
    ahead: int
    """Seconds."""


def parse_zone(text: str) -> Zone:
    """Read `America/New_York`, `+02:00` or `America/New_York+7h`. Raises `ValueError`."""
    if text in _names():
        return Zone(text=text, iana=text, ahead=0)
    if found := _FIXED.fullmatch(text):
        sign, hours, minutes = found.groups()
        seconds = int(hours) * 3600 + int(minutes or 0) * 60
        return Zone(text=text, iana="UTC", ahead=-seconds if sign == "-" else seconds)
    found = _AHEAD.fullmatch(text)
    if found and found[1] in _names():
        return Zone(text=text, iana=found[1], ahead=int(found[2]) * 3600)
    raise ValueError(
        f"{text!r} is no time zone, like UTC, America/New_York, +02:00 or America/New_York+7h"
    )


OF_NO_PLACE = {"localtime", "Factory"}
"""Among the names of a machine's own files: its own clock, and none."""


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones() - OF_NO_PLACE)


def is_zone(name: str) -> bool:
    """Whether there is an IANA zone of that name."""
    return name in _names()


def instants(written: Int64Array, zone: Zone) -> Int64Array:
    """
    Unix seconds of local times, in the order of their file.

    An hour that a clock change repeats is told apart by the direction in which the file runs: each
    of its times has to be there twice, and both runs have to follow each other.

    Args:
        written: int64 [rows], the clock's face as if it were UTC, seconds.

    Returns:
        int64 [rows]; `NO_TIME` where there is no such time, or where it cannot be told which.
    """
    faces = pl.Series((written - zone.ahead) * 1000).cast(pl.Datetime("ms"))
    earliest = _placed(faces, zone, "earliest")
    twice = np.flatnonzero((earliest != _placed(faces, zone, "latest")).fill_null(value=False))
    seconds: Int64Array = earliest.fill_null(NO_TIME).to_numpy()
    if twice.size:
        seconds = seconds.copy()
        second = _placed(faces[twice], zone, "latest").to_numpy()
        order = 1 if _is_ascending(seconds) else -1
        seconds[twice] = _told_apart(seconds[twice][::order], second[::order])[::order]
    return seconds


def _placed(faces: pl.Series, zone: Zone, which: Literal["earliest", "latest"]) -> pl.Series:
    placed = faces.dt.replace_time_zone(zone.iana, ambiguous=which, non_existent="null")
    return placed.dt.epoch("s")


def _is_ascending(seconds: Int64Array) -> bool:
    known = seconds[seconds != NO_TIME]
    return known.size < 2 or bool(np.sign(np.diff(known)).sum() >= 0)


def _told_apart(earliest: Int64Array, latest: Int64Array) -> Int64Array:
    """Of the rows whose time comes twice, as time goes: first run and second run."""
    _, groups, counts = np.unique(earliest, return_inverse=True, return_counts=True)
    told: Int64Array = np.where(_ordinals(groups) == 1, latest, earliest)
    told[counts[groups] != 2] = NO_TIME
    if (np.diff(told[told != NO_TIME]) <= 0).any():
        told[:] = NO_TIME  # the two runs are mixed: no order tells them apart
    return told


def _ordinals(groups: Int64Array) -> Int64Array:
    """How many of the same group stand before each."""
    order = np.argsort(groups, kind="stable")
    ranked = groups[order]
    starts = np.flatnonzero(np.diff(ranked, prepend=-1))
    ordinals = np.empty_like(groups)
    ordinals[order] = np.arange(groups.size) - np.repeat(
        starts, np.diff(np.append(starts, groups.size))
    )
    return ordinals
