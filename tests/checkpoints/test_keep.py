"""A commit keeps the newest few, and an operation's end none."""

from pathlib import Path

import pytest

from checkpoints import store
from operations import lifecycle
from operations.models import Operation
from tests.checkpoints import scenes


def test_only_the_newest_are_kept_with_their_files(operation: Operation, root: Path) -> None:
    for epoch in range(5):
        scenes.save(operation, epoch, keep=3)

    assert scenes.positions(operation) == [(1, 4, 0), (1, 3, 0), (1, 2, 0)]
    assert scenes.stored_files(root) == scenes.indexed_files()


def test_newest_is_judged_by_attempt_then_epoch_then_batch(operation: Operation) -> None:
    scenes.save(operation, 8, keep=9)
    scenes.save(operation, 8, 5, keep=9)
    second = scenes.next_attempt(operation)
    scenes.save(second, -1, 4, keep=9)

    assert scenes.positions(operation) == [(2, -1, 4), (1, 8, 5), (1, 8, 0)]


def test_a_quarantined_one_does_not_count_as_kept(operation: Operation) -> None:
    scenes.save(operation, 1)
    store.quarantine(scenes.save(operation, 2), "one bit is wrong")
    scenes.save(operation, 3)

    assert [c.epoch for c in store.candidates(operation.pk)] == [3, 1]


def test_a_quarantined_one_goes_when_enough_usable_ones_have_passed_it(
    operation: Operation, root: Path
) -> None:
    scenes.save(operation, 1)
    store.quarantine(scenes.save(operation, 2), "one bit is wrong")
    for epoch in (3, 4):
        scenes.save(operation, epoch)

    assert scenes.positions(operation) == [(1, 4, 0), (1, 3, 0)]
    assert scenes.stored_files(root) == scenes.indexed_files()


def test_quarantined_ones_stay_while_nothing_usable_replaces_them(operation: Operation) -> None:
    for epoch in (1, 2):
        store.quarantine(scenes.save(operation, epoch), "one bit is wrong")
    scenes.save(operation, 3)

    assert scenes.positions(operation) == [(1, 3, 0), (1, 2, 0), (1, 1, 0)]


def test_other_operations_are_not_touched(operation: Operation) -> None:
    other = scenes.running_operation()
    scenes.save(other, 0)
    for epoch in (1, 2, 3):
        scenes.save(operation, epoch)

    assert scenes.positions(other) == [(1, 0, 0)]


def test_less_than_two_cannot_be_asked_for(operation: Operation) -> None:
    with pytest.raises(ValueError, match="2 or more"):
        scenes.save(operation, 1, keep=1)

    assert scenes.positions(operation) == []


def test_an_operations_checkpoints_go_with_its_completion(operation: Operation, root: Path) -> None:
    for epoch in (1, 2):
        scenes.save(operation, epoch)

    with lifecycle.completing(operation.pk, 1, result={}):
        store.delete_rows(operation.pk)
        assert len(scenes.stored_files(root)) == 6, "files stay until the end is committed"

    assert scenes.positions(operation) == []
    assert scenes.stored_files(root) == {"checkpoints"}
