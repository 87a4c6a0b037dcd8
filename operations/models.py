"""What an operation is, what happened to it, and who is alive to work on it.

What is done to an operation's row stands in `guards`.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

# Django finds models here: what stands in `access` and `webhook` has its tables in this app, too.
from operations.access.addresses import KnownAddress as KnownAddress
from operations.access.idempotency import IdempotencyKey as IdempotencyKey
from operations.access.permissions import MODEL_PERMISSIONS
from operations.access.tokens import ApiToken as ApiToken
from operations.guards import OperationQuerySet as OperationQuerySet
from operations.labels import Label as Label
from operations.lasting import Lasting
from operations.places import Place as Place
from operations.statuses import CLAIMED as CLAIMED
from operations.statuses import LIVE as LIVE
from operations.statuses import NUMBERS as NUMBERS
from operations.statuses import OPEN as OPEN
from operations.statuses import RESUMABLE as RESUMABLE
from operations.statuses import TERMINAL as TERMINAL
from operations.statuses import UNCLAIMED as UNCLAIMED
from operations.statuses import WAITING as WAITING
from operations.statuses import PartEnd as PartEnd
from operations.statuses import Status as Status
from operations.statuses import seconds_from_now as seconds_from_now
from operations.tail import Tail
from operations.webhook.outbox import WebhookMessage as WebhookMessage

NAME_MAX_LENGTH = 200
"""Characters in the name of an operation, and of what an operation is asked for by name."""
LARGEST_INTEGER = 2**31 - 1
"""What a column of integers holds at most."""

FAMILY = Q(part_of=None)
"""No part of another: what lists show."""


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
    part_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,  # a family and its parts go as one
        related_name="parts",
        db_index=False,  # `operation_part_once` begins with it
    )
    """The family: an operation that waits for this one. `parent` is another thing, its origin."""
    part_number = models.PositiveIntegerField(null=True, blank=True)
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

    # Of the columns for families the defaults are the database's, too: processes of the version
    # before write rows until they end.
    waiting = models.BooleanField(default=False, db_default=False)
    """Of a family: no worker takes it until its parts wake it."""
    hold_at = models.PositiveIntegerField(null=True, blank=True)
    """Of a part: the step at which it waits for its family; None: nowhere. No part of the request:
    what descends from it never sees it."""
    held_at = models.DateTimeField(null=True, blank=True)
    """Since when it waits there."""
    part_value = models.CharField(max_length=32, blank=True, default="", db_default="")
    """Of a part: `float.hex` of what it is compared by, at its last hold or end; empty: none."""
    part_end = models.CharField(
        max_length=16, choices=PartEnd, blank=True, default="", db_default=""
    )
    """Why a part was cancelled."""

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
            # Lists are of families: a thousand parts of one would be read to be left out.
            models.Index(
                fields=["-created_at", "-id"], name="operation_newest_family", condition=FAMILY
            ),
            models.Index(
                fields=["owner", "-created_at", "-id"],
                name="operation_of_owner",
                condition=FAMILY,
            ),
            models.Index(
                fields=["status", "-created_at", "-id"],
                name="operation_by_status",
                condition=FAMILY,
            ),
            models.Index(
                fields=["operation_type", "-created_at", "-id"],
                name="operation_by_type",
                condition=FAMILY,
            ),
            models.Index(fields=["lineage"], name="operation_of_lineage"),
            models.Index(Tail("id"), name="operation_id_tail"),
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
            models.UniqueConstraint(
                fields=["part_of", "part_number"],
                name="operation_part_once",
                condition=~FAMILY,
            ),
            models.CheckConstraint(
                name="operation_part_is_whole",
                condition=Q(FAMILY, part_number=None, hold_at=None, part_value="", part_end="")
                | Q(part_of__isnull=False, part_number__isnull=False),
            ),
            models.CheckConstraint(
                name="operation_waiting_is_unclaimed",
                condition=Q(waiting=False)
                | Q(status=Status.RUNNING, claimed_at=None, part_of=None, held_at=None),
            ),
            models.CheckConstraint(
                name="operation_held_is_unclaimed",
                condition=Q(held_at=None)
                | Q(status=Status.RUNNING, claimed_at=None, hold_at__isnull=False),
            ),
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
    def is_of_live_family(self) -> bool:
        """Reads the family's row, where it is a part."""
        return self.part_of is not None and self.part_of.is_live

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
    HELD = "held"
    """A part came to where it waits for its family."""
    WAITING = "waiting"
    """A family began to wait for its parts."""


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
    WAITING = "waiting"
    """It waits for its parts, and its next attempt for them to wake it."""
    HELD = "held"
    """A part waits for its family, at its rung."""
    RELEASED = "released"
    """Its family let a part that it held go on."""
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
    TEST_OPENED = "test_opened"
    """A user had what it learned until then scored on its test part, as another operation."""
    WEBHOOK_FAILED = "webhook_failed"
    """The webhook, or an address of KTRDR_NOTIFY_URLS, was told of the end in vain, for hours."""


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
