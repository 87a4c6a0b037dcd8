"""What an operation is, what happened to it, and who is alive to work on it.

The conditional UPDATEs are `try_*` methods of the queryset. Each returns its row count, which is
the answer; `lifecycle.py` is their only caller. Every column a guard reads is on `Operation`
itself: PostgreSQL does not re-check a subquery on another table after it waited for a lock.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Now

# Django finds models here: what stands in `access` and `webhook` has its tables in this app, too.
from operations.access.addresses import KnownAddress as KnownAddress
from operations.access.idempotency import IdempotencyKey as IdempotencyKey
from operations.access.permissions import MODEL_PERMISSIONS
from operations.access.tokens import ApiToken as ApiToken
from operations.labels import Label as Label
from operations.lasting import Lasting
from operations.webhook.outbox import WebhookMessage as WebhookMessage


class Status(models.TextChoices):
    """A fact about an operation. That somebody wants it cancelled is not one: see the intent."""

    PENDING = "pending"
    """No worker has ever taken it."""
    RUNNING = "running"
    """A worker has taken it, or will take its next attempt."""
    COMPLETED = "completed"
    """It has its result."""
    FAILED = "failed"
    """It cannot go on by itself; a resume can let it."""
    CANCELLED = "cancelled"
    """Somebody wanted that; a resume lets it go on."""


LIVE = (Status.PENDING, Status.RUNNING)
RESUMABLE = (Status.CANCELLED, Status.FAILED)
TERMINAL = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)

NAME_MAX_LENGTH = 200
"""Characters in the name of an operation, and of what an operation is asked for by name."""
LARGEST_INTEGER = 2**31 - 1
"""What a column of integers holds at most."""

CLAIMED = Q(status=Status.RUNNING, claimed_at__isnull=False)
"""A worker has it. `running` alone may be waiting for its next attempt's worker."""
WAITING = Q(status__in=LIVE, claimed_at=None)
"""For a worker."""

UNCLAIMED: dict[str, Any] = {
    "claimed_at": None,
    "claim_token": "",
    "worker": "",
    "lease_expires_at": None,
    "rings": 0,
    "rung_at": None,
}
"""What every new attempt of an operation begins with."""


def seconds_from_now(seconds: float) -> models.Expression:
    """The database's clock plus `seconds`: no worker's own clock is ever asked."""
    return models.ExpressionWrapper(
        Now() + Value(timedelta(seconds=seconds)), output_field=models.DateTimeField()
    )


class OperationQuerySet(models.QuerySet["Operation"]):
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

        `changes` are what the resume decides anew: the request and its queue.
        """
        stopped = self.filter(pk=operation_id, attempt=attempt, status__in=RESUMABLE)
        return stopped.update(
            status=Status.RUNNING,
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
            **changes,
        )

    def try_claim(
        self, operation_id: str, attempt: int, *, worker: str, token: str, lease_seconds: float
    ) -> int:
        """Exactly one of any number of deliveries of one attempt gets 1."""
        return self.unclaimed(operation_id, attempt).update(
            status=Status.RUNNING,
            started_at=Coalesce(F("started_at"), Now()),
            claimed_at=Now(),
            claim_token=token,
            worker=worker,
            heartbeat_at=Now(),
            lease_expires_at=seconds_from_now(lease_seconds),
            last_event=F("last_event") + 1,
        )

    def try_heartbeat(
        self, operation_id: str, attempt: int, *, lease_seconds: float, **reported: Any
    ) -> int:
        return self.held_by(operation_id, attempt).update(
            heartbeat_at=Now(), lease_expires_at=seconds_from_now(lease_seconds), **reported
        )

    def try_fence(self, operation_id: str, attempt: int, *, events: int, **reported: Any) -> int:
        """Lock the row for this attempt's insert; 0 when the attempt was superseded."""
        return self.held_by(operation_id, attempt).update(
            last_event=F("last_event") + events, **reported
        )

    def try_pin(self, operation_id: str, attempt: int, *, pinned: dict[str, Any]) -> int:
        return self.held_by(operation_id, attempt).update(pinned=pinned)

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
                cancel_requested_at=Now(),
                cancel_reason=reason,
                last_event=F("last_event") + 1,
            )
        )

    def try_end(self, operation_id: str, attempt: int, *, status: Status, **fields: Any) -> int:
        """The one terminal transition of an attempt, by whoever still holds it."""
        return self.held_by(operation_id, attempt).update(
            status=status, completed_at=Now(), last_event=F("last_event") + 1, **fields
        )

    def try_cancel_lost(self, operation_id: str, attempt: int, *, as_of: datetime) -> int:
        """The worker of a cancelled attempt died before it could end it."""
        return (
            self.lost(operation_id, attempt, as_of=as_of)
            .filter(cancel_requested_at__isnull=False)
            .update(status=Status.CANCELLED, completed_at=Now(), last_event=F("last_event") + 1)
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
                completed_at=Now(),
                error_code=code,
                error_message=message,
                last_event=F("last_event") + 1,
            )
        )

    def try_ring(self, operation_id: str, attempt: int, *, after_ring: int) -> int:
        """Take the next ring number of an attempt that nobody has claimed."""
        return (
            self.unclaimed(operation_id, attempt)
            .filter(rings=after_ring)
            .update(rings=F("rings") + 1, rung_at=Now())
        )

    def try_hold(self, operation_id: str, attempt: int, *, status: str) -> int:
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


