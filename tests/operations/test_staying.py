"""Whoever took a part of a family takes the next one, until somebody else's turn comes."""

import resource
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection

from operations import process_memory, redis_client, staying
from operations.doorbell.queue import DoorbellQueue
from operations.models import Operation
from operations.parts import run_next
from operations.process_memory import lift_limit, resident_bytes
from operations.staying import LIBRARIES_BYTES, MOST_TIMES_MEMORY, Fork, Stay, by_itself
from tests.operations import family_scenes, scenes
from tests.operations.family_scenes import assert_family_holds
from tests.operations.family_type import PARTS_QUEUE, QUEUE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("family_type")]


def hear_a_bell(family: Operation, *, fork: Fork | None = None, **changes: Any) -> None:
    """As a worker's fork does, when its worker has taken the bell off."""
    queue = DoorbellQueue(PARTS_QUEUE, connection=redis_client.client())
    while queue.waiting() and bells(queue.connection)[0] == family.pk:
        DoorbellQueue.dequeue_any([queue], None, queue.connection)
    stay = Stay(fork=fork or fork_that(), queue=PARTS_QUEUE, higher_queues=(QUEUE,), **changes)
    with staying.staying(stay):
        run_next(family.pk, family.attempt)


def fork_that(
    *, has_to_end: Callable[[], bool] = lambda: False, memory_bytes: int | None = None
) -> Fork:
    return Fork(has_to_end=has_to_end, memory_bytes=memory_bytes)


def num_held(family: Operation) -> int:
    return Operation.objects.filter(part_of=family, held_at__isnull=False).count()


def bells(client: redis.Redis) -> list[str]:
    """The families whose bells wait, next first."""
    waiting = client.lrange(f"rq:queue:{PARTS_QUEUE}", 0, -1)
    return [job_id.decode().partition(f"-{PARTS_QUEUE}")[0] for job_id in waiting]


def test_one_bell_is_enough_for_all_parts(valkey: redis.Redis) -> None:
    family = family_scenes.parked(5)
    hear_a_bell(family)
    assert num_held(family) == 5
    assert not scenes.reread(family).waiting
    assert_family_holds(family.pk)


def test_outside_of_a_fork_a_bell_is_for_one_part(valkey: redis.Redis) -> None:
    family = family_scenes.parked(3)
    run_next(family.pk, family.attempt)
    assert num_held(family) == 1
    assert bells(valkey) == [family.pk]


def test_a_stop_between_two_parts_comes_before_a_claim(valkey: redis.Redis) -> None:
    family = family_scenes.parked(4)
    hear_a_bell(family, fork=fork_that(has_to_end=lambda: num_held(family) == 2))
    assert num_held(family) == 2
    third = family_scenes.part_of(family, 3)
    assert (third.claimed_at, third.attempt) == (None, 1)
    assert bells(valkey) == [family.pk]


def test_what_waits_on_a_higher_queue_comes_first_though_nobody_rang_for_it(
    valkey: redis.Redis,
) -> None:
    family = family_scenes.parked(4)
    family_scenes.family()
    hear_a_bell(family)
    assert num_held(family) == 1
    assert bells(valkey) == [family.pk]


def test_what_waits_on_its_own_queue_waits(valkey: redis.Redis) -> None:
    family, other = family_scenes.parked(4), family_scenes.parked(4)
    hear_a_bell(family)
    assert (num_held(family), num_held(other)) == (4, 0)


def test_after_a_minute_another_family_has_its_turn(valkey: redis.Redis) -> None:
    first, second = family_scenes.parked(3), family_scenes.parked(3)
    hear_a_bell(first, began=time.monotonic() - settings.FAMILY_TURN_SECONDS)
    assert num_held(first) == 1
    assert bells(valkey) == [second.pk, first.pk]


def test_a_process_that_grew_is_left(valkey: redis.Redis) -> None:
    family = family_scenes.parked(3)
    now = resident_bytes()
    before = min(now - LIBRARIES_BYTES, int(now / MOST_TIMES_MEMORY)) - 1_000_000
    hear_a_bell(family, fork=fork_that(memory_bytes=before))
    assert num_held(family) == 1


def test_a_process_that_holds_a_device_stays_with_its_family(valkey: redis.Redis) -> None:
    family, fork = family_scenes.parked(3), fork_that()
    fork.holds_device = True
    hear_a_bell(family, fork=fork)
    assert (num_held(family), fork.takes_rings()) == (3, False)


def test_a_part_hands_its_connection_on_unless_it_broke(valkey: redis.Redis) -> None:
    connection.ensure_connection()
    own = connection.connection
    with by_itself():
        assert Operation.objects.count() == 0
    assert connection.connection is own
    with pytest.raises(OSError, match="broke"), by_itself():
        raise OSError("broke")
    assert connection.connection is None


def warned() -> int:
    """How often, of one line, as a part after the other would."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(2):
            with by_itself():
                for _ in range(3):
                    warnings.warn("the same", stacklevel=1)
    return len(told)


def test_a_warning_is_told_to_each_part_once(valkey: redis.Redis) -> None:
    assert warned() == 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is limited")
@pytest.mark.parametrize("change", [partial(process_memory.allow_more, 10**9), lift_limit])
def test_a_limit_of_memory_is_the_process_own_again(change: Callable[[], None]) -> None:
    """Also one that whoever started it has set, as `ulimit -S -d` does."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    own = (process_memory.data_bytes() + 2 * 10**9, before[1])
    resource.setrlimit(resource.RLIMIT_DATA, own)
    try:
        with by_itself():
            change()
            assert resource.getrlimit(resource.RLIMIT_DATA) != own
        assert resource.getrlimit(resource.RLIMIT_DATA) == own
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
