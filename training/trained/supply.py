"""The bars that a prediction is made of: stored ones, or a file's, which go on from stored ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from training.errors import OtherTimeframe
from training.features.history import is_finer
from training.market_data import DataReport, MarketDataMissing, load_bars
from training.market_data.bars import Bars, Int64Array
from training.market_data.catalog import has_own_bars
from training.market_data.errors import TimeframeMismatch
from training.market_data.joining import Joined, join
from training.market_data.pinned import readings_today
from training.market_data.reading.options import NOTHING_SAID, Options
from training.market_data.reading.read import read_bars
from training.market_data.reading.record import About, By, Reading
from training.market_data.reading.words import counted
from training.market_data.report import as_text
from training.market_data.timeframes import bar_ends, resample, seconds_of, usual_step
from training.strategy import Strategy
from training.strategy.values import Timeframe
from training.trained.notes import Note, NoteCode

COMMON_BARS_THAT_PROVE = 2  # that a file's bars are as long as the stored ones
STEPS_THAT_SHOW = 3  # from bar to bar: the most frequent one is how long bars last


@dataclass(frozen=True, kw_only=True)
class PriceFile:
    """A file of bars of a model's base timeframe."""

    path: Path
    options: Options = NOTHING_SAID
    """What is said about it; for the rest it is read as a file of its shape was when imported."""


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """How files of a symbol were read."""

    trained: tuple[Reading, ...]
    """Those of the model's training, the newest first; empty of models that keep none."""
    today: tuple[Reading, ...]
    """Those of the bars that count today."""

    @classmethod
    def of(cls, symbol: str, base: Timeframe, trained: Sequence[Reading]) -> Self:
        return cls(trained=tuple(trained), today=tuple(readings_today(symbol, base)))

    @property
    def readings(self) -> tuple[Reading, ...]:
        """A file of a shape that the training had is read as then, another one as today's."""
        return (*self.trained, *self.today)

    @property
    def zone_trained(self) -> str | None:
        return self.trained[0].timezone if self.trained else None

    @property
    def zone_today(self) -> str | None:
        return self.today[0].timezone if self.today else None


@dataclass(frozen=True, kw_only=True)
class Supply:
    """Bars of one symbol at every timeframe of a strategy."""

    bars: Mapping[Timeframe, Bars]
    notes: tuple[Note, ...] = ()
    apart: str | None = None
    """Why a file does not join the stored history; None where it does, and without a file."""


def stored_supply(strategy: Strategy, symbol: str) -> Supply:
    """Raises `MarketDataMissing`, `MarketDataDamaged`, `StorageUnavailable`."""
    return Supply(bars={name: load_bars(symbol, name) for name in strategy.timeframes})


def file_supply(
    strategy: Strategy, symbol: str, file: PriceFile, *, trained: Sequence[Reading] = ()
) -> Supply:
    """The bars of a file, after the stored ones before them where the two are one history.

    Higher timeframes are resampled from them, after stored ones of their own; finer ones are the
    stored ones. `trained` is how the files of the training were read, as the manifest keeps it.

    Raises `MarketDataInvalid`, `OtherTimeframe`, `MarketDataMissing`, `MarketDataDamaged`,
    `StorageUnavailable`.
    """
    base = strategy.base_timeframe
    remembered = Remembered.of(symbol, base, trained)
    bars, report = _read(symbol, file, base, remembered)
    joined = join(_stored(symbol, base), bars, timeframe=base)
    notes = [*_about_times(symbol, file, remembered, report), *_repairs(file, report)]
    if joined.num_common < COMMON_BARS_THAT_PROVE:
        notes += _check_timeframe(file, _steps(joined, bars), base)
    if joined.apart is not None:
        notes.append(_alone(symbol, file, joined.apart))
    supplied = {base: joined.bars}
    for name in strategy.timeframes:
        if is_finer(name, base):
            supplied[name] = load_bars(symbol, name)
            notes.append(_about_finer(symbol, file, name, base))
        elif name != base:
            supplied[name] = _higher(symbol, name, joined, base)
            notes += _about_resampling(symbol, file, name, supplied[name])
    return Supply(bars=supplied, notes=tuple(notes), apart=joined.apart)


def _read(
    symbol: str, file: PriceFile, base: Timeframe, remembered: Remembered
) -> tuple[Bars, DataReport]:
    try:
        return read_bars(
            file.path,
            timeframe=base,
            symbol=symbol,
            options=file.options,
            remembered=remembered.readings,
        )
    except TimeframeMismatch as error:
        raise _other_timeframe(file, error.problems[0], base) from error


def _stored(symbol: str, timeframe: Timeframe) -> Bars | None:
    try:
        return load_bars(symbol, timeframe)
    except MarketDataMissing:
        return None