class Operation(models.Model):
    """What a user started: one id from start to end, across any number of resumes."""

    id = models.CharField(primary_key=True, max_length=64)
    operation_type = models.CharField(max_length=32)
    name = models.CharField(max_length=NAME_MAX_LENGTH, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="operations",
        db_index=False,  # `operation_of_owner` begins with it
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    lineage = models.CharField(max_length=64)
    """Id of the operation that this and all its relatives come from, its own at first."""
    request = models.JSONField()
    """What was asked for, complete and frozen: an attempt needs nothing else."""
    queue = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    attempt = models.PositiveIntegerField(default=1)
    """The number of the current attempt, and the fencing token of everything it writes."""
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim_token = models.CharField(max_length=32, blank=True, default="")
    """Random per claim: tells a worker, after a lost answer, whether the claim was its own."""
    worker = models.CharField(max_length=200, blank=True, default="")
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True, default="")
    restarts = models.PositiveIntegerField(default=0)
    """Workers lost since the start or the last resume."""
    max_restarts = models.PositiveIntegerField()
    rings = models.PositiveIntegerField(default=0)
    """How often the doorbell was rung for the current attempt."""
    rung_at = models.DateTimeField(null=True, blank=True)
    last_event = models.PositiveIntegerField(default=1)

    progress = models.JSONField(default=dict, blank=True)
    pinned = models.JSONField(default=dict, blank=True)
    """What the first claim fixed for every attempt: device type, threads, engine."""
    result = models.JSONField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="", db_default="")
    """What its users wrote about it."""
    seconds = models.GeneratedField(
        expression=Lasting("started_at", "completed_at"),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )
    """From its start, or its last resume, to its end; null before."""

    objects = OperationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        permissions = MODEL_PERMISSIONS
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="operation_newest_first"),
            models.Index(fields=["owner", "-created_at", "-id"], name="operation_of_owner"),
            models.Index(fields=["status", "-created_at", "-id"], name="operation_by_status"),
            models.Index(fields=["operation_type", "-created_at", "-id"], name="operation_by_type"),
            models.Index(fields=["lineage"], name="operation_of_lineage"),
            models.Index(fields=["seconds", "id"], name="operation_by_seconds"),
            # Of all that run, not by lease: an index on a column that each heartbeat changes makes
            # PostgreSQL write every index of the row anew, each time.
            models.Index(
                fields=["claimed_at"],
                name="operation_claimed",
                condition=CLAIMED,
            ),
            models.Index(
                fields=["created_at"],
                name="operation_unclaimed",
                condition=WAITING,
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="operation_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="operation_terminal_has_end",
                condition=Q(status__in=TERMINAL, completed_at__isnull=False)
                | Q(status__in=LIVE, completed_at=None),
            ),
            models.CheckConstraint(
                name="operation_pending_is_first_and_unclaimed",
                condition=~Q(status=Status.PENDING)
                | Q(attempt=1, claimed_at=None, started_at=None),
            ),
            models.CheckConstraint(
                name="operation_claim_is_whole",
                condition=Q(claimed_at=None, claim_token="", lease_expires_at=None)
                | (
                    Q(claimed_at__isnull=False, lease_expires_at__isnull=False) & ~Q(claim_token="")
                ),
            ),
            models.CheckConstraint(
                name="operation_live_intent_is_claimed",
                condition=Q(cancel_requested_at=None)
                | Q(claimed_at__isnull=False)
                | Q(status=Status.CANCELLED),
            ),
            models.CheckConstraint(
                name="operation_failed_has_error",
                condition=~Q(status=Status.FAILED) | ~Q(error_code=""),
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def is_resumable(self) -> bool:
        """Whether its status allows a resume; whether a checkpoint does is another question."""
        return self.status in RESUMABLE


class Outcome(models.TextChoices):
    """How an attempt ended."""

    COMPLETED = "completed"
    """It brought the operation to its end."""
    FAILED = "failed"
    """By an error in what it ran."""
    CANCELLED = "cancelled"
    """By a user; what was done is saved, unless it was forced."""
    INTERRUPTED = "interrupted"
    """Its worker shut down and handed the operation on."""
    LOST = "lost"
    """Its worker died, or stopped moving."""


LOST_CHECKPOINT = "lost_checkpoint"
"""The code in an attempt's error where it was cancelled, and its last save failed."""


class Attempt(models.Model):
    """One run of an operation on one worker: history, and never guarded on."""

    operation = models.ForeignKey(
        Operation,
        on_delete=models.CASCADE,
        related_name="attempts",
        db_index=False,  # `attempt_number_once` begins with it
    )
    number = models.PositiveIntegerField()
    worker = models.CharField(max_length=200, blank=True, default="")
    device = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True, default="")
    resumed_from = models.JSONField(null=True, blank=True)
    """Type, epoch, batch and time of the checkpoint it began with: a copy, which outlives it."""
    fingerprint = models.JSONField(default=dict, blank=True)
    exact = models.BooleanField(null=True, blank=True)
    """False when its fingerprint differs from the first attempt's; None before it is known."""
    differences = models.JSONField(default=list, blank=True)
    """In which parts the fingerprint differs, in words."""
    replayed_epochs = models.PositiveIntegerField(default=0)
    replay_verified = models.BooleanField(null=True, blank=True)
    """None when there was nothing to replay."""
    error = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["operation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["operation", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["operation"], condition=Q(ended_at=None), name="attempt_one_live"
            ),
            models.CheckConstraint(
                name="attempt_end_has_outcome",
                condition=Q(ended_at=None, outcome="")
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation_id}, attempt {self.number}"


