"""Saves beside the training: when they begin, and what they leave behind."""

import os
from collections.abc import Iterator

import pytest
import torch
from django.db import connection

from checkpoints.models import Checkpoint
from operations import lifecycle
from tests.running.stack import wait_until
from tests.training.trainer.synthetic import make_dataset, make_strategy
from training.attempt import checkpoint_saver
from training.attempt.checkpoint_saver import CheckpointSaver
from training.attempt.journal import Journal
from training.model_trainer import ModelTrainer
from training.trainer.state import Snapshot

pytestmark = pytest.mark.django_db(transaction=True)

THIS_PROCESS = f"test_checkpoint_saver {os.getpid()}"
"""As the server knows it: a web process of another file's tests may be connected, too."""


@pytest.fixture
def saver(monkeypatch: pytest.MonkeyPatch) -> Iterator[CheckpointSaver]:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "application_name", THIS_PROCESS)
    operation = lifecycle.start(operation_type="training", request={}, queue="training")
    assert lifecycle.claim(operation.pk, 1, worker="w", device="cpu", token="t")
    saver = CheckpointSaver(operation.pk, 1, journal=Journal(operation.pk, 1), keep=2)
    yield saver
    saver.close()


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    strategy = make_strategy(epochs=1)
    return ModelTrainer(strategy).train(make_dataset(strategy)).final


def save(saver: CheckpointSaver, snapshot: Snapshot) -> None:
    saver.save_beside(snapshot, {})
    saver.begin()
    saver.wait()
    assert saver.last_error == ""


def wait_until_alone() -> None:
    """A connection's server process ends a little after it was closed."""
    wait_until(lambda: num_other_connections() == 0)


def num_other_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = %s AND pid <> pg_backend_pid()",
            [THIS_PROCESS],
        )
        return int(cursor.fetchone()[0])


def test_a_save_waits_for_the_training_to_go_on(saver: CheckpointSaver, snapshot: Snapshot) -> None:
    saver.save_beside(snapshot, {})
    assert not saver.is_ready
    assert not Checkpoint.objects.exists()
    saver.begin()
    saver.wait()
    assert saver.is_ready
    assert Checkpoint.objects.count() == 1


def test_a_save_that_was_never_begun_is_made_before_anything_ends(
    saver: CheckpointSaver, snapshot: Snapshot
) -> None:
    saver.save_beside(snapshot, {})
    saver.close()
    assert Checkpoint.objects.count() == 1


def test_saves_that_follow_each_other_share_a_connection(
    saver: CheckpointSaver, snapshot: Snapshot
) -> None:
    wait_until_alone()
    save(saver, snapshot)
    save(saver, snapshot)
    assert num_other_connections() == 1
    saver.close()
    wait_until_alone()


def test_between_saves_that_are_far_apart_there_is_none(
    saver: CheckpointSaver, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_saver, "CONNECTION_SECONDS", 0.0)
    wait_until_alone()
    save(saver, snapshot)
    save(saver, snapshot)
    wait_until_alone()


def test_what_was_closed_can_be_closed_again(saver: CheckpointSaver, snapshot: Snapshot) -> None:
    """An attempt that cannot store its model ends twice."""
    saver.close()
    saver.close()
    save(saver, snapshot)


def test_a_save_without_memory_is_told_and_tried_again(
    saver: CheckpointSaver, snapshot: Snapshot
) -> None:
    too_large = {"weight": torch.zeros(1).expand(2**42)}  # its digest needs 16 TB
    saver.save_beside(Snapshot(parts={**snapshot.parts, "best": too_large}), {})
    saver.begin()
    saver.wait()
    assert "not enough memory" in saver.last_error
    assert not Checkpoint.objects.exists()

    assert saver.save_now(snapshot, "shutdown", {}, grace_seconds=1)
    assert not Checkpoint.objects.exclude(quarantined_at=None).exists()
