"""Recover what nobody else will: expired leases, and attempts that no worker ever took.

Every finding is only a hint. The transition re-checks it, in the database and by its clock, so two
sweepers, a slow one, or one that looks at an old row do no harm. A row that a session holds which
froze in a transaction is passed by: it keeps nothing else from being recovered.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import close_old_connections
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from redis.exceptions import RedisError

from checkpoints.failpoints import failpoint
from operations import dispatch, lifecycle, locks
from operations.log_context import about
from operations.models import LIVE, Operation, Process, seconds_from_now
from operations.outage import DATABASE_AWAY
from operations.upkeep import housekeeping, presence
from operations.upkeep.rounds import SideRounds
from operations.webhook import addresses, delivery

logger = logging.getLogger(__name__)

FORGET_PROCESSES_AFTER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What one look recovered."""

    quiet: bool
    """True when nothing could be declared lost yet, because nobody could have renewed a lease."""
    recovered: int = 0
    rung: int = 0
    woken: int = 0
    """Families that waited for nothing: none, where nothing has gone wrong."""


def sweep(*, name: str) -> Swept:
    """Look once. `name` is this sweeper's own, for its beat."""
    failpoint("sweep.begin")
    as_of, quiet = _beat(name)
    failpoint("sweep.beaten")
    recovered = 0 if quiet else _count(partial(_recover, as_of=as_of), _expired(as_of))
    woken = _count(_wake, _settled())
    rung = _ring_waiting() + _ring_parts()
    failpoint("sweep.end")
    return Swept(quiet=quiet, recovered=recovered, rung=rung, woken=woken)


def sweep_forever(*, every_seconds: float, stopped: Callable[[float], bool]) -> None:
    """Sweep until `stopped`, which waits up to the seconds it is given, says so."""
    name = sweeper_name()
    beside = [
        SideRounds("housekeeping", housekeeping.clean_up, every_seconds=housekeeping.EVERY_SECONDS)
    ]
    if [*addresses.names()]:
        beside.append(SideRounds("webhook", delivery.deliver_on_a_thread))
    while True:
        began = time.monotonic()
        _patiently(partial(sweep, name=name))
        for rounds in beside:
            rounds.begin_if_due()
        if stopped(max(0.0, began + every_seconds - time.monotonic())):
            _patiently(partial(_leave, name))
            for rounds in beside:
                rounds.end()
            return


def _patiently(act: Callable[[], object]) -> None:
    try:
        close_old_connections()
        act()
    except DATABASE_AWAY as error:
        logger.warning("the database is away, the sweeper tries again: %s", error)


def _leave(name: str) -> None:
    """Take the own row away, unless the other sweepers still have to read `quiet_until` there."""
    if not _sweepers().filter(name=name, quiet_until__gt=Now()).exists():
        presence.leave(Process.Kind.SWEEPER, name)


def sweeper_name() -> str:
    """Of its own: every container's first process has number 1, often of one host name."""
    return presence.unique_name()


def _beat(name: str) -> tuple[datetime, bool]:
    """Write the own beat, before anything else: its time, and whether nothing may be declared lost.

    A gap in the sweepers' beats means that the database was away or the machine asleep, so that
    nobody could renew a lease. Then everyone gets one lease of time to do so, from now.
    """
    with locks.impatient():
        gap = not _sweepers().filter(beat_at__gt=seconds_from_now(-_longest_pause())).exists()
        own = presence.beat(Process.Kind.SWEEPER, name)
        if gap:
            logger.info("no sweeper has looked for a while: nothing counts as lost for one lease")
            own.quiet_until = seconds_from_now(settings.KTRDR_LEASE_SECONDS)
            own.save(update_fields=["quiet_until"])
        _forget_dead_processes()
        own.refresh_from_db(fields=["beat_at"])
        return own.beat_at, _sweepers().filter(quiet_until__gt=Now()).exists()


def _sweepers() -> QuerySet[Process]:
    return Process.objects.filter(kind=Process.Kind.SWEEPER)


def _forget_dead_processes() -> None:
    a_day_ago = seconds_from_now(-FORGET_PROCESSES_AFTER.total_seconds())
    dead = Process.objects.filter(beat_at__lt=a_day_ago).select_for_update(skip_locked=True)
    Process.objects.filter(pk__in=[process.pk for process in dead]).delete()


