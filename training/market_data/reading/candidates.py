"""Columns that can be a bar's time, and which of several is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from training.market_data.reading import forms, unix
from training.market_data.reading.clocks import is_clock
from training.market_data.reading.names import CLOSE_TIMES, OF_UTC, OPEN_TIMES, TIMES, plain
from training.market_data.reading.table import Table


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A column of times."""

    index: int
    label: str
    group: int
    """0: says that it is an open; 1: says nothing; 2: says that it is a close."""
    rank: int
    """0: absolute; 1: a local time; 2: a date."""
    place: int
    """Among the known names."""
    seconds: tuple[int | None, ...]
    """Of the sample's rows, as they are written; None where a row has no time."""
    first: str
    """The first one, as it is written."""

    @property
    def order(self) -> tuple[int, int, int]:
        """The first in this order counts."""
        return self.group, self.rank, self.place


def time_candidates(table: Table) -> list[Candidate]:
    """Columns of times by their names and by what they hold, the likeliest first."""
    sample = table.sample()
    found = []
    for index, name in enumerate(table.names):
        known = plain(name)
        for group, names in enumerate((OPEN_TIMES, TIMES, CLOSE_TIMES)):
            if known in names:
                found.append(_candidate(sample, index, group, names.index(known)))
    return sorted((one for one in found if one is not None), key=lambda one: one.order)


def _candidate(sample: Table, index: int, group: int, place: int) -> Candidate | None:
    texts = sample.texts(index)
    form = forms.form_of(texts)
    if form is None or is_clock(texts):
        return None
    known = texts.drop_nulls()
    if form == forms.UNIX:
        milliseconds, rank = unix.milliseconds(texts)[0], 0
    else:
        order = _some_order(known, form)
        written = forms.read_form(texts, form, order)
        says = written.offset.is_not_null() | written.zone.is_not_null()
        is_utc = sample.names and plain(sample.names[index]) in OF_UTC
        rank = (
            0 if says.any() or (is_utc and written.has_clock) else (1 if written.has_clock else 2)
        )
        milliseconds = written.milliseconds - written.offset.fill_null(0) * 1000
    seconds = (milliseconds // 1000).to_list()
    label = sample.label(index)
    return Candidate(
        index=index, label=label, group=group, rank=rank, place=place,
        seconds=tuple(seconds), first=known[0],
    )  # fmt: skip


def _some_order(texts: pl.Series, form: str) -> str | None:
    """Any order of three numbers: columns are only compared by it."""
    return "dmy" if form == forms.NUMERIC else None


def clock_of(table: Table, names: Sequence[str]) -> int | None:
    """The column of times of day."""
    sample = table.sample()
    for known in names:
        for index, name in enumerate(table.names):
            if plain(name) == known and is_clock(sample.texts(index)):
                return index
    return None


def apart(one: Candidate, other: Candidate) -> int | None:
    """Seconds that another column is ahead where the two first differ; None if they never do."""
    for ours, theirs in zip(one.seconds, other.seconds, strict=True):
        if ours is not None and theirs is not None and ours != theirs:
            return int(np.int64(theirs) - np.int64(ours))
    return None
