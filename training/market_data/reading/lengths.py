"""Whether the steps from bar to bar show that bars last as long as they are said to."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from training.market_data.bars import Int64Array
from training.market_data.errors import TimeframeMismatch
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.record import About, By
from training.market_data.reading.words import counted, duration
from training.market_data.timeframes import DAY, HOUR, seconds_of, usual_step
from training.strategy.values import Timeframe

STEPS_THAT_SHOW = 3
"""From bar to bar: the most frequent one is how long bars last."""
_RUN = 20
"""Steps in a row that show another length."""
_EXACT_RUN = 10
"""Equal steps in a row, each `_MUCH` times as long or longer, that show it, too."""
_MUCH = 4
_ALIKE = 0.7
"""Of those, weekends and holidays aside."""
_HOLIDAYS = 3 * DAY
"""By which a week that is dated by a trading day may be nearer to the next."""
_SHORT_MONTH = 5 * DAY
"""By which a month may be shorter than 30 days: February, between days of trading."""


def check_length(
    times: Int64Array,
    faces: Int64Array,
    timeframe: Timeframe,
    place: Callable[[int], str],
    ledger: Ledger,
) -> None:
    """
    Refuse bars of another length.

    The most frequent step is how long they last. A shorter one is a bar that its session cut
    short: it follows a gap, or the next bar is on the grid again, or it comes at that time of day
    on at least half of the days.

    Args:
        times: opens, Unix seconds [rows], ascending.
        faces: what the file's clock showed at them.
        place: of a row, where it stands.

    Raises:
        TimeframeMismatch: with the line.
    """
    steps, length = np.diff(times), seconds_of(timeframe)
    usual = usual_step(steps, timeframe) if steps.size >= STEPS_THAT_SHOW else None
    if usual is not None and usual != length:
        raise TimeframeMismatch(
            ledger.source,
            [f"the bars are {duration(usual)} apart, so these are not {timeframe} bars"],
        )
    if (run := _longer_run(steps, length)) is not None:
        at, step = run
        raise TimeframeMismatch(
            ledger.source,
            [
                f"from {place(at)} on bars are {duration(step)} apart, others {timeframe}: "
                "it has bars of two lengths; import each part of it by itself"
            ],
        )
    short = _too_short(times, faces, steps, length)
    if short.size:
        raise TimeframeMismatch(ledger.source, [_problem(times, short, timeframe, place)])
    if usual is None:
        few = counted(steps.size, "step")
        words = f"that bars last {timeframe} is not proved by {few} from bar to bar"
        ledger.decide(About.TIMEFRAME, timeframe, By.OPTION, words)
        return
    cut = int((steps < length - _tolerance(length)).sum())
    more = f"; {counted(cut, 'shorter step')} of bars that a session cuts short" if cut else ""
    words = f"most bars are {duration(usual)} apart, as {timeframe} bars are{more}"
    ledger.decide(About.TIMEFRAME, timeframe, By.PROOF, words)


def _longer_run(steps: Int64Array, length: int) -> tuple[int, int] | None:
    """
    Where bars of another, longer length stand: the first row, and their step.

    Those are as far apart as each other, weekends aside. A market that is closed at night has no
    such run: its bars stand close together by day.
    """
    if (exact := _exact_run(steps, length)) is not None:
        return exact
    longer = steps > length + _tolerance(length)
    full = np.flatnonzero(_of_window(longer) == _RUN)  # windows of longer steps alone
    if not full.size:
        return None
    covered = np.zeros(steps.size + 1, np.int64)
    np.add.at(covered, full, 1)
    np.add.at(covered, full + _RUN, -1)
    within = steps[np.cumsum(covered)[:-1] > 0]
    values, counts = np.unique(within, return_counts=True)
    usual = int(values[counts.argmax()])
    alike = full[_of_window(steps == usual)[full] >= _ALIKE * _RUN]
    return (int(alike[0]), usual) if alike.size else None


def _exact_run(steps: Int64Array, length: int) -> tuple[int, int] | None:
    """Where fewer steps are much longer, and one like the other: minutes that hours follow."""
    begins = np.flatnonzero(np.diff(steps, prepend=-1))
    lengths = np.diff(np.append(begins, steps.size))
    found = begins[(lengths >= _EXACT_RUN) & (steps[begins] >= _MUCH * length)]
    return (int(found[0]), int(steps[found[0]])) if found.size else None


def _of_window(found: NDArray[np.bool_]) -> Int64Array:
    """How many of the `_RUN` steps from each on are so; [steps - _RUN + 1]."""
    sums = np.concatenate(([0], np.cumsum(found)))
    window: Int64Array = sums[_RUN:] - sums[:-_RUN]
    return window


def _tolerance(length: int) -> int:
    """Of local midnights, when clocks change; of weeks, whose first day may be a holiday."""
    if length <= DAY:
        return HOUR if length == DAY else 0
    return _HOLIDAYS if length == 7 * DAY else _SHORT_MONTH


def _too_short(times: Int64Array, faces: Int64Array, steps: Int64Array, length: int) -> Int64Array:
    """Rows of bars that the next one follows too soon."""
    rows = np.flatnonzero(steps < length - _tolerance(length))
    if not rows.size or length >= DAY:
        return rows
    follows_gap = (rows == 0) | (steps[rows - 1] > length)
    on_grid = _is_on_grid(times, rows + 1, length) | _is_on_grid(faces, rows + 1, length)
    found: Int64Array = rows[~(follows_gap | on_grid | _is_usual(faces, rows, steps[rows]))]
    return found


def _is_on_grid(times: Int64Array, rows: Int64Array, length: int) -> NDArray[np.bool_]:
    """Whether bars open at whole lengths of a clock, UTC or the file's, or as most bars do."""
    phases = times % length
    values, counts = np.unique(phases, return_counts=True)
    return np.isin(phases[rows], [0, values[counts.argmax()]])


def _is_usual(faces: Int64Array, rows: Int64Array, steps: Int64Array) -> NDArray[np.bool_]:
    """Whether the same step comes at that time of day on at least half of the days."""
    num_days = np.unique(faces // DAY).size
    keys = faces[rows] % DAY * DAY + steps
    _, groups, counts = np.unique(keys, return_inverse=True, return_counts=True)
    often = counts[groups]
    is_usual: NDArray[np.bool_] = (2 * often >= num_days) & (often > 1)
    return is_usual


def _problem(
    times: Int64Array, short: Int64Array, timeframe: Timeframe, place: Callable[[int], str]
) -> str:
    row = int(short[0]) + 1
    step = duration(int(times[row] - times[row - 1]))
    if row == times.size - 1 and short.size == 1:
        return (
            f"{place(row)}, the newest bar, is only {step} after the bar before it, off the grid "
            f"of {timeframe} bars: it seems to be still running; --skip-last leaves it out"
        )
    return f"{place(row)} is only {step} after the bar before it, so these are not {timeframe} bars"
