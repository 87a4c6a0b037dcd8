"""Deleting a checkpoint by hand takes nobody's way back without being told to."""

from pathlib import Path

import pytest

from checkpoints import retention, store
from checkpoints.errors import CheckpointInUseError
from operations import lifecycle
from operations.models import Operation
from tests.checkpoints import scenes


def test_one_of_several_goes_with_its_files(operation: Operation, root: Path) -> None:
    scenes.save(operation, 1)
    newest = scenes.save(operation, 2)
    scenes.cancel(operation)

    assert retention.delete_checkpoint(newest)
    assert scenes.positions(operation) == [(1, 1, 0)]
    assert scenes.stored_files(root) == scenes.indexed_files()


def test_the_last_usable_one_needs_force(operation: Operation) -> None:
    last = scenes.save(operation, 1)
    store.quarantine(scenes.save(operation, 2), "one bit is wrong")
    scenes.cancel(operation)

    with pytest.raises(CheckpointInUseError, match="nothing left to resume from"):
        retention.delete_checkpoint(last)
    assert retention.delete_checkpoint(last, force=True)
    assert scenes.positions(operation) == [(1, 2, 0)]


def test_a_live_operations_stay_even_with_force(operation: Operation) -> None:
    oldest = scenes.save(operation, 1)
    scenes.save(operation, 2)

    with pytest.raises(CheckpointInUseError, match="live"):
        retention.delete_checkpoint(oldest, force=True)


def test_a_completed_operation_needs_none(operation: Operation) -> None:
    leftover = scenes.save(operation, 1)
    with lifecycle.completing(operation.pk, 1, result={}):
        pass

    assert retention.delete_checkpoint(leftover)


def test_one_that_is_gone_already_is_not_deleted_again(operation: Operation) -> None:
    scenes.save(operation, 1)
    gone = scenes.save(operation, 2)
    scenes.cancel(operation)

    assert retention.delete_checkpoint(gone)
    assert not retention.delete_checkpoint(gone)
