"""An operation that waits for its parts: every part comes to one end, and the family to its own."""

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from checkpoints.errors import CheckpointInUseError
from checkpoints.retention import delete_checkpoint
from operations import lifecycle, selectors
from operations.cancel import cancel_operation
from operations.decision import Decision
from operations.errors import PartOfLiveFamily
from operations.lifecycle import Failure
from operations.models import Attempt, Operation, Outcome, PartEnd, Process, Status, WebhookMessage
from operations.parts import broken_parts, parts_to_resume
from operations.restart import restart_operation
from operations.resume import resume_operation
from operations.upkeep.sweeper import sweep
from operations.writing import Outdated
from tests.operations import family_scenes, scenes
from tests.operations.family_scenes import assert_family_holds, held, parked, part_of
from tests.operations.family_type import PARTS_QUEUE, new_part

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("family_type", "valkey"),
]

LOST = Failure(code="worker_lost", message="It was lost.")


def rung(valkey: Redis, queue: str) -> list[str]:
    return [job_id.decode() for job_id in valkey.lrange(f"rq:queue:{queue}", 0, -1)]


def test_a_search_ends_with_one_winner_however_often_it_is_cancelled() -> None:
    undisturbed = family_scenes.play(family_scenes.family(seed=1))
    assert undisturbed.status == Status.COMPLETED
    other = family_scenes.family(seed=1)
    for part in (None, 3, 9):
        family_scenes.run_family(other.pk, scenes.reread(other).attempt)
        if part is not None:
            held(part_of(other, part), 0.0)  # an intermediate value never outlives its attempt
        cancel_operation(other.pk)
        assert_family_holds(other.pk)
        resume_operation(other.pk)

    ended = family_scenes.play(other)

    assert ended.result == undisturbed.result
    ends = Operation.objects.filter(part_of=ended).values_list("part_end", flat=True)
    assert sorted(ends) == ["", *[PartEnd.OUT_AT_RUNG] * 8]
    assert_family_holds(ended.pk)


def test_the_last_part_to_hold_wakes_the_family_with_one_ring(valkey: Redis) -> None:
    waiting = parked(2)
    held(part_of(waiting, 1))
    assert scenes.reread(waiting).waiting
    valkey.flushall()

    held(part_of(waiting, 2))

    assert not scenes.reread(waiting).waiting
    assert rung(valkey, "training") == [f"{waiting.pk}-2-1"]
    assert_family_holds(waiting.pk)


def test_nobody_takes_what_waits_for_its_parts_or_its_family() -> None:
    waiting = parked(1)
    assert lifecycle.claim(waiting.pk, 2, worker="w", device="cpu", token="t") is None
    part = held(part_of(waiting))
    assert lifecycle.claim(part.pk, part.attempt, worker="w", device="cpu", token="t") is None
    assert lifecycle.take_ring(part.pk, part.attempt, after_ring=0) is None
    assert (part.attempt, part.part_value) == (2, (0.5).hex())
    assert scenes.attempt(part, 1).outcome == Outcome.HELD
    assert scenes.attempt(waiting, 1).outcome == Outcome.WAITING


def test_a_decision_on_what_is_so_no_more_changes_nothing() -> None:
    waiting = parked(2)
    parts = [held(part_of(waiting, number)) for number in (1, 2)]
    scenes.claim(waiting)
    assert lifecycle.request_cancel(parts[0].pk)
    before = [scenes.rows(operation) for operation in (waiting, *parts)]

    for decision in (
        Decision(released=[part.pk for part in parts]),
        Decision(out=[part.pk for part in parts], new=[new_part(waiting, 3)]),
    ):
        with pytest.raises(Outdated):
            lifecycle.park(waiting.pk, 2, decision)

    assert [scenes.rows(operation) for operation in (waiting, *parts)] == before
    assert Operation.objects.filter(part_of=waiting).count() == 2


def test_an_intent_to_cancel_keeps_a_family_from_waiting_and_a_part_from_holding() -> None:
    waiting = parked(1)
    part = scenes.claim(part_of(waiting))
    lifecycle.request_cancel(part.pk)
    assert not lifecycle.hold(part.pk, 1, value="")
    assert lifecycle.cancel(part.pk, 1)
    assert scenes.reread(part).part_end == PartEnd.BY_HAND
    scenes.claim(waiting)
    lifecycle.request_cancel(waiting.pk)
    assert not lifecycle.park(waiting.pk, 2, Decision(new=[new_part(waiting, 2)]))
    assert Operation.objects.filter(part_of=waiting).count() == 1


