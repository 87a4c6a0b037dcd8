"""Whatever happens to an operation, and in whichever order, the database agrees with the model.

Hypothesis plays the user, the workers (the dead and the superseded ones too), the sweeper, RQ with
its duplicates, and the disk that loses a file. The model is the table of transitions in plain
Python; after each step every column that a guard reads, the attempts and the events are compared.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from checkpoints import store
from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.errors import DomainError
from operations.models import Operation, Process, Status
from operations.resume import resume_operation
from operations.upkeep.sweeper import sweep
from tests.operations import scenes
from tests.operations.history import assert_whole
from tests.properties.lifecycle_acts import ACTS, KEEP, act, claim

NUM_EXAMPLES = int(os.environ.get("LIFECYCLE_EXAMPLES", "8"))

UNCOUNTED = ("queued", "checkpoint_quarantined")
"""Events that change no state: how many there are depends on rings and disks, not on the model."""

TABLE = {
    "pending": {"running", "cancelled"},
    "running": {"running", "completed", "failed", "cancelled"},
    "failed": {"running"},
    "cancelled": {"running"},
    "completed": set(),
}


def unnumbered(row: dict[str, Any]) -> dict[str, Any]:
    """Without the number of the last event: rings and disks go on telling after an end."""
    return {column: value for column, value in row.items() if column != "last_event"}


class LifecycleMachine(RuleBasedStateMachine):
    @initialize(max_restarts=st.integers(min_value=0, max_value=2))
    def start(self, max_restarts: int) -> None:
        self._start(max_restarts)

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        """One rule draws among all that can happen: left to choose among rules, Hypothesis leaves
        some out of each example, and without a claim or a resume nothing else happens either."""
        happen = data.draw(st.sampled_from(self._possible()))
        happen(data)

    def _possible(self) -> list[Callable[[st.DataObject], None]]:
        always = [self.sweep, self.a_zombie_acts, self.a_job_comes_again, self.a_user_asks_in_vain]
        if self.expired:
            always = [self.sweep] * 6 + always
        if self.live and not self.claimed:
            forced = [self.force_cancel] if self.status == "running" else []
            return [*[self.deliver] * 6, *always, self.request_cancel, *forced]
        if self.live:
            worker = [self.heartbeat, self.report, self.finish, self.shut_down]
            user = [self.request_cancel, self.force_cancel]
            return [*[self.save] * 3, *[self.fall_silent] * 3, *worker, *user, *always]
        if self.stopped and self.saved:
            return [*[self.resume] * 6, self.lose_a_file, *always]
        return [*[self.start_another] * 6, *always]

    def start_another(self, data: st.DataObject) -> None:
        """Nothing can happen to this one any more."""
        self._start(data.draw(st.integers(min_value=0, max_value=2)))

    def _start(self, max_restarts: int) -> None:
        self.operation = scenes.pending(max_restarts=max_restarts)
        self.pk = self.operation.pk
        self.max_restarts = max_restarts
        self.status = "pending"
        self.last_status = "pending"
        self.damaged: set[int] = set()
        self.attempt = 1
        self.claimed = self.expired = self.intent = False
        self.token = ""
        self.restarts = 0
        self.events = [("created", 1)]
        self.saved: list[int] = []
        self.frozen: dict[str, Any] = {}

    def teardown(self) -> None:
        Operation.objects.all().delete()
        Process.objects.all().delete()

    # -- The model

    @property
    def live(self) -> bool:
        return self.status in ("pending", "running")

    def holds(self, attempt: int) -> bool:
        """Whether a worker that claimed `attempt` holds the operation now."""
        return self.status == "running" and self.claimed and attempt == self.attempt

    @property
    def stopped(self) -> bool:
        return self.status in ("failed", "cancelled")

    @property
    def zombies(self) -> list[int]:
        """Attempts whose workers may still be alive, and hold nothing any more."""
        claimed = [attempt for event, attempt in self.events if event == "claimed"]
        return [attempt for attempt in claimed if not self.holds(attempt)]

    def happened(self, event_type: str) -> None:
        self.events.append((event_type, self.attempt))

    def end(self, status: str) -> None:
        self.happened(status)
        self.status, self.expired = status, False
        self.frozen = unnumbered(scenes.row(self.operation))

    def next_attempt(self) -> None:
        self.attempt += 1
        self.claimed = self.expired = False
        self.token = ""

    # -- The worker that holds the operation

    def deliver(self, data: st.DataObject) -> None:
        self.token = f"t{len(self.events)}"
        assert claim(self.pk, self.attempt, token=self.token)
        self.happened("claimed")
        self.status, self.claimed = "running", True

    def heartbeat(self, data: st.DataObject) -> None:
        assert act("heartbeat", self.operation, self.attempt)
        self.expired = False

    def report(self, data: st.DataObject) -> None:
        assert act("report", self.operation, self.attempt)

    def save(self, data: st.DataObject) -> None:
        assert act("save", self.operation, self.attempt)
        self.happened("checkpoint_saved")
        self.saved = [*self.saved, scenes.newest(self.operation).pk][-KEEP:]

    def finish(self, data: st.DataObject) -> None:
        way = data.draw(st.sampled_from(["completed", "failed", "failed", "cancelled"]))
        assert act(way, self.operation, self.attempt)
        self.end(way)
        if way == "completed":
            self.saved = []

    def shut_down(self, data: st.DataObject) -> None:
        assert act("shut_down", self.operation, self.attempt) == (not self.intent)
        if not self.intent:
            self.happened("interrupted")
            self.next_attempt()

    # -- The user

    def request_cancel(self, data: st.DataObject) -> None:
        answer = lifecycle.request_cancel(self.pk, reason="enough")
        if self.intent:
            assert answer is None
        elif self.claimed:
            assert answer == Status.RUNNING
            self.happened("cancel_requested")
            self.intent = True
        else:
            assert answer == Status.CANCELLED
            self.end("cancelled")

    def force_cancel(self, data: st.DataObject) -> None:
        assert lifecycle.force_cancel(self.pk, self.attempt)
        self.end("cancelled")

    def resume(self, data: st.DataObject) -> None:
        resumed = resume_operation(self.pk)
        self.status, self.intent, self.restarts = "running", False, 0
        self.next_attempt()
        self.happened("resumed")
        assert resumed.attempt == self.attempt
        assert resumed.resumed_from["checkpoint_id"] == self.saved[-1]

    # -- Everybody who comes too late, too early, or twice

    def a_zombie_acts(self, data: st.DataObject) -> None:
        """A worker that does not know that its attempt is over."""
        if self.zombies:
            zombie = data.draw(st.sampled_from(self.zombies))
            assert not act(data.draw(st.sampled_from(ACTS)), self.operation, zombie)

    def a_job_comes_again(self, data: st.DataObject) -> None:
        """Or out of its time."""
        ahead = data.draw(st.sampled_from([-1, 0, 1]))
        if ahead or self.claimed or not self.live:
            assert not claim(self.pk, self.attempt + ahead, token="other")
        if self.holds(self.attempt):
            assert claim(self.pk, self.attempt, token=self.token), "its own answer was lost"

    def a_user_asks_in_vain(self, data: st.DataObject) -> None:
        assert not lifecycle.force_cancel(self.pk, self.attempt - 1)
        if not self.live:
            assert lifecycle.request_cancel(self.pk) is None
            assert not lifecycle.force_cancel(self.pk, self.attempt)
        if not (self.stopped and self.saved):
            with pytest.raises(DomainError):
                resume_operation(self.pk)

    # -- The world

    def fall_silent(self, data: st.DataObject) -> None:
        scenes.expire_lease(self.operation)
        self.expired = True

    def sweep(self, data: st.DataObject) -> None:
        """After a gap in the looks nothing may be declared lost."""
        rested = data.draw(st.sampled_from([False, False, True]))
        if rested:
            Process.objects.all().delete()
        else:
            scenes.sweepers_were_awake()
        recovered = sweep(name="s").recovered

        lost = self.status == "running" and self.expired and not rested
        assert recovered == lost
        if lost:
            self._lost()

    def _lost(self) -> None:
        if self.intent:
            self.end("cancelled")
        elif self.restarts < self.max_restarts:
            self.happened("worker_lost")
            self.restarts += 1
            self.next_attempt()
        else:
            self.end("failed")

    def lose_a_file(self, data: st.DataObject) -> None:
        """The next resume finds the newest checkpoint damaged, and goes on from an older one."""
        newest = Checkpoint.objects.get(pk=self.saved.pop())
        artifact = newest.artifacts.all()[0]
        artifact.file.storage.delete(artifact.file.name)
        self.damaged.add(newest.pk)

    # -- What must hold after each step

    @invariant()
    def everything_holds(self) -> None:
        events = assert_whole(self.pk)
        row = scenes.row(self.operation)
        self._the_database_agrees(row)
        self._the_status_moves_along_the_table(row["status"])
        counted = [event for event in events if event.event_type not in UNCOUNTED]
        assert [(event.event_type, event.attempt) for event in counted] == self.events
        self._checkpoints_are_those_of_the_holders()

    def _the_database_agrees(self, row: dict[str, Any]) -> None:
        assert (row["status"], row["attempt"]) == (self.status, self.attempt)
        if self.live:
            assert row["restarts"] == self.restarts
            assert bool(row["claimed_at"]) == self.claimed
            assert row["claim_token"] == self.token
            assert bool(row["cancel_requested_at"]) == self.intent
        else:
            assert unnumbered(row) == self.frozen, "an end was overwritten"

    def _the_status_moves_along_the_table(self, status: str) -> None:
        assert status == self.last_status or status in TABLE[self.last_status]
        self.last_status = status

    def _checkpoints_are_those_of_the_holders(self) -> None:
        """No superseded worker saved one, and whatever was resumed has one to go on from."""
        usable = list(store.candidates(self.pk).values_list("pk", flat=True))
        assert set(usable) - self.damaged == set(self.saved)
        if self.events[-1][0] == "resumed":
            origin = scenes.attempt(self.operation, self.attempt).resumed_from
            assert origin is not None
            assert origin["checkpoint_id"] in usable


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fake_type", "valkey")
def test_the_lifecycle_follows_its_table_in_every_order() -> None:
    run_state_machine_as_test(
        LifecycleMachine,
        settings=settings(
            max_examples=NUM_EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
