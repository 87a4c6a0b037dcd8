"""Whatever happens to a family and its parts, in whichever order: nothing is lost, nothing stuck.

Hypothesis plays the workers of the family and of its parts (dead ones, too), users, and the
sweeper. The model is the design in plain Python; after each step every row is compared with it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

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

from operations import lifecycle
from operations.decision import Decision
from operations.errors import DomainError
from operations.lifecycle import Failure
from operations.models import Operation, Process, Status
from operations.parts import broken_parts, parts_to_resume
from operations.resume import resume_operation
from operations.upkeep.sweeper import sweep
from tests.operations import family_scenes, scenes
from tests.operations.family_scenes import assert_family_holds
from tests.operations.family_type import RUNGS, going_on, new_part

NUM_EXAMPLES = int(os.environ.get("LIFECYCLE_EXAMPLES", "5"))
MOST_PARTS = 5
RESULT, NO_RESULT = "training_failed", "storage_unavailable"


@dataclass
class Modelled:
    """An operation as it has to be."""

    status: str = "pending"
    attempt: int = 1
    claimed: bool = False
    intent: bool = False
    held: bool = False
    end: str = ""
    code: str = ""
    is_old: bool = False
    """Ended before its family was resumed."""

    @property
    def live(self) -> bool:
        return self.status in ("pending", "running")

    @property
    def open(self) -> bool:
        return self.live and not self.held

    @property
    def broken(self) -> bool:
        return self.status == "failed" and self.code != RESULT

    def next_attempt(self) -> None:
        self.attempt += 1
        self.claimed = False

    def stop(self, status: str, *, end: str = "", code: str = "") -> None:
        self.status, self.end, self.code = status, end, code
        self.held = self.is_old = False


class FamilyMachine(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.operation = family_scenes.family(max_restarts=0)
        self.pk = self.operation.pk
        self.family = Modelled()
        self.waiting = False
        self.parts: dict[str, Modelled] = {}

    def teardown(self) -> None:
        Operation.objects.all().delete()
        Process.objects.all().delete()

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        happen = data.draw(st.sampled_from(self._possible()))
        happen(data)

    def _possible(self) -> list[Callable[[st.DataObject], None]]:
        parts = [self.a_part_acts] * 8 if self.parts else []
        always = [*parts, self.sweep, self.a_zombie_parks, self.somebody_resumes_a_part]
        if not self.family.live:
            return [*[self.resume] * 4, *always] if self.family.status != "completed" else always
        if self.waiting or not self.family.claimed:
            taken = [] if self.waiting else [self.deliver] * 6
            return [*taken, *always, self.cancel]
        return [*[self.park] * 6, self.finish, self.fall_silent, self.cancel, *always]

    # -- The family's worker

    def deliver(self, data: st.DataObject) -> None:
        assert scenes.claim(self.operation)
        self.family.status, self.family.claimed = "running", True

    def park(self, data: st.DataObject) -> None:
        """It resumes what it has to, and draws what becomes of the rest."""
        family = scenes.reread(self.operation)
        if broken_parts(family):
            return self._fail()
        held = [pk for pk, part in self.parts.items() if part.held]
        released = data.draw(st.lists(st.sampled_from(held), unique=True)) if held else []
        rest = [pk for pk in held if pk not in released]
        out = data.draw(st.lists(st.sampled_from(rest), unique=True)) if rest else []
        number = data.draw(st.integers(0, min(2, MOST_PARTS - len(self.parts))))
        new = [new_part(family, len(self.parts) + 1 + one) for one in range(number)]
        resumed = [going_on(part, RUNGS[0]) for part in parts_to_resume(family)]
        assert {part.operation_id for part in resumed} == self._to_resume()
        decision = Decision(new=new, released=released, out=out, resumed=resumed, hold_at=RUNGS[1])
        parked = lifecycle.park(self.pk, self.family.attempt, decision)
        assert parked == (not self.family.intent)
        if not parked:
            assert lifecycle.cancel(self.pk, self.family.attempt)
            return self._family_ends("cancelled")
        self.parts |= {part.operation_id: Modelled() for part in new}
        for pk in released:
            self.parts[pk].held = False
        for pk in out:
            self.parts[pk].stop("cancelled", end="out_at_rung")
        for stopped in resumed:
            self._goes_on(self.parts[stopped.operation_id])
        self.family.next_attempt()
        self.waiting = True
        self._settle()
        return None

    def finish(self, data: st.DataObject) -> None:
        held = [pk for pk, part in self.parts.items() if part.held]
        try:
            with lifecycle.completing(self.pk, self.family.attempt, result={}, out=held):
                pass
        except RuntimeError:
            assert any(part.open for part in self.parts.values())
            return
        assert not any(part.open for part in self.parts.values())
        for pk in held:
            self.parts[pk].stop("cancelled", end="out_at_rung")
        self._family_ends("completed")

    def _fail(self) -> None:
        failure = Failure(code="part_failed", message="A part failed.")
        assert lifecycle.fail(self.pk, self.family.attempt, failure)
        self._family_ends("failed")

    def fall_silent(self, data: st.DataObject) -> None:
        scenes.expire_lease(self.operation)
        scenes.sweepers_were_awake()
        assert sweep(name="s").recovered == 1
        self._family_ends("cancelled" if self.family.intent else "failed")

    def a_zombie_parks(self, data: st.DataObject) -> None:
        earlier = self.family.attempt - 1
        assert not lifecycle.park(self.pk, earlier, Decision(new=[new_part(self.operation, 99)]))

    # -- A part's worker, or its user

    def a_part_acts(self, data: st.DataObject) -> None:
        pk = data.draw(st.sampled_from(sorted(self.parts)))
        part, operation = self.parts[pk], Operation.objects.get(pk=pk)
        way = data.draw(st.sampled_from(["on", "on", "on", "cancel", "lost", "fails", "broken"]))
        if way == "cancel":
            return self._cancel_part(pk, part)
        if part.open and not part.claimed:
            assert scenes.claim(operation)
            part.status, part.claimed = "running", True
        elif part.open:
            self._claimed_part_acts(operation, part, way)
        return None

    def _claimed_part_acts(self, operation: Operation, part: Modelled, way: str) -> None:
        key = (operation.pk, part.attempt)
        if way == "lost":
            scenes.expire_lease(operation)
            scenes.sweepers_were_awake()
            assert sweep(name="s").recovered == 1
            if part.intent:
                part.stop("cancelled", end=part.end)
            else:
                part.stop("failed", code="worker_lost")  # its family has no restart to give
        elif way in ("fails", "broken"):
            code = RESULT if way == "fails" else NO_RESULT
            assert lifecycle.fail(*key, Failure(code=code, message="It failed."))
            part.stop("failed", code=code)
        elif operation.hold_at is None and not part.intent:
            with lifecycle.completing(*key, result={}, value=(0.5).hex()):
                pass
            part.stop("completed")
        else:
            assert lifecycle.hold(*key, value=(0.5).hex()) == (not part.intent)
            if part.intent:
                assert lifecycle.cancel(*key)
                part.stop("cancelled", end=part.end)
            else:
                part.next_attempt()
                part.held = True
        self._settle()

    def _cancel_part(self, pk: str, part: Modelled) -> None:
        answer = lifecycle.request_cancel(pk)
        if not part.live or part.intent:
            assert answer is None
        elif part.claimed:
            assert answer == Status.RUNNING
            part.intent, part.end = True, "by_hand"
        else:
            assert answer == Status.CANCELLED
            part.stop("cancelled", end="by_hand")
            self._settle()

    def somebody_resumes_a_part(self, data: st.DataObject) -> None:
        if not self.parts:
            return
        pk = data.draw(st.sampled_from(sorted(self.parts)))
        if not self.parts[pk].live and self.family.live:
            with pytest.raises(DomainError):
                resume_operation(pk)
            attempt = self.parts[pk].attempt
            assert not lifecycle.resume(pk, attempt, resumed_from={}, request={}, queue="training")

    # -- The family's user, and the sweeper

    def cancel(self, data: st.DataObject) -> None:
        answer = lifecycle.request_cancel(self.pk)
        if self.family.intent:
            assert answer is None
        elif self.family.claimed:
            assert answer == Status.RUNNING
            self.family.intent = True
        else:
            assert answer == Status.CANCELLED
            self._family_ends("cancelled")

    def resume(self, data: st.DataObject) -> None:
        resume_operation(self.pk)
        for part in self.parts.values():
            part.is_old = not part.live
        self._goes_on(self.family)

    def sweep(self, data: st.DataObject) -> None:
        scenes.sweepers_were_awake()
        swept = sweep(name="s")
        assert (swept.recovered, swept.woken) == (0, 0)

    # -- The model

    def _settle(self) -> None:
        parts = self.parts.values()
        if any(part.broken for part in parts) or not any(part.open for part in parts):
            self.waiting = False

    def _to_resume(self) -> set[str]:
        with_family = {pk for pk, part in self.parts.items() if part.end == "with_family"}
        with_family = {pk for pk in with_family if not self.parts[pk].live}
        return with_family | {pk for pk, part in self.parts.items() if part.broken and part.is_old}

    def _family_ends(self, status: str) -> None:
        self.family.stop(status)
        self.waiting = False
        for part in self.parts.values():
            if part.live and not part.claimed:
                part.stop("cancelled", end="with_family")
            elif part.live and not part.intent:
                part.intent, part.end = True, "with_family"

    @staticmethod
    def _goes_on(operation: Modelled) -> None:
        operation.status, operation.intent, operation.end, operation.code = "running", False, "", ""
        operation.next_attempt()

    @invariant()
    def everything_holds(self) -> None:
        assert_family_holds(self.pk)
        row = scenes.row(self.operation)
        assert (row["status"], row["attempt"]) == (self.family.status, self.family.attempt)
        assert row["waiting"] == self.waiting
        for pk, part in self.parts.items():
            now = Operation.objects.get(pk=pk)
            told = (now.status, now.attempt, bool(now.held_at), now.part_end, now.error_code)
            assert told == (part.status, part.attempt, part.held, part.end, part.code)
            if part.live:
                assert bool(now.claimed_at) == part.claimed
                assert bool(now.cancel_requested_at) == part.intent


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("family_type", "valkey")
def test_a_family_and_its_parts_follow_their_rules_in_every_order() -> None:
    run_state_machine_as_test(
        FamilyMachine,
        settings=settings(
            max_examples=NUM_EXAMPLES,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
