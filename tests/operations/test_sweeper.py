"""The sweeper recovers what nobody else will, and declares nobody lost who could not renew."""

import threading
from datetime import timedelta

import pytest
from django.db.models import F
from pytest_django.fixtures import Settings
from redis import Redis

from operations import lifecycle
from operations.models import Operation, Process, Status, seconds_from_now
from operations.upkeep.rounds import SideRounds
from operations.upkeep.sweeper import Swept, sweep, sweep_forever, sweeper_name
from tests.operations import scenes
from tests.operations.history import assert_whole

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("fake_type", "default_times", "valkey"),
]

own_connection = pytest.mark.django_db(transaction=True)
"""For `sweep_forever`, which closes the connections that it finds."""


@pytest.fixture
def default_times(fake_type: None, settings: Settings) -> None:
    settings.KTRDR_LEASE_SECONDS = 30
    settings.KTRDR_HEARTBEAT_SECONDS = 5
    settings.KTRDR_SWEEP_INTERVAL_SECONDS = 10


def expired(*, max_restarts: int = 3) -> Operation:
    operation = scenes.running(max_restarts=max_restarts)
    scenes.expire_lease(operation)
    return operation


def last_look_was(seconds_ago: float) -> None:
    scenes.sweepers_were_awake()
    Process.objects.update(beat_at=seconds_from_now(-seconds_ago))


def a_lease_passes() -> None:
    """Everything that a database remembers of time moves a lease into the past."""
    Process.objects.update(
        beat_at=seconds_from_now(-1), quiet_until=F("quiet_until") - timedelta(seconds=30)
    )


def test_a_lost_attempt_gets_a_next_one_that_is_rung_for(valkey: Redis) -> None:
    operation = expired()
    scenes.sweepers_were_awake()

    assert sweep(name="s") == Swept(quiet=False, recovered=1, rung=1)

    now = scenes.reread(operation)
    assert (now.status, now.attempt, now.restarts) == (Status.RUNNING, 2, 1)
    assert valkey.lrange("rq:queue:training", 0, -1) == [f"{operation.pk}-2-1".encode()]
    assert scenes.events(now)[-2:] == ["worker_lost", "queued"]
    assert_whole(now.pk)


@pytest.mark.parametrize("max_restarts", [0, 1])
def test_when_the_budget_is_spent_it_fails(max_restarts: int) -> None:
    operation = scenes.running(max_restarts=max_restarts)
    scenes.sweepers_were_awake()
    for _ in range(max_restarts):
        scenes.expire_lease(operation)
        assert sweep(name="s").recovered == 1
        scenes.claim(operation)

    scenes.expire_lease(operation)

    assert sweep(name="s") == Swept(quiet=False, recovered=1, rung=0)
    assert scenes.reread(operation).error_code == "worker_lost"
    assert_whole(operation.pk)


def test_a_lost_attempt_with_an_intent_is_cancelled() -> None:
    operation = expired()
    lifecycle.request_cancel(operation.pk)
    scenes.sweepers_were_awake()

    assert sweep(name="s").recovered == 1
    assert scenes.reread(operation).status == Status.CANCELLED
    assert_whole(operation.pk)


def test_nothing_is_recovered_twice() -> None:
    operation = expired()
    scenes.sweepers_were_awake()

    assert [sweep(name=name).recovered for name in ("one", "two", "one")] == [1, 0, 0]
    assert scenes.reread(operation).attempt == 2


def test_a_healthy_operation_is_left_alone() -> None:
    operation = scenes.running()
    before = scenes.rows(operation)
    scenes.sweepers_were_awake()

    assert sweep(name="s") == Swept(quiet=False)
    assert scenes.rows(operation) == before


def test_a_late_heartbeat_revives_an_expired_lease() -> None:
    operation = expired()
    scenes.sweepers_were_awake()

    assert lifecycle.heartbeat(operation.pk, 1, progress={})

    assert sweep(name="s").recovered == 0