class EventType(models.TextChoices):
    CREATED = "created"
    """The operation is there, and its first attempt waits."""
    QUEUED = "queued"
    """A ring of the doorbell reached Redis."""
    CLAIMED = "claimed"
    """A worker took an attempt."""
    STARTED = "started"
    """An attempt's first batch."""
    CHECKPOINT_SAVED = "checkpoint_saved"
    """It is durable: a resume can begin there."""
    CHECKPOINT_FAILED = "checkpoint_failed"
    """A save did not succeed; the training goes on, and saves again at the next occasion."""
    CHECKPOINT_QUARANTINED = "checkpoint_quarantined"
    """A checkpoint does not verify: nothing will begin there."""
    CHECKPOINT_DELETED = "checkpoint_deleted"
    """By hand, or for its age."""
    CANCEL_REQUESTED = "cancel_requested"
    """A user wants it cancelled; its worker will see that at its next batch."""
    CANCELLED = "cancelled"
    """It ended as a user wanted."""
    RESUMED = "resumed"
    """A user let it go on: the next attempt waits."""
    INTERRUPTED = "interrupted"
    """A worker that shuts down handed it on: the next attempt waits."""
    WORKER_LOST = "worker_lost"
    """A worker died or stopped moving: the next attempt waits."""
    FAILED = "failed"
    """It ended with an error."""
    COMPLETED = "completed"
    """It ended with its result."""
    REPLAY_VERIFIED = "replay_verified"
    """Epochs that an earlier attempt had recorded came out the same, bit for bit."""
    REPLAY_MISMATCH = "replay_mismatch"
    """They came out different: the result depends on the interruption."""
    DESCRIBED = "described"
    """A user changed its tags or its note."""
    WEBHOOK_FAILED = "webhook_failed"
    """The webhook's receiver was told of the end in vain, for hours."""


