"""Recover what nobody else will: expired leases, and attempts that no worker ever took.

Every finding is only a hint. The transition re-checks it, in the database and by its clock, so two
sweepers, a slow one, or one that looks at an old row do no harm.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.db.utils import InterfaceError, OperationalError
from redis.exceptions import RedisError

from operations import dispatch, lifecycle
from operations.models import LIVE, Operation, Process, Status, seconds_from_now

logger = logging.getLogger(__name__)

FORGET_PROCESSES_AFTER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What one look recovered."""

    quiet: bool
    """True when nothing could be declared lost yet, because nobody could have renewed a lease."""
    recovered: int = 0
    rung: int = 0


def sweep(*, name: str) -> Swept:
    """Look once. `name` is this sweeper's own, for its beat."""
    quiet = _beat(name)
    recovered = 0 if quiet else sum(map(_recover, _expired()))
    return Swept(quiet=quiet, recovered=recovered, rung=sum(map(_ring_again, _waiting())))


def sweep_forever(*, every_seconds: float, stopped: Callable[[float], bool]) -> None:
    """Sweep until `stopped`, which waits up to the seconds it is given, says so."""
    name = sweeper_name()
    while True:
        began = time.monotonic()
        try:
            close_old_connections()
            sweep(name=name)
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database is away, the sweeper tries again: %s", error)
        if stopped(max(0.0, began + every_seconds - time.monotonic())):
            Process.objects.filter(kind=Process.Kind.SWEEPER, name=name).delete()
            return


def sweeper_name() -> str:
    return f"{socket.gethostname()}.{os.getpid()}"


def _beat(name: str) -> bool:
    """Write the own beat, before anything else; True while nothing may be declared lost.

    A gap in the sweepers' beats means that the database was away or the machine asleep, so that
    nobody could renew a lease. Then everyone gets one lease of time to do so, from now.
    """
    with transaction.atomic():
        sweepers = Process.objects.filter(kind=Process.Kind.SWEEPER)
        gap = not sweepers.filter(beat_at__gt=seconds_from_now(-_longest_pause())).exists()
        own, _ = Process.objects.update_or_create(
            kind=Process.Kind.SWEEPER,
            name=name,
            defaults={"host": socket.gethostname(), "pid": os.getpid(), "beat_at": Now()},
        )
        if gap:
            logger.info("no sweeper has looked for a while: nothing counts as lost for one lease")
            sweepers.filter(pk=own.pk).update(
                quiet_until=seconds_from_now(settings.KTRDR_LEASE_SECONDS)
            )
        _forget_dead_processes()
        return sweepers.filter(quiet_until__gt=Now()).exists()


def _forget_dead_processes() -> None:
    a_day_ago = seconds_from_now(-FORGET_PROCESSES_AFTER.total_seconds())
    Process.objects.filter(beat_at__lt=a_day_ago).delete()


def _longest_pause() -> float:
    return 3 * settings.KTRDR_SWEEP_INTERVAL_SECONDS


def _expired() -> list[Operation]:
    return list(
        Operation.objects.filter(
            status=Status.RUNNING, claimed_at__isnull=False, lease_expires_at__lt=Now()
        ).only("pk", "attempt", "worker")
    )


def _recover(operation: Operation) -> bool:
    """Give an expired attempt its one outcome; 0 rows everywhere mean that it came back to life."""
    identity = (operation.pk, operation.attempt)
    if lifecycle.interrupt_lost(*identity):
        logger.warning("%s lost its worker %s: next attempt", operation.pk, operation.worker)
        dispatch.ring(operation.pk, operation.attempt + 1)
        return True
    return lifecycle.cancel_lost(*identity) or lifecycle.lose(*identity)


def _waiting() -> list[Operation]:
    """Unclaimed attempts whose last ring, or whose making, is a lease ago."""
    a_lease_ago = seconds_from_now(-settings.KTRDR_LEASE_SECONDS)
    return list(
        Operation.objects.filter(status__in=LIVE, claimed_at=None)
        .annotate(made_at=Max("attempts__created_at"))
        .filter(Q(rung_at__lt=a_lease_ago) | Q(rung_at=None, made_at__lt=a_lease_ago))
    )


def _ring_again(operation: Operation) -> bool:
    try:
        if operation.rings and dispatch.is_queued(operation):
            return False
        return dispatch.ring(operation.pk, operation.attempt, after_ring=operation.rings)
    except RedisError as error:
        logger.warning("Redis is away, %s goes on waiting: %s", operation.pk, error)
        return False
