"""What the guards of an operation look at: its status, who has it, and what it waits for."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now


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


class PartEnd(models.TextChoices):
    """Why a part of a family ended as cancelled."""

    BY_HAND = "by_hand"
    """Somebody wanted this part cancelled."""
    WITH_FAMILY = "with_family"
    """Its family ended before it: when that is resumed, it goes on."""
    OUT_AT_RUNG = "out_at_rung"
    """Its family let others go on, and not this one."""


CLAIMED = Q(status=Status.RUNNING, claimed_at__isnull=False)
"""A worker has it. `running` alone may be waiting for its next attempt's worker."""
WAITING = Q(status__in=LIVE, claimed_at=None, waiting=False, held_at=None)
"""For a worker: neither a family that waits for its parts, nor a part that its family holds."""
OPEN = Q(status__in=LIVE, held_at=None)
"""What a family waits for, of its parts."""

UNCLAIMED: dict[str, Any] = {
    "claimed_at": None,
    "claim_token": "",
    "worker": "",
    "lease_expires_at": None,
    "rings": 0,
    "rung_at": None,
}
"""What every new attempt of an operation begins with."""


NUMBERS = ("id", "status", "attempt", "last_event", "part_of_id")
"""The columns that an event needs of a row that has just been changed; the large ones stay
unread."""


def seconds_from_now(seconds: float) -> models.Expression:
    """The database's clock plus `seconds`: no worker's own clock is ever asked."""
    return models.ExpressionWrapper(
        Now() + Value(timedelta(seconds=seconds)), output_field=models.DateTimeField()
    )


class WithoutPhase(models.Func):
    """What a worker reported, less what it was doing then: who claims does that no more."""

    template = "%(expressions)s - 'phase'"
    output_field = models.JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return super().as_sql(
            compiler, connection, template="JSON_REMOVE(%(expressions)s, '$.phase')", **context
        )
