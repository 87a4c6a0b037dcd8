"""The attempts of an operation as bars on one time axis: when each waited for a worker, and ran."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from operations.models import Attempt
from operations.reading.words import duration

WIDTH = 1000.0
THINNEST = 2.0
"""Of a bar, so that a short attempt amid long ones is seen."""
COLUMNS = ("attempt", "outcome", "worker", "device", "waits_since", "claimed_at", "ended_at")


@dataclass(frozen=True, kw_only=True)
class Bar:
    kind: str
    """`waiting`, `running`, or how it ended."""
    x: float
    width: float
    words: str


@dataclass(frozen=True, kw_only=True)
class AttemptsPicture:
    bars: Sequence[Bar]
    first: datetime
    last: datetime
    about: str
    """For who does not see it."""


def attempts_picture(attempts: Sequence[Attempt]) -> AttemptsPicture | None:
    """Of attempts in their order. None where no time has passed in any."""
    spans = [span for attempt in attempts for span in _spans(attempt)]
    if not spans or spans[0].begin >= (last := max(span.end for span in spans)):
        return None
    first = spans[0].begin
    scale = WIDTH / (last - first).total_seconds()
    waited = sum((span.length for span in spans if span.kind == "waiting"), timedelta())
    ran = sum((span.length for span in spans if span.kind != "waiting"), timedelta())
    count = f"{len(attempts)} attempts" if len(attempts) > 1 else "1 attempt"
    return AttemptsPicture(
        bars=[
            Bar(
                kind=span.kind,
                x=min(scale * (span.begin - first).total_seconds(), WIDTH - THINNEST),
                width=max(scale * span.length.total_seconds(), THINNEST),
                words=f"attempt {span.attempt} {span.verb} {duration(span.length)}",
            )
            for span in spans
        ],
        first=first,
        last=last,
        about=f"{count} in {duration(last - first)}: they waited {duration(waited)} for a worker, "
        f"and ran {duration(ran)}.",
    )


def as_csv(attempts: Sequence[Attempt]) -> str:
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow([*COLUMNS, "waited_seconds", "ran_seconds"])
    for attempt in attempts:
        told = [attempt.number, attempt.outcome, attempt.worker, attempt.device]
        times = [attempt.created_at, attempt.claimed_at, attempt.ended_at]
        lengths = {span.kind == "waiting": span.length.total_seconds() for span in _spans(attempt)}
        written = [time.isoformat() if time else "" for time in times]
        rows.writerow([*told, *written, lengths.get(True, ""), lengths.get(False, "")])
    return file.getvalue()


@dataclass(frozen=True, kw_only=True)
class _Span:
    attempt: int
    kind: str
    verb: str
    begin: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.begin


def _spans(attempt: Attempt) -> Iterator[_Span]:
    """What has no end yet goes on until now; another machine's clock may be behind the times."""
    created, claimed = attempt.created_at, attempt.claimed_at
    ended = attempt.ended_at or max(timezone.now(), claimed or created)
    yield _Span(
        attempt=attempt.number,
        kind="waiting",
        verb="waited",
        begin=created,
        end=claimed or ended,
    )
    if claimed:
        yield _Span(
            attempt=attempt.number,
            kind=attempt.outcome or "running",
            verb="ran",
            begin=claimed,
            end=ended,
        )
