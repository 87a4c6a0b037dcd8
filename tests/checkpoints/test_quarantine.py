"""Nothing starts from a quarantined checkpoint, until it is found whole."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from checkpoints import store
from checkpoints.models import Checkpoint
from operations.models import Operation
from tests.checkpoints import scenes


def test_an_older_one_is_the_candidate_while_it_lasts(operation: Operation) -> None:
    older, newer = scenes.save(operation, 1), scenes.save(operation, 2)

    assert store.quarantine(newer, "model.pt is missing")
    assert list(store.candidates(operation.pk)) == [older]
    newer.refresh_from_db()
    assert newer.quarantined_at is not None
    assert newer.quarantine_reason == "model.pt is missing"

    assert store.lift_quarantine(newer)
    assert list(store.candidates(operation.pk)) == [newer, older]


def test_the_first_reason_is_kept(operation: Operation) -> None:
    checkpoint = scenes.save(operation, 1)

    assert store.quarantine(checkpoint, "first")
    assert not store.quarantine(checkpoint, "second")

    checkpoint.refresh_from_db()
    assert checkpoint.quarantine_reason == "first"


def test_there_is_nothing_to_lift_from_a_usable_one(operation: Operation) -> None:
    assert not store.lift_quarantine(scenes.save(operation, 1))


def test_exactly_one_of_many_concurrent_callers_quarantines(operation: Operation) -> None:
    checkpoint = scenes.save(operation, 1)
    num_callers = 8
    together = Barrier(num_callers)

    def quarantine(number: int) -> bool:
        together.wait()
        try:
            return store.quarantine(checkpoint, f"caller {number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(num_callers) as pool:
        assert sum(pool.map(quarantine, range(num_callers))) == 1


def test_a_verification_leaves_its_time(operation: Operation) -> None:
    checkpoint = scenes.save(operation, 1)
    assert checkpoint.verified_at is None

    assert store.mark_verified(checkpoint)

    assert Checkpoint.objects.get(pk=checkpoint.pk).verified_at is not None
