"""Whatever happens to an operation, and in whichever order, the database agrees with the model.

Hypothesis plays the user, the workers (the dead and the superseded ones too), the sweeper, RQ with
its duplicates, and the disk that loses a file. The model is the table of transitions in plain
Python; after each step every column that a guard reads, the attempts and the events are compared.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from checkpoints import store
from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.errors import DomainError, Superseded
from operations.models import Attempt, Event, Metric, Operation, Process, Status
from operations.resume import resume_operation
from operations.sweeper import sweep
from tests.operations import scenes
from tests.operations.history import assert_whole

UNNUMBERED = ("queued", "checkpoint_quarantined")
"""Events that change no state: how many there are depends on rings and disks, not on the model."""

TABLE = {
    "pending": {"running", "cancelled"},
    "running": {"running", "completed", "failed", "cancelled"},
    "failed": {"running"},
    "cancelled": {"running"},
    "completed": set(),
}

attempts = st.integers(min_value=1, max_value=5)
"""Of whoever acts: one that is over, the current one, or one that never was."""


class LifecycleMachine(RuleBasedStateMachine):
    @initialize(max_restarts=st.integers(min_value=0, max_value=2))
    def start(self, max_restarts: int) -> None:
        self.operation = scenes.pending(max_restarts=max_restarts)
        self.pk = self.operation.pk
        self.max_restarts = max_restarts
        self.status = "pending"
        self.seen = ["pending"]
        self.attempt = 1
        self.claimed = self.expired = self.intent = False
        self.token = ""
        self.restarts = 0
        self.epoch = 0
        self.events = [("created", 1)]
        self.saved: list[int] = []
        self.frozen: dict[str, object] = {}

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

    def was_claimed(self, attempt: int) -> bool:
        """Whether there ever was a worker that could act for `attempt`."""
        return ("claimed", attempt) in self.events

    def happened(self, event_type: str) -> None:
        self.events.append((event_type, self.attempt))

    def end(self, status: str) -> None:
        self.happened(status)
        self.status = status
        self.frozen = {k: v for k, v in scenes.row(self.operation).items() if k != "last_event"}

    def next_attempt(self) -> None:
        self.attempt += 1
        self.claimed = self.expired = False
        self.token = ""

    # -- Workers: `attempt` may be the holder, a zombie, or nobody yet

    @rule(attempt=attempts)
    def deliver(self, attempt: int) -> None:
        """RQ brings a job, for the first time or again."""
        token = f"t{len(self.events)}"
        claimed = lifecycle.claim(self.pk, attempt, worker="w", device="cpu", token=token)

        wins = self.live and not self.claimed and attempt == self.attempt
        assert bool(claimed) == wins
        if wins:
            self.happened("claimed")
            self.status, self.claimed, self.token = "running", True, token

    @rule()
    def claim_again_after_a_lost_answer(self) -> None:
        if self.holds(self.attempt):
            assert lifecycle.claim(
                self.pk, self.attempt, worker="w", device="cpu", token=self.token
            )

    @rule(attempt=attempts)
    def heartbeat(self, attempt: int) -> None:
        if not self.was_claimed(attempt):
            return
        alive = lifecycle.heartbeat(self.pk, attempt, progress={"epoch": self.epoch})
        assert alive == self.holds(attempt)
        if alive:
            self.expired = False

    @rule(attempt=attempts)
    def report(self, attempt: int) -> None:
        if not self.was_claimed(attempt):
            return
        step = Metric.objects.count()
        try:
            with lifecycle.fenced(self.pk, attempt):
                Metric.objects.create(operation_id=self.pk, attempt=attempt, step=step, values={})
        except Superseded:
            assert not self.holds(attempt)
            assert not Metric.objects.filter(step=step).exists()
        else:
            assert self.holds(attempt)

    @rule(attempt=attempts)
    def save(self, attempt: int) -> None:
        if not self.was_claimed(attempt):
            return
        self.epoch += 1
        zombie = Operation(pk=self.pk, attempt=attempt)
        try:
            checkpoint = scenes.save(zombie, self.epoch)
        except Superseded:
            assert not self.holds(attempt)
        else:
            assert self.holds(attempt)
            self.happened("checkpoint_saved")
            self.saved = [*self.saved, checkpoint.pk]

    @rule(attempt=attempts, way=st.sampled_from(["completed", "failed", "cancelled"]))
    def finish(self, attempt: int, way: str) -> None:
        if not self.was_claimed(attempt):
            return
        assert self._finish(attempt, way) == self.holds(attempt)
        if self.holds(attempt):
            self.end(way)

    def _finish(self, attempt: int, way: str) -> bool:
        if way == "failed":
            return lifecycle.fail(self.pk, attempt, scenes.BROKEN)
        if way == "cancelled":
            return lifecycle.cancel(self.pk, attempt)
        try:
            with lifecycle.completing(self.pk, attempt, result={}):
                store.delete_rows(self.pk)
        except Superseded:
            return False
        self.saved = []
        return True

    @rule(attempt=attempts)
    def shut_down(self, attempt: int) -> None:
        if not self.was_claimed(attempt):
            return
        handed_on = lifecycle.interrupt(self.pk, attempt)
        assert handed_on == (self.holds(attempt) and not self.intent)
        if handed_on:
            self.happened("interrupted")
            self.next_attempt()

    # -- The user

    @rule()
    def request_cancel(self) -> None:
        answer = lifecycle.request_cancel(self.pk, reason="enough")
        if not self.live or self.intent:
            assert answer is None
        elif self.claimed:
            assert answer == Status.RUNNING
            self.happened("cancel_requested")
            self.intent = True
        else:
            assert answer == Status.CANCELLED
            self.intent = True
            self.end("cancelled")

    @rule(attempt=attempts)
    def force_cancel(self, attempt: int) -> None:
        wins = self.status == "running" and attempt == self.attempt
        assert lifecycle.force_cancel(self.pk, attempt) == wins
        if wins:
            self.end("cancelled")

    @rule()
    def resume(self) -> None:
        resumable = self.status in ("failed", "cancelled") and bool(self.saved)
        try:
            resumed = resume_operation(self.pk)
        except DomainError:
            assert not resumable
            return
        assert resumable
        assert resumed.resumed_from["checkpoint_id"] == store.candidates(self.pk)[0].pk
        self.status, self.intent, self.restarts = "running", False, 0
        self.next_attempt()
        self.happened("resumed")
        assert resumed.attempt == self.attempt

    # -- The world

    @precondition(lambda self: self.status == "running" and self.claimed)
    @rule()
    def fall_silent(self) -> None:
        scenes.expire_lease(self.operation)
        self.expired = True

    @rule(rested=st.booleans())
    def sweep(self, rested: bool) -> None:
        """`rested`: after a gap in the looks nothing may be declared lost."""
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

    @precondition(lambda self: bool(self.saved))
    @rule()
    def lose_a_file(self) -> None:
        """The newest usable checkpoint is found damaged by the next resume."""
        newest = store.candidates(self.pk).first()
        if newest is None or self.live:
            return
        artifact = newest.artifacts.all()[0]
        artifact.file.storage.delete(artifact.file.name)
        usable = store.candidates(self.pk).exclude(pk=newest.pk)
        self.saved = list(usable.order_by("pk").values_list("pk", flat=True))

    # -- What must hold after each step

    @invariant()
    def the_database_agrees(self) -> None:
        row = scenes.reread(self.operation)
        assert (row.status, row.attempt) == (self.status, self.attempt)
        assert (row.restarts, row.max_restarts) == (self.restarts, self.max_restarts)
        if self.live:
            assert bool(row.claimed_at) == self.claimed
            assert row.claim_token == self.token
            assert bool(row.cancel_requested_at) == self.intent

    @invariant()
    def the_history_is_whole(self) -> None:
        assert_whole(self.pk)
        events = Event.objects.filter(operation_id=self.pk).order_by("number")
        stored = events.exclude(event_type__in=UNNUMBERED).values_list("event_type", "attempt")
        assert list(stored) == self.events
        live = Attempt.objects.filter(operation_id=self.pk, ended_at=None)
        assert live.count() == (1 if self.live else 0)

    @invariant()
    def the_status_moves_along_the_table(self) -> None:
        status = scenes.reread(self.operation).status
        assert status == self.seen[-1] or status in TABLE[self.seen[-1]]
        self.seen.append(status)

    @invariant()
    def an_end_is_never_overwritten(self) -> None:
        if not self.live:
            row = {k: v for k, v in scenes.row(self.operation).items() if k != "last_event"}
            assert row == self.frozen

    @invariant()
    def checkpoints_are_those_of_the_holders(self) -> None:
        """No superseded worker saved one, and whatever was resumed has one to go on from."""
        of_operation = Checkpoint.objects.filter(operation_id=self.pk)
        saved_at = {attempt for event_type, attempt in self.events if event_type.endswith("saved")}
        assert set(of_operation.values_list("attempt", flat=True)) <= saved_at
        if self.status == "running" and self.events[-1][0] == "resumed":
            origin = scenes.attempt(self.operation, self.attempt).resumed_from
            assert origin is not None
            assert of_operation.filter(pk=origin["checkpoint_id"], quarantined_at=None).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fake_type", "valkey")
def test_the_lifecycle_follows_its_table_in_every_order() -> None:
    run_state_machine_as_test(
        LifecycleMachine,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