@pytest.mark.parametrize("end", ["cancel", "fail", "lose"])
def test_whatever_ends_a_family_ends_its_parts(end: str) -> None:
    waiting = parked(4, max_restarts=0)
    idle, running = part_of(waiting, 1), scenes.claim(part_of(waiting, 2))
    at_rung = held(part_of(waiting, 3))
    done = scenes.claim(part_of(waiting, 4))
    assert lifecycle.fail(done.pk, 1, LOST)  # wakes the family
    assert not scenes.reread(waiting).waiting
    if end == "cancel":
        assert lifecycle.request_cancel(waiting.pk) == Status.CANCELLED
    else:
        scenes.claim(waiting)
        if end == "fail":
            assert lifecycle.fail(waiting.pk, 2, LOST)
        else:
            scenes.expire_lease(waiting)
            scenes.sweepers_were_awake()
            assert sweep(name="s").recovered == 1

    for part in (idle, at_rung):
        ended = scenes.reread(part)
        assert (ended.status, ended.part_end) == (Status.CANCELLED, PartEnd.WITH_FAMILY)
        assert (ended.held_at, ended.hold_at) == (None, None)
    asked = scenes.reread(running)
    assert (asked.status, bool(asked.cancel_requested_at)) == (Status.RUNNING, True)
    assert lifecycle.cancel(running.pk, 1)
    assert scenes.reread(running).part_end == PartEnd.WITH_FAMILY
    assert_family_holds(waiting.pk)
    resumed = resume_operation(waiting.pk)
    assert resumed.resumed_from is None
    now = scenes.claim(waiting)
    assert [part.part_number for part in parts_to_resume(now)] == [1, 2, 3, 4]
    assert broken_parts(now) == []


def test_a_family_with_a_live_part_cannot_complete() -> None:
    waiting = parked(2)
    parts = [held(part_of(waiting, number)) for number in (1, 2)]
    scenes.claim(waiting)
    before = scenes.rows(waiting)
    with (
        pytest.raises(RuntimeError, match="1 of its parts"),
        lifecycle.completing(waiting.pk, 2, result={}, out=[parts[0].pk]),
    ):
        pass
    assert scenes.rows(waiting) == before

    with lifecycle.completing(waiting.pk, 2, result={}, out=[part.pk for part in parts]):
        pass

    assert {scenes.reread(part).part_end for part in parts} == {PartEnd.OUT_AT_RUNG}
    assert_family_holds(waiting.pk)


@pytest.mark.parametrize(
    ("code", "wakes"), [("training_failed", False), ("worker_lost", True), ("data_changed", True)]
)
def test_only_what_is_no_result_wakes_a_family_before_its_time(code: str, wakes: bool) -> None:
    waiting = parked(2)
    part = scenes.claim(part_of(waiting, 1))

    assert lifecycle.fail(part.pk, 1, Failure(code=code, message="It failed."))

    assert scenes.reread(waiting).waiting == (not wakes)
    family = scenes.reread(waiting)
    assert [it.pk for it in broken_parts(family)] == ([part.pk] if wakes else [])


def test_for_another_kind_of_family_a_cancelled_part_is_no_result(settings: Settings) -> None:
    types = settings.OPERATION_TYPES
    settings.OPERATION_TYPES = {**types, "family": {**types["family"], "part_results": ()}}
    waiting = parked(2)
    lifecycle.request_cancel(part_of(waiting, 1).pk)
    assert not scenes.reread(waiting).waiting
    assert len(broken_parts(scenes.reread(waiting))) == 1


def test_a_part_that_was_lost_goes_on_with_the_resumed_family() -> None:
    undisturbed = family_scenes.play(family_scenes.family(seed=4))
    search = family_scenes.family(seed=4)
    family_scenes.run_family(search.pk, 1)
    broken = scenes.claim(part_of(search, 5))
    assert lifecycle.fail(broken.pk, 1, LOST)

    failed = family_scenes.play(search)
    assert (failed.status, failed.error_code) == (Status.FAILED, "part_failed")
    assert broken.pk in failed.error_message
    resume_operation(search.pk)

    assert family_scenes.play(search).result == undisturbed.result
    assert_family_holds(search.pk)