def _about_times(
    symbol: str, file: PriceFile, remembered: Remembered, report: DataReport
) -> Iterator[Note]:
    """In which zone times without an offset were read, if there are any."""
    decision = report.reading and report.reading.decided(About.TIMEZONE)
    if not decision or decision.value is None:
        return
    zone, then, today = decision.value, remembered.zone_trained, remembered.zone_today
    read = f"Times of {file.path.name} without an offset are read in {zone}"
    known = then or today
    if zone == today and zone == known:
        yield Note(
            code=NoteCode.ZONE_OF_IMPORT, text=f"{read}, as those of {symbol} were when imported."
        )
    elif zone == known:
        since = f"; {symbol} was imported with {today} since" if today else ""
        yield Note(
            code=NoteCode.ZONE_OF_TRAINING,
            text=f"{read}, as those of {symbol} were that the model was trained on{since}.",
        )
    elif decision.by is By.DEFAULT:
        of_others = f" of a file of this form (others were read in {known})" if known else ""
        yield Note(
            code=NoteCode.ZONE_UNKNOWN,
            text=f"{read}, for no zone is recorded with the stored bars of {symbol}{of_others}. If "
            "that is another one, say --timezone, or import the data again with it.",
        )
    elif known is not None:
        yield Note(code=NoteCode.ZONE_DIFFERS, text=f"{read}; {symbol} was imported with {known}.")


def _repairs(file: PriceFile, report: DataReport) -> Iterator[Note]:
    moved, doubled = report.rows_moved, report.duplicates_removed
    found = [
        (moved, f"{counted(moved, 'row')} stood after a later one: sorted."),
        (doubled, f"{counted(doubled, 'repeated row')} left out."),
        *((1, note) for note in report.notes),
    ]
    for count, text in found:
        if count:
            yield Note(code=NoteCode.FILE_REPAIRED, text=f"{file.path.name}: {text}")


def _steps(joined: Joined, bars: Bars) -> Int64Array:
    """Seconds from bar to bar of a file, and from the stored bar before it if it continues that."""
    return np.diff(joined.bars.times[-len(bars) - 1 :])


def _check_timeframe(file: PriceFile, steps: Int64Array, base: Timeframe) -> Iterator[Note]:
    """Raises `OtherTimeframe` where enough bars show that they last longer than they should."""
    usual = usual_step(steps, base) if steps.size else None
    if usual == seconds_of(base):
        return
    if steps.size >= STEPS_THAT_SHOW:
        raise _other_timeframe(file, f"most of its bars are {usual} s apart", base)
    yield Note(
        code=NoteCode.TIMEFRAME_UNPROVED,
        text=f"{file.path.name} has too few bars to show how long they last: they count as {base}.",
    )


def _other_timeframe(file: PriceFile, reason: str, base: Timeframe) -> OtherTimeframe:
    return OtherTimeframe(file=file.path.name, reason=reason, timeframe=base)


def _alone(symbol: str, file: PriceFile, reason: str) -> Note:
    return Note(
        code=NoteCode.FILE_ALONE,
        text=f"{file.path.name} does not join the stored history of {symbol} ({reason}): "
        "nothing before its first bar counts.",
    )


def _higher(symbol: str, timeframe: Timeframe, joined: Joined, base: Timeframe) -> Bars:
    """Stored bars of their own, as far as they reach, then resampled ones."""
    made = resample(joined.bars, source=base, target=timeframe)
    if joined.apart is not None or not has_own_bars(symbol, timeframe):
        return made
    own = load_bars(symbol, timeframe)
    end = int(bar_ends(own, timeframe)[-1]) - own.day_ends
    later = replace(made.between(end, None), day_closes=own.day_closes)  # as a training saw them
    return own.followed_by(later)


def _about_finer(symbol: str, file: PriceFile, timeframe: Timeframe, base: Timeframe) -> Note:
    return Note(
        code=NoteCode.FINER_STORED,
        text=f"{timeframe} bars are the stored ones of {symbol}: no {base} bar of "
        f"{file.path.name} tells of them. Rows later than those are dropped.",
    )


def _about_resampling(
    symbol: str, file: PriceFile, timeframe: Timeframe, supplied: Bars
) -> Iterator[Note]:
    """Where the symbol has bars of its own at a timeframe, and others were made after them."""
    if not has_own_bars(symbol, timeframe):
        return
    own = load_bars(symbol, timeframe)
    made = supplied.times[~np.isin(supplied.times, own.times)]
    if made.size:
        yield Note(
            code=NoteCode.RESAMPLED,
            text=f"{timeframe} bars from {as_text(int(made[0]))} on are made of the bars of "
            f"{file.path.name}; those before, and in the training, were imported.",
        )
