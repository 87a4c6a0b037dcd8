"""A checkpoint exists when its row is committed, and its row is what a fence allows."""

from datetime import datetime
from pathlib import Path

import pytest
from django.db import transaction

from checkpoints import store
from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.errors import Superseded
from operations.models import Operation
from tests.checkpoints import scenes


def test_a_committed_checkpoint_loads_as_it_was_saved(operation: Operation) -> None:
    checkpoint = scenes.save(operation, 3, 7)

    assert store.load(checkpoint) == scenes.contents(3, 7)
    assert (checkpoint.attempt, checkpoint.epoch, checkpoint.batch) == (1, 3, 7)
    assert checkpoint.size_bytes == sum(map(len, scenes.contents(3, 7).values()))
    assert isinstance(checkpoint.created_at, datetime)


def test_staged_files_are_no_checkpoint_yet(operation: Operation) -> None:
    scenes.stage(operation, 3)

    assert not store.candidates(operation.pk).exists()


def test_display_metrics_are_kept_with_the_row(operation: Operation) -> None:
    staged = scenes.stage(operation, 3)
    with lifecycle.fenced(operation.pk, 1):
        pk = store.commit(staged, keep=2, metrics={"val_loss": 0.25}).pk

    assert Checkpoint.objects.get(pk=pk).metrics == {"val_loss": 0.25}


def test_a_commit_outside_a_transaction_is_refused(operation: Operation) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        store.commit(scenes.stage(operation, 3), keep=2)

    assert not Checkpoint.objects.exists()


def test_a_superseded_attempt_commits_nothing(operation: Operation) -> None:
    staged = scenes.stage(operation, 3)
    scenes.next_attempt(operation)

    with pytest.raises(Superseded), lifecycle.fenced(operation.pk, 1):
        store.commit(staged, keep=2)

    assert not Checkpoint.objects.exists()


def test_a_commit_repeated_after_a_lost_answer_finds_its_row(operation: Operation) -> None:
    staged = scenes.stage(operation, 3)
    with lifecycle.fenced(operation.pk, 1):
        first = store.commit(staged, keep=2)
    with lifecycle.fenced(operation.pk, 1):
        again = store.commit(staged, keep=2)

    assert again == first
    assert store.load(again) == scenes.contents(3)
    assert Checkpoint.objects.count() == 1


def test_two_saves_of_one_position_do_not_share_files(operation: Operation, root: Path) -> None:
    scenes.save(operation, 3)
    cancellation = scenes.save(operation, 3)

    assert store.candidates(operation.pk).first() == cancellation
    assert len(scenes.stored_files(root)) == 6


def test_a_rolled_back_commit_leaves_the_older_checkpoints_and_their_files(
    operation: Operation,
) -> None:
    for epoch in (1, 2):
        scenes.save(operation, epoch)
    staged = scenes.stage(operation, 3)

    with lifecycle.fenced(operation.pk, 1):
        store.commit(staged, keep=2)
        transaction.set_rollback(True)

    loaded = [store.load(checkpoint) for checkpoint in store.candidates(operation.pk)]
    assert loaded == [scenes.contents(2), scenes.contents(1)]


def test_discarded_files_are_gone(operation: Operation, root: Path) -> None:
    assert store.discard(scenes.stage(operation, 3))

    assert scenes.stored_files(root) == {"checkpoints"}


def test_discard_spares_what_was_committed_after_all(operation: Operation) -> None:
    staged = scenes.stage(operation, 3)
    with lifecycle.fenced(operation.pk, 1):
        checkpoint = store.commit(staged, keep=2)

    assert not store.discard(staged)
    assert store.load(checkpoint) == scenes.contents(3)