def test_parts_of_a_live_family_are_neither_resumed_nor_started_again_one_by_one() -> None:
    waiting = parked(2)
    stopped = part_of(waiting, 1)
    lifecycle.request_cancel(stopped.pk)
    for act in (resume_operation, lambda pk: restart_operation(pk, owner=None)):
        with pytest.raises(PartOfLiveFamily, match=waiting.pk):
            act(stopped.pk)
    key = (stopped.pk, stopped.attempt)
    assert lifecycle.resume(*key, resumed_from=None, request={}, queue=PARTS_QUEUE) is None

    lifecycle.request_cancel(waiting.pk)

    resumed = lifecycle.resume(*key, resumed_from=None, request={}, queue=PARTS_QUEUE)
    assert resumed is not None
    now = scenes.reread(stopped)
    assert (now.hold_at, now.part_end) == (None, "")
    child = restart_operation(part_of(waiting, 2).pk, owner=None)
    assert (child.part_of_id, child.hold_at) == (None, None)


def test_a_family_rings_for_as_many_parts_as_workers_could_take(valkey: Redis) -> None:
    for name in ("one", "two"):
        details = {"queues": [PARTS_QUEUE]}
        Process.objects.create(kind="worker", name=name, host="h", pid=1, details=details)
    waiting = parked(5)

    bells = rung(valkey, PARTS_QUEUE)

    assert sorted(bells) == [f"{waiting.pk}-{PARTS_QUEUE}-parts-{number}" for number in (1, 2)]
    family_scenes.run_next(waiting.pk, 1)
    assert part_of(waiting, 1).held_at
    assert sorted(rung(valkey, PARTS_QUEUE)) == sorted(bells)


def test_the_sweeper_rings_for_parts_whose_bells_are_lost(valkey: Redis) -> None:
    waiting = parked(2)
    valkey.flushall()
    scenes.sweepers_were_awake()

    assert sweep(name="s").rung == 1
    assert rung(valkey, PARTS_QUEUE) == [f"{waiting.pk}-{PARTS_QUEUE}-parts-1"]
    assert sweep(name="s").rung == 0


def test_the_sweeper_wakes_what_waits_for_nothing(valkey: Redis) -> None:
    waiting = parked(1)
    held(part_of(waiting))
    assert Operation.objects.filter(pk=waiting.pk).update(waiting=True, rings=0, rung_at=None) == 1
    scenes.sweepers_were_awake()
    valkey.flushall()

    assert sweep(name="s").woken == 1

    assert rung(valkey, "training") == [f"{waiting.pk}-2-1"]
    assert sweep(name="s").woken == 0


def test_a_lost_part_goes_on_and_rings_through_its_family(valkey: Redis) -> None:
    waiting = parked(1)
    part = scenes.claim(part_of(waiting))
    scenes.expire_lease(part)
    scenes.sweepers_were_awake()
    valkey.flushall()

    assert sweep(name="s").recovered == 1

    assert scenes.reread(part).attempt == 2
    assert rung(valkey, PARTS_QUEUE) == [f"{waiting.pk}-{PARTS_QUEUE}-parts-1"]
    assert rung(valkey, "training") == []
    assert scenes.reread(waiting).waiting


def test_lists_are_of_families_and_of_parts_when_they_are_asked_for() -> None:
    waiting = parked(3)
    alone = scenes.pending()
    every = Operation.objects.all()

    def listed(**wanted: object) -> set[str]:
        return set(selectors.matching(every, **wanted).values_list("pk", flat=True))  # type: ignore[arg-type]

    parts = set(Operation.objects.filter(part_of=waiting).values_list("pk", flat=True))
    assert listed() == {waiting.pk, alone.pk}
    assert listed(part_of=waiting.pk) == parts
    assert listed(parts=True) == {waiting.pk, alone.pk, *parts}


def test_the_webhook_tells_of_families_alone(settings: Settings) -> None:
    settings.KTRDR_WEBHOOK_URL = "https://example.org"
    waiting = parked(2)
    lifecycle.request_cancel(part_of(waiting).pk)
    assert not WebhookMessage.objects.exists()
    lifecycle.request_cancel(waiting.pk)
    assert [message.operation_id for message in WebhookMessage.objects.all()] == [waiting.pk]


def test_no_checkpoint_of_a_live_familys_part_is_deleted() -> None:
    waiting = parked(2)
    part = scenes.claim(part_of(waiting))
    checkpoint = scenes.save(part, 1)
    lifecycle.request_cancel(part.pk)
    lifecycle.cancel(part.pk, 1)
    with pytest.raises(CheckpointInUseError):
        delete_checkpoint(checkpoint, force=True)
    lifecycle.request_cancel(waiting.pk)
    assert delete_checkpoint(checkpoint, force=True)


def test_a_family_and_its_parts_are_deleted_as_one() -> None:
    waiting = parked(2)
    with pytest.raises(Exception, match="restricted"):
        Operation.objects.filter(pk=waiting.pk).delete()
    Operation.objects.all().delete()
    assert not Attempt.objects.exists()