def _longest_pause() -> float:
    """The longest pause between two looks, in seconds, that proves leases could be renewed in it.

    Three intervals; but no longer than what a healthy worker's lease outlasts: it may have been one
    heartbeat old when the database went away, and is renewed up to one after that is back. And no
    shorter than two intervals, or a punctual sweeper would find nothing but gaps.
    """
    interval = settings.KTRDR_SWEEP_INTERVAL_SECONDS
    outlasted = settings.KTRDR_LEASE_SECONDS - 2 * settings.KTRDR_HEARTBEAT_SECONDS
    return float(max(2 * interval, min(3 * interval, outlasted)))


def _count(act: Callable[[Operation], bool], operations: Iterable[Operation]) -> int:
    """How many of them `act` changed; one that it fails on keeps no other from its turn."""
    changed = 0
    for operation in operations:
        with about(operation.pk, operation.attempt):
            try:
                changed += act(operation)
            except DATABASE_AWAY as error:
                if not locks.ran_out(error):
                    raise
                locks.pass_by(operation.pk)
            except Exception:
                logger.exception("the sweeper failed on %s", operation.pk)
    return changed


def _expired(as_of: datetime) -> list[Operation]:
    return list(Operation.objects.all().expired(as_of).only("pk", "attempt", "worker"))


def _recover(operation: Operation, *, as_of: datetime) -> bool:
    """Give an expired attempt its one outcome; 0 rows everywhere mean that it came back to life."""
    identity = (operation.pk, operation.attempt)
    with locks.taken(operation.pk) as is_free:
        if not is_free:
            return False
        goes_on = lifecycle.interrupt_lost(*identity, as_of=as_of)
        ended = not goes_on and (
            lifecycle.cancel_lost(*identity, as_of=as_of) or lifecycle.lose(*identity, as_of=as_of)
        )
    if goes_on:
        logger.warning("%s lost its worker %s: next attempt", operation.pk, operation.worker)
        failpoint("sweep.recovered")
    return goes_on or ended


def _ring_waiting() -> int:
    waiting = _waiting()
    try:
        queued = dispatch.queued_job_ids({operation.queue for operation in waiting})
    except RedisError as error:
        logger.warning("Redis is away, %d attempts go on waiting: %s", len(waiting), error)
        return 0
    unheard = [item for item in waiting if dispatch.last_job_id(item) not in queued]
    return _count(_ring_again, unheard)


def _waiting() -> list[Operation]:
    """Attempts that nobody rang for, or nobody took within a lease of the last ring."""
    a_lease_ago = seconds_from_now(-settings.KTRDR_LEASE_SECONDS)
    return list(
        Operation.objects.all()
        .waiting()
        .filter(Q(rung_at=None) | Q(rung_at__lt=a_lease_ago))
        .exclude(part_of__status__in=LIVE)  # for those their family rings
        .only("pk", "attempt", "rings", "queue")
        .order_by("created_at", "pk")
    )


def _settled() -> list[Operation]:
    """By any family's rule; `settle` asks by its own."""
    return list(Operation.objects.all().settled(results=()).only("pk", "attempt"))


def _wake(family: Operation) -> bool:
    with locks.taken(family.pk) as is_free:
        return is_free and lifecycle.settle(family.pk)


def _ring_parts() -> int:
    """For families that have parts waiting and no bell that anybody could still hear."""
    waiting = Operation.objects.all().waiting().filter(part_of__status__in=LIVE).order_by()
    by_queue = sorted(set(waiting.values_list("part_of_id", "queue")))
    families = Operation.objects.only("attempt").in_bulk({pk for pk, _ in by_queue})
    try:
        queued = dispatch.queued_job_ids({queue for _, queue in by_queue})
    except RedisError as error:
        logger.warning("Redis is away, parts of %d families wait: %s", len(families), error)
        return 0
    unheard = {
        pk: families[pk]
        for pk, queue in by_queue
        if not dispatch.has_bells(families[pk], queue, queued)
    }
    return _count(_ring_for_parts, unheard.values())


def _ring_for_parts(family: Operation) -> bool:
    return dispatch.ring_parts(family.pk)


def _ring_again(operation: Operation) -> bool:
    return dispatch.ring(operation.pk, operation.attempt, after_ring=operation.rings)