ACTOR_NAME_MAX_LENGTH = 200


class ActorKind(models.TextChoices):
    USER = "user"
    """Signed in, on a page or with a session's cookie at the API."""
    TOKEN = "token"  # noqa: S105  # a word, and no secret
    """A user's token: its name is the user's with the token's hint."""
    COMMAND = "command"
    """Of `manage.py`: its name, and the account that it ran as."""
    SYSTEM = "system"
    """A worker, by its name, or the sweeper."""


class Event(models.Model):
    """Append-only: what happened to an operation, numbered without gaps in commit order."""

    operation = models.ForeignKey(
        Operation,
        on_delete=models.CASCADE,
        related_name="events",
        db_index=False,  # `event_number_once` begins with it
    )
    number = models.PositiveIntegerField()
    event_type = models.CharField(max_length=32, choices=EventType)
    attempt = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict, blank=True)
    # Who did it, as it was called then: a copy, which outlives users and tokens. Empty for what
    # happened before there were these columns; their defaults are the database's, so that processes
    # of the version before can write until they end.
    actor_kind = models.CharField(max_length=16, choices=ActorKind, blank=True, db_default="")
    actor_name = models.CharField(max_length=ACTOR_NAME_MAX_LENGTH, blank=True, db_default="")

    class Meta:
        ordering = ["operation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["operation", "number"], name="event_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.operation_id} {self.number}: {self.event_type}"


class Metric(models.Model):
    """What an attempt reports as it goes: one row per step (for a training, an epoch)."""

    operation = models.ForeignKey(
        Operation,
        on_delete=models.CASCADE,
        related_name="metrics",
        db_index=False,  # `metric_step_once_an_attempt` begins with it
    )
    attempt = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    values = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["operation", "step", "attempt"]
        constraints = [
            models.UniqueConstraint(
                fields=["operation", "step", "attempt"], name="metric_step_once_an_attempt"
            )
        ]

    def __str__(self) -> str:
        return f"{self.operation_id}, step {self.step}"


class AttemptLog(models.Model):
    """What an attempt's process logged and printed, bounded; `attempt_logs` writes it."""

    operation = models.ForeignKey(
        Operation,
        on_delete=models.CASCADE,
        related_name="logs",
        db_index=False,  # `log_once_an_attempt` begins with it
    )
    attempt = models.PositiveIntegerField()
    text = models.TextField()
    left_out_bytes = models.PositiveBigIntegerField(default=0)
    """From the middle, where a line in the text says so."""
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["operation", "attempt"]
        constraints = [
            models.UniqueConstraint(fields=["operation", "attempt"], name="log_once_an_attempt")
        ]

    def __str__(self) -> str:
        return f"log of {self.operation_id}, attempt {self.attempt}"


class Process(models.Model):
    """A worker or a sweeper: who is alive. Told by their own beats, and never guarded on."""

    class Kind(models.TextChoices):
        WORKER = "worker"
        SWEEPER = "sweeper"

    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=200)
    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(db_default=Now())
    quiet_until = models.DateTimeField(null=True, blank=True)
    """A sweeper's: until then no sweeper declares anything lost."""
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["kind", "name"]
        verbose_name_plural = "processes"
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="process_name_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
