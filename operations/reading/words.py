"""How people read it: sizes, durations, positions, and what became of an attempt.

What an open page writes by itself is written in `words.js`, too, and the same.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from operations.cancel import CancelAnswer
from operations.models import LOST_CHECKPOINT, Attempt, Operation, Status
from operations.reading.summaries import COUNT_AT_MOST
from operations.resume import Resumed
from operations.statuses import PartEnd

NOTHING = "—"  # where there is no value
ENDINGS = {1: "st", 2: "nd", 3: "rd"}

WRITTEN_IN_FULL = ("e-05", "e-06")
FROM_ROWS = "with what it has"
"""Where an operation goes on that needs no checkpoint: a family with what its parts have."""
OUT_AT_RUNG = "out at a rung"
FINISHES_AND_SAVES = "finishes the batch and saves"
"""What a worker does that was asked to stop."""


def status_words(operation: Operation) -> str:
    """Its status; or that it is out, where its family has not let it go on: nobody stopped it."""
    is_out = operation.part_end == PartEnd.OUT_AT_RUNG and not operation.is_live
    return OUT_AT_RUNG if is_out else str(operation.status)


def size(num_bytes: float | None) -> str:
    """`2.1 MB`, in powers of ten, as disks and file managers count."""
    if num_bytes is None:
        return NOTHING
    value = float(num_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def duration(length: timedelta | float | None) -> str:
    """`4.2 s`, `3 min 07 s`, `2 h 05 min`, `3 d 04 h`. Seconds, or a timedelta."""
    if length is None:
        return NOTHING
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    if seconds < 60:
        return f"{int(seconds)} s"
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if hours == 0:
        return f"{minutes} min {int(seconds % 60):02} s"
    if days == 0:
        return f"{hours} h {minutes % 60:02} min"
    return f"{days} d {hours % 24:02} h"


def capped(number: int) -> str:
    return f"{COUNT_AT_MOST:,}+" if number > COUNT_AT_MOST else f"{number:,}"


def epochs_done(epoch: int | None) -> int:
    """How many epochs are done when `epoch`, counted from 0, was the last one."""
    return 0 if epoch is None else epoch + 1


def ordinal(epoch: object) -> str:
    """`5th` for the epoch that counts as 4 in the API, in files and in logs."""
    if not isinstance(epoch, int):
        return NOTHING
    number = epoch + 1
    ending = "th" if number % 100 in (11, 12, 13) else ENDINGS.get(number % 10, "th")
    return f"{number:,}{ending}"


def the_epoch(epoch: object) -> str:
    """`the 5th epoch`, likewise; nothing where there is none."""
    return f"the {ordinal(epoch)} epoch" if isinstance(epoch, int) else ""


def done_words(epoch: int, batch: int) -> str:
    """How far something came, for a person: `26 epochs and 7 batches`."""
    if epoch < 0:
        return f"{_counted(batch, 'batch', 'batches')} of the first epoch"
    epochs = _counted(epochs_done(epoch), "epoch", "epochs")
    return f"{epochs} and {_counted(batch, 'batch', 'batches')}" if batch else epochs


def _counted(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"


def metric(value: object) -> str:
    """Four significant digits: more says nothing that a person can compare.

    What its worker never reported is no number: templates give a missing key as an empty string.
    """
    if not isinstance(value, int | float):
        return NOTHING
    return in_full(f"{value:#.4g}".removesuffix("."))


def number(value: float) -> str:
    """Four significant digits at most: `0.6931`, `1.5`, `0.00002`."""
    return in_full(f"{value:.4g}")


def in_full(written: str) -> str:
    """A number as a person writes it: `0.00002` for `2e-05`. Nobody counts the zeros of one below
    a millionth."""
    return format(Decimal(written), "f") if written.endswith(WRITTEN_IN_FULL) else written


def percent(value: float | None) -> str:
    """Whole percents that are done; 100 only when all of it is."""
    return f"{int(value or 0)} %"


def share_words(share: float) -> str:
    """In percent, with a digit after the point."""
    return f"{100 * share:.1f} %"


def value_words(value: str) -> str:
    """A part's value for a person: it is kept as `float.hex`, empty for none."""
    return metric(float.fromhex(value)) if value else NOTHING


def number_of(count: int, noun: str) -> str:
    """`1 epoch`, `3,000 epochs`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def grouped(number: object) -> str:
    return f"{number:,.0f}" if isinstance(number, int | float) else NOTHING


def quantity(number: float) -> str:
    """In full, without the decimals that are zero: `15,476,090,000`, or `0.53`."""
    return f"{number:,.8f}".rstrip("0").rstrip(".")


def warnings_of(attempts: Iterable[Attempt]) -> list[str]:
    """What its user has to know before trusting a result."""
    return [warning for attempt in attempts for warning in _warnings(attempt)]


def replay_words(attempt: Attempt) -> str:
    """What came of training recorded positions again."""
    if attempt.replay_verified is None:
        return "nothing to replay"
    verified = "verified" if attempt.replay_verified else "DIFFERENT"
    return f"{verified}, {number_of(attempt.replayed_epochs, 'epoch')}"


def _warnings(attempt: Attempt) -> Iterator[str]:
    if attempt.exact is False:
        yield f"attempt {attempt.number} is not exact: {'; '.join(attempt.differences)}"
    if attempt.error and attempt.error.get("code") == LOST_CHECKPOINT:
        yield attempt.error["message"]
    if attempt.replay_verified is False:
        yield f"attempt {attempt.number} trained recorded epochs again and they came out different"


def resume_words(resumed: Resumed, *, called: str = "") -> str:
    """What a successful resume is told as; `called`: how its user knows the operation."""
    origin, name = resumed.resumed_from, called or resumed.operation_id
    place = f"after {done_words(origin['epoch'], origin['batch'])}" if origin else FROM_ROWS
    return f"Successfully resumed operation: {name}, {place}."


def cancel_words(answer: CancelAnswer, *, called: str = "", is_kept: bool = False) -> str:
    """What a cancel is told as, likewise; and what became of an operation that was waited for.

    `is_kept`: it is read for long, so it says nothing of what the worker does now.
    """
    name = called or answer.operation_id
    if answer.status != Status.RUNNING:
        return f"Operation {name} is {answer.status}."
    asked = f"Cancel requested: {name}."
    return asked if is_kept else f"{asked} Its worker {FINISHES_AND_SAVES}."


def position_words(epoch: int, batch: int) -> str:
    """Where a checkpoint stands, as the API, files and logs count: `epoch` is the last completed
    one, from 0, -1 for none. For a person: `done_words`."""
    if epoch < 0:
        return f"batch {batch} of the first epoch"
    return f"epoch {epoch}, batch {batch} of the next" if batch else f"epoch {epoch}"
