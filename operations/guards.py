"""The conditional UPDATEs of an operation, `try_*`: each returns its row count, the answer, or the
row that it changed.

`operations/lifecycle` is their only caller. Every column a guard reads is on `Operation` itself:
PostgreSQL does not re-check a subquery on another table after it waited for a lock. `family_guards`
has the one exception, and why it may be one.
"""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Now

from checkpoints.prepared import Prepared
from operations.family_guards import FamilyQuerySet
from operations.statuses import (
    CLAIMED,
    LIVE,
    NUMBERS,
    RESUMABLE,
    UNCLAIMED,
    WAITING,
    PartEnd,
    Status,
    WithoutPhase,
    seconds_from_now,
)

if TYPE_CHECKING:
    from operations.models import Operation

STOPPED: dict[str, Any] = {
    "completed_at": Now(),
    "waiting": False,
    "held_at": None,
    "last_event": F("last_event") + 1,
}
"""What every end of an operation writes."""

BY_HAND = Case(
    When(part_of=None, then=Value("")),
    When(part_end="", then=Value(PartEnd.BY_HAND.value)),
    default=F("part_end"),
)
"""Why a part is cancelled, unless it was said before."""


_PIN = Prepared(
    lambda operation_id, attempt, pinned: _operations().held_by(operation_id, attempt),
    changes=lambda operation_id, attempt, pinned: {"pinned": pinned},
    operation_id="an operation",
    attempt=1_000_001,
    pinned={"the": "pinned"},
)


@cache
def _fence(*reported: str) -> Prepared:
    """Most of what an attempt writes begins with it."""
    return Prepared(
        lambda operation_id, attempt, **_: _operations().held_by(operation_id, attempt),
        changes=lambda events, **told: {
            "last_event": F("last_event") + events,
            **{name: told[name] for name in reported},
        },
        returning=NUMBERS,
        operation_id="an operation",
        attempt=1_000_001,
        events=1_000_002,
        **{name: {"the": name} for name in reported},
    )


@cache
def _claim(lease_seconds: float) -> Prepared:
    return Prepared(
        lambda operation_id, attempt, worker, token: _operations().unclaimed(operation_id, attempt),
        changes=lambda operation_id, attempt, worker, token: {
            "status": Status.RUNNING,
            "started_at": Coalesce(F("started_at"), Now()),
            "claimed_at": Now(),
            "claim_token": token,
            "worker": worker,
            "heartbeat_at": Now(),
            "lease_expires_at": seconds_from_now(lease_seconds),
            "progress": WithoutPhase("progress"),
            "last_event": F("last_event") + 1,
        },
        returning=[each.attname for each in _operations().model._meta.concrete_fields],
        operation_id="an operation",
        attempt=1_000_001,
        worker="a worker",
        token="a token",  # noqa: S106  # a place for one
    )


def _operations() -> "OperationQuerySet":
    every: OperationQuerySet = apps.get_model("operations.Operation").objects.all()
    return every


