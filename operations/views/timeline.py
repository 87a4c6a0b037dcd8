"""What happened to an operation, in words: its events, newest first, a page at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from operations.models import ActorKind, Event, EventType
from operations.reading.words import done_words, number_of, size, value_words

PAGE_SIZE = 200  # events; saves in a row take one line

Words = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, kw_only=True)
class Happening:
    event: Event
    """The last one, of several that are told together."""
    title: str
    words: str
    icon: str
    by: str
    after: timedelta | None
    """Since what happened before it."""


def timeline(events: list[Event]) -> list[Happening]:
    """The lines of a timeline, newest first. Periodic checkpoints in a row are one line."""
    runs = [list(run) for _, run in groupby(events, key=_together)]
    earlier = [None, *(run[-1] for run in runs)]
    told = [_happening(run, before) for run, before in zip(runs, earlier, strict=False)]
    return told[::-1]


def _together(event: Event) -> tuple[int, ...]:
    is_routine = event.data.get("checkpoint_type") == "periodic"
    is_save = event.event_type == EventType.CHECKPOINT_SAVED
    return (0, event.attempt) if is_save and is_routine else (event.number, event.attempt)


def _happening(run: list[Event], before: Event | None) -> Happening:
    first, last = run[0], run[-1]
    title, words = last.get_event_type_display(), _words(last)
    if len(run) > 1:
        title = f"{len(run)} checkpoints saved"
        words = f"{_place(first.data)} to {_place(last.data)}"
    return Happening(
        event=last,
        title=title.capitalize(),
        words=words,
        icon=ICONS.get(EventType(last.event_type), "info"),
        by=actor_words(last),
        after=last.created_at - before.created_at if before else None,
    )


def actor_words(event: Event) -> str:
    """Who did it, where that is somebody: workers and the sweeper are what does the rest."""
    if event.actor_kind in ("", ActorKind.SYSTEM):
        return ""
    return f"by {PREFIXES.get(event.actor_kind, '')}{event.actor_name}"


def _words(event: Event) -> str:
    tell = WORDS.get(EventType(event.event_type))
    return tell(event.data) if tell else ""


def _claimed(data: Mapping[str, Any]) -> str:
    return f"by {data.get('worker', '')} on {data.get('device', '')}"


def _place(data: Mapping[str, Any]) -> str:
    return done_words(data["epoch"], data["batch"]) if "epoch" in data else ""


def _started(data: Mapping[str, Any]) -> str:
    is_fresh = data.get("epoch", -1) < 0 and not data.get("batch")
    place = "from the beginning" if is_fresh else f"after {_place(data)}"
    differs = data.get("differences") or []
    return f"{place}; not exact: {'; '.join(differs)}" if differs else place


def _saved(data: Mapping[str, Any]) -> str:
    if "epoch" not in data:
        return ""
    return f"{data['checkpoint_type']}, {_place(data)}, {size(data.get('size_bytes'))}"


def _cancelled(data: Mapping[str, Any]) -> str:
    told = [data["reason"]] if data.get("reason") else []
    if data.get("forced"):
        told.append("over the head of its worker")
    if data.get("worker_lost"):
        told.append("its worker had died before it could stop")
    if data.get("lost_checkpoint"):
        told.append(data.get("lost") or SAVE_FAILED)
    return "; ".join(told)


def _resumed(data: Mapping[str, Any]) -> str:
    origin = data.get("resumed_from") or {}
    return f"from {_place(origin)}" if origin else ""


def _until(hold_at: int | None) -> str:
    return "to its end" if hold_at is None else f"to step {hold_at:,}"


def _reason(data: Mapping[str, Any]) -> str:
    return str(data.get("reason") or data.get("message") or "")


def _replayed(data: Mapping[str, Any]) -> str:
    epochs = data.get("replayed_epochs")
    return number_of(epochs, "epoch") if epochs else ""


def _described(data: Mapping[str, Any]) -> str:
    told = [f"tag {tag}" for tag in data.get("added", [])]
    told += [f"no longer {tag}" for tag in data.get("removed", [])]
    return "; ".join(told) or "its note"


SAVE_FAILED = "the last save failed: what came after the one before is lost"
"""Of 0.1.0, which recorded no more than that."""

PREFIXES = {ActorKind.TOKEN.value: "the token of ", ActorKind.COMMAND.value: "manage.py "}

WORDS: dict[EventType, Words] = {
    EventType.CREATED: lambda data: f"from {data['parent']}" if data.get("parent") else "",
    EventType.QUEUED: lambda data: str(data.get("queue", "")),
    EventType.CLAIMED: _claimed,
    EventType.STARTED: _started,
    EventType.CHECKPOINT_SAVED: _saved,
    EventType.CHECKPOINT_FAILED: _reason,
    EventType.CHECKPOINT_QUARANTINED: _reason,
    EventType.CHECKPOINT_DELETED: _place,
    EventType.CANCEL_REQUESTED: _reason,
    EventType.CANCELLED: _cancelled,
    EventType.RESUMED: _resumed,
    EventType.WORKER_LOST: lambda data: str(data.get("worker", "")),
    EventType.HELD: lambda data: f"at {value_words(data.get('value', ''))}",
    EventType.RELEASED: lambda data: _until(data.get("hold_at")),
    EventType.FAILED: _reason,
    EventType.DESCRIBED: _described,
    EventType.TEST_OPENED: lambda data: f"as {data['operation_id']}",
    EventType.REPLAY_VERIFIED: _replayed,
    EventType.REPLAY_MISMATCH: _reason,
}

ICONS = {
    EventType.CREATED: "info",
    EventType.QUEUED: "pending",
    EventType.CLAIMED: "worker",
    EventType.STARTED: "running",
    EventType.CHECKPOINT_SAVED: "checkpoint",
    EventType.CHECKPOINT_FAILED: "warning",
    EventType.CHECKPOINT_QUARANTINED: "warning",
    EventType.CHECKPOINT_DELETED: "checkpoint",
    EventType.CANCEL_REQUESTED: "stopping",
    EventType.CANCELLED: "cancelled",
    EventType.RESUMED: "resume",
    EventType.WORKER_LOST: "warning",
    EventType.WAITING: "pending",
    EventType.HELD: "pending",
    EventType.RELEASED: "resume",
    EventType.FAILED: "failed",
    EventType.COMPLETED: "completed",
    EventType.TEST_OPENED: "info",
    EventType.REPLAY_VERIFIED: "verified",
    EventType.REPLAY_MISMATCH: "warning",
}