def test_the_first_look_declares_nothing_lost_for_one_lease() -> None:
    operation = expired()

    assert sweep(name="s").quiet
    assert sweep(name="s").quiet
    assert scenes.reread(operation).attempt == 1
    a_lease_passes()

    assert sweep(name="s") == Swept(quiet=False, recovered=1, rung=1)


@pytest.mark.parametrize(
    ("seconds_ago", "quiet"),
    [(12, False), (19, False), (21, True), (31, True), (3600, True)],
)
def test_a_gap_in_the_looks_is_followed_by_a_quiet_lease(seconds_ago: float, quiet: bool) -> None:
    """A lease that was 5 s old when the database went away has expired after 25 s; its worker must
    have 5 s to renew it. So 20 s are the longest pause that proves nothing against anybody."""
    expired()
    last_look_was(seconds_ago)

    assert sweep(name="s").quiet == quiet


def test_a_long_interval_is_no_gap(settings: Settings) -> None:
    settings.KTRDR_SWEEP_INTERVAL_SECONDS = 60
    expired()
    last_look_was(61)

    assert sweep(name="s") == Swept(quiet=False, recovered=1, rung=1)


def test_all_sweepers_are_quiet_after_a_gap_that_one_of_them_saw() -> None:
    expired()
    assert sweep(name="saw the gap").quiet

    assert sweep(name="came second").quiet


@own_connection
def test_a_sweeper_that_leaves_takes_no_quiet_time_with_it() -> None:
    """The one that saw the gap goes; the other, which saw none, must know of it all the same."""
    expired()

    sweep_forever(every_seconds=60, stopped=lambda seconds: sweep(name="stayed").quiet)

    assert sweep(name="stayed").quiet


@own_connection
def test_a_sweeper_that_leaves_in_order_leaves_no_row() -> None:
    scenes.sweepers_were_awake()

    sweep_forever(every_seconds=60, stopped=lambda seconds: True)

    assert list(Process.objects.values_list("name", flat=True)) == ["earlier"]
    assert not any(thread.name == "housekeeping" for thread in threading.enumerate())


def test_what_it_does_beside_its_looks_may_end_before_it_leaves() -> None:
    tidied, go = threading.Event(), threading.Event()
    rounds = SideRounds("tidying", lambda: tidied.set() if go.wait(timeout=60) else None)
    rounds.begin_if_due()
    threading.Timer(0.2, go.set).start()

    rounds.end()

    assert tidied.is_set()


@own_connection
def test_it_waits_out_its_interval_between_looks() -> None:
    waits: list[float] = []

    def stopped(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) == 3

    sweep_forever(every_seconds=60, stopped=stopped)

    assert len(waits) == 3
    assert all(55 < seconds <= 60 for seconds in waits)


def test_one_operation_it_cannot_help_keeps_no_other_waiting() -> None:
    """A type that this site no longer has: its ring raises."""
    stranger = scenes.pending()
    Operation.objects.filter(pk=stranger.pk).update(operation_type="removed")
    broken = expired()
    assert broken.attempts.all().delete()[0] == 1
    healthy = expired()
    scenes.sweepers_were_awake()

    swept = sweep(name="s")

    assert (swept.recovered, swept.rung) == (1, 1)
    assert scenes.reread(healthy).attempt == 2
    assert scenes.reread(broken).attempt == 1


def test_rows_of_processes_that_died_a_day_ago_are_forgotten() -> None:
    Process.objects.create(
        kind=Process.Kind.WORKER, name="dead", host="h", pid=1, beat_at=seconds_from_now(-90_000)
    )
    Process.objects.create(kind=Process.Kind.WORKER, name="alive", host="h", pid=2)

    sweep(name="s")

    assert set(Process.objects.values_list("name", flat=True)) == {"alive", "s"}


def test_two_of_one_host_name_and_number_have_a_row_each() -> None:
    """As the first processes of two containers have."""
    for name in (sweeper_name(), sweeper_name()):
        sweep(name=name)

    assert Process.objects.filter(kind=Process.Kind.SWEEPER).count() == 2