class OperationQuerySet(FamilyQuerySet):
    def live(self) -> "OperationQuerySet":
        return self.filter(status__in=LIVE)

    def claimed(self) -> "OperationQuerySet":
        return self.filter(CLAIMED)

    def waiting(self) -> "OperationQuerySet":
        return self.filter(WAITING)

    def expired(self, as_of: datetime) -> "OperationQuerySet":
        return self.claimed().filter(lease_expires_at__lt=as_of)

    def held_by(self, operation_id: str, attempt: int) -> "OperationQuerySet":
        """The fence: the row as long as it is still this attempt's to write."""
        return self.filter(pk=operation_id, status=Status.RUNNING, attempt=attempt)

    def lost(self, operation_id: str, attempt: int, *, as_of: datetime) -> "OperationQuerySet":
        """Held by a worker whose lease had run out when a sweeper looked, and that is still so.

        The time of the look, not `Now()`: a sweeper that was itself asleep in between has seen
        nothing of what was renewed, or could not be, meanwhile.
        """
        return self.held_by(operation_id, attempt).expired(as_of)

    def unclaimed(self, operation_id: str, attempt: int) -> "OperationQuerySet":
        return self.waiting().filter(pk=operation_id, attempt=attempt)

    def try_resume(self, operation_id: str, attempt: int, **changes: Any) -> int:
        """Exactly one of any number of concurrent callers gets 1.

        `changes` are what the resume decides anew: the request and its queue; of a part that its
        family resumes, where it is to hold.
        """
        stopped = self.filter(pk=operation_id, attempt=attempt, status__in=RESUMABLE)
        return stopped.update(
            **{"hold_at": None, **changes},
            status=Status.RUNNING,
            part_end="",
            attempt=F("attempt") + 1,
            restarts=0,
            started_at=Now(),
            completed_at=None,
            error_code="",
            error_message="",
            cancel_requested_at=None,
            cancel_reason="",
            last_event=F("last_event") + 1,
            **UNCLAIMED,
        )

    def try_claim(
        self, operation_id: str, attempt: int, *, worker: str, token: str, lease_seconds: float
    ) -> "Operation | None":
        """Exactly one of any number of deliveries of one attempt gets the row, as it is now."""
        claimed: Operation | None = _claim(lease_seconds).changed(
            operation_id=operation_id, attempt=attempt, worker=worker, token=token
        )
        return claimed

    def try_heartbeat(
        self, operation_id: str, attempt: int, *, lease_seconds: float, **reported: Any
    ) -> int:
        return self.held_by(operation_id, attempt).update(
            heartbeat_at=Now(), lease_expires_at=seconds_from_now(lease_seconds), **reported
        )

    def try_fence(
        self, operation_id: str, attempt: int, *, events: int, **reported: Any
    ) -> "Operation | None":
        """Lock the row for this attempt's insert; its `NUMBERS`, None when the attempt was
        superseded."""
        fenced: Operation | None = _fence(*reported).changed(
            operation_id=operation_id, attempt=attempt, events=events, **reported
        )
        return fenced

    def try_pin(self, operation_id: str, attempt: int, *, pinned: dict[str, Any]) -> int:
        return _PIN.update(operation_id=operation_id, attempt=attempt, pinned=pinned)

    def try_request_cancel(self, operation_id: str, *, reason: str) -> int:
        """Cancel at once what nobody has claimed, else record the intent; the first counts."""
        unclaimed = Q(claimed_at=None)
        return (
            self.live()
            .filter(pk=operation_id, cancel_requested_at=None)
            .update(
                status=Case(
                    When(unclaimed, then=Value(Status.CANCELLED.value)), default=F("status")
                ),
                completed_at=Case(When(unclaimed, then=Now()), default=F("completed_at")),
                waiting=False,
                held_at=None,
                cancel_requested_at=Now(),
                cancel_reason=reason,
                part_end=BY_HAND,
                last_event=F("last_event") + 1,
            )
        )

    def try_end(self, operation_id: str, attempt: int, *, status: Status, **fields: Any) -> int:
        """The one terminal transition of an attempt, by whoever still holds it."""
        part_end = BY_HAND if status == Status.CANCELLED else ""
        return self.held_by(operation_id, attempt).update(
            status=status, part_end=part_end, **STOPPED, **fields
        )

    def try_cancel_lost(self, operation_id: str, attempt: int, *, as_of: datetime) -> int:
        """The worker of a cancelled attempt died before it could end it."""
        return (
            self.lost(operation_id, attempt, as_of=as_of)
            .filter(cancel_requested_at__isnull=False)
            .update(status=Status.CANCELLED, part_end=BY_HAND, **STOPPED)
        )

    def try_interrupt(self, operation_id: str, attempt: int) -> int:
        """Hand a running operation on to its next attempt; costs no restart budget."""
        return (
            self.held_by(operation_id, attempt)
            .claimed()
            .filter(cancel_requested_at=None)
            .update(attempt=F("attempt") + 1, last_event=F("last_event") + 1, **UNCLAIMED)
        )

    def try_interrupt_lost(self, operation_id: str, attempt: int, *, as_of: datetime) -> int:
        return (
            self.lost(operation_id, attempt, as_of=as_of)
            .filter(cancel_requested_at=None, restarts__lt=F("max_restarts"))
            .update(
                attempt=F("attempt") + 1,
                restarts=F("restarts") + 1,
                last_event=F("last_event") + 1,
                **UNCLAIMED,
            )
        )

    def try_lose(
        self, operation_id: str, attempt: int, *, as_of: datetime, code: str, message: str
    ) -> int:
        return (
            self.lost(operation_id, attempt, as_of=as_of)
            .filter(cancel_requested_at=None, restarts__gte=F("max_restarts"))
            .update(
                status=Status.FAILED,
                part_end="",
                error_code=code,
                error_message=message,
                **STOPPED,
            )
        )

    def try_ring(self, operation_id: str, attempt: int, *, after_ring: int) -> int:
        """Take the next ring number of an attempt that nobody has claimed."""
        return (
            self.unclaimed(operation_id, attempt)
            .filter(rings=after_ring)
            .update(rings=F("rings") + 1, rung_at=Now())
        )

    def try_keep(self, operation_id: str, attempt: int, *, status: str) -> int:
        """Lock the row of an operation that has not gone on, and not ended, since it was read."""
        return self.filter(pk=operation_id, attempt=attempt, status=status).update(
            last_event=F("last_event")
        )

    def try_describe(self, operation_id: str, *, note: str) -> int:
        """Write what its users say about it, and take an event's number."""
        return self.filter(pk=operation_id).update(note=note, last_event=F("last_event") + 1)

    def try_note(self, operation_id: str) -> int:
        """Take an event number for something that happened to the operation from outside."""
        return self.filter(pk=operation_id).update(last_event=F("last_event") + 1)
