"""What helps after a training that failed, by the code of its error. Free of torch.

Every code that an attempt can end with has a row here, and a test says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

from django.urls import reverse
from django.utils.http import urlencode

from checkpoints import store
from operations.models import Operation
from operations.operation_types import Link, Remedy
from training.launch.changes import START_AGAIN
from training.launch.request import TrainingRequest
from training.models import Import
from training.series.pinning import SAMPLE


class Act(Enum):
    """What its user presses first."""

    RESUME = auto()
    FORK = auto()
    EXTEND = auto()
    RESTART = auto()
    OTHER = auto()
    """A training with another strategy, which begins with this one's text."""
    DATA = auto()
    """The page of market data."""


@dataclass(frozen=True, kw_only=True)
class Row:
    act: Act
    words: str


OTHER_DATES = Row(
    act=Act.OTHER,
    words="Its data and its strategy do not fit: train one like it with other dates, symbols or "
    "settings. The same again ends the same.",
)
REMEDIES = {
    "training_failed": Row(
        act=Act.FORK,
        words="Go on from the last good state with other settings, a smaller learning rate first: "
        "a plain resume ends at the same batch.",
    ),
    "out_of_memory": Row(
        act=Act.FORK,
        words="A smaller batch, network or window takes less memory; or resume it where a training "
        "may take more.",
    ),
    "data_changed": Row(
        act=Act.RESUME,
        words="Import the old bars again, and a resume goes on as if nothing had been; or resume "
        "with today's bars, which makes the result another one.",
    ),
    "features_changed": Row(
        act=Act.RESTART,
        words="This version makes other rows of the same bars: start it again, or resume with the "
        "other rows, which makes the result another one.",
    ),
    "no_epoch_left": Row(
        act=Act.EXTEND, words="Every epoch is done that it was asked for: extend it."
    ),
    "worker_lost": Row(
        act=Act.RESUME,
        words="What was saved is whole, and a resume goes on from there. The log's last lines may "
        "tell why its workers died: memory and power are the usual reasons.",
    ),
    "unexpected_error": Row(
        act=Act.RESUME,
        words="The traceback says where. A resume goes on from the newest checkpoint; if it ends "
        "so again, it is worth a report.",
    ),
    "storage_unavailable": Row(
        act=Act.RESUME, words="Once the storage answers, a resume goes on from what it holds."
    ),
    "device_unavailable": Row(
        act=Act.RESUME,
        words="Start a worker on a machine that has the device, and resume; or resume with "
        "another device.",
    ),
    "checkpoint_corrupted": Row(
        act=Act.RESTART, words="Nothing that was saved can be read any more: start it again."
    ),
    "market_data_missing": Row(
        act=Act.DATA, words="Its bars are gone: import them again, then resume or start again."
    ),
    "market_data_damaged": Row(
        act=Act.DATA,
        words="A stored series is not what was imported: import it again, then resume.",
    ),
    "strategy_invalid": Row(
        act=Act.OTHER,
        words="This version reads its strategy otherwise: see what it says of the text, and train "
        "one like it.",
    ),
    **dict.fromkeys(
        (
            *("too_few_bars", "too_few_events", "empty_part", "missing_class"),
            *("symbol_not_trained", "price_not_positive", "indicator_not_finite"),
        ),
        OTHER_DATES,
    ),
}
UNKNOWN = Row(act=Act.RESUME, words="A resume goes on from the newest checkpoint.")
"""Of a code of another version."""


def remedy_of(operation: Operation) -> Remedy:
    """Of a failed operation; what it may begin with decides where there are two ways."""
    row = REMEDIES.get(operation.error_code, UNKNOWN)
    act = _possible(operation, row.act)
    if act is not row.act:
        row = Row(act=act, words="Nothing was saved to go on from: begin again.")
    details = tuple(_then_and_now(operation)) if operation.error_code == "data_changed" else ()
    return Remedy(
        words=row.words, details=details, link=_link(operation, act), is_resume=act is Act.RESUME
    )


def _possible(operation: Operation, act: Act) -> Act:
    if act is Act.FORK and START_AGAIN in operation.error_message:
        return Act.OTHER
    if act in (Act.RESUME, Act.FORK, Act.EXTEND) and not store.candidates(operation.pk).exists():
        return Act.RESTART if act is Act.RESUME else Act.OTHER
    return act


def _link(operation: Operation, act: Act) -> Link | None:
    """None where a button of every operation does it."""
    start = f"{reverse('start')}?{urlencode({'like': operation.pk})}"
    links = {
        Act.FORK: ("Fork with other settings", reverse("fork", args=[operation.pk])),
        Act.RESTART: ("Start again", reverse("restart", args=[operation.pk])),
        Act.EXTEND: ("Extend", reverse("extend", args=[operation.pk])),
        Act.OTHER: ("Train one like it", start),
        Act.DATA: ("Market data", reverse("market-data")),
    }
    found = links.get(act)
    return Link(title=found[0], url=found[1]) if found else None


def _then_and_now(operation: Operation) -> Iterator[str]:
    """The bars of each series: those that it was started with, and those there are today."""
    imports = TrainingRequest.of(operation).imports or {}
    for name, number in imports.items():
        symbol, _, timeframe = name.rpartition("/")
        series = Import.objects.of(symbol, timeframe).select_related("data")
        then = "the sample" if number == SAMPLE else _bars(series.filter(number=number).first())
        yield f"{name}: started with {then}; today {_bars(series.first())}"


def _bars(row: Import | None) -> str:
    if row is None:
        return "none"
    if row.data is None:
        return f"{row.num_rows:,} bars, which are stored no longer"
    return f"{row.num_rows:,} bars, {_day(row.data.first_time)} to {_day(row.data.last_time)}"


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
