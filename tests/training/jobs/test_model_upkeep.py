"""Files of models without a row go; those with one stay."""

import os
import time
from pathlib import Path

import pytest

from operations.housekeeping import clean_up
from tests.acceptance import trainings
from training.jobs import run_training
from training.model_upkeep import ABANDONED_AFTER, sweep_orphans

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def models_directory(checkpoint_root: Path) -> Path:
    operation = trainings.start(epochs=1)
    run_training(operation.pk, 1)
    return checkpoint_root / "models"


def age(directory: Path) -> None:
    long_ago = time.time() - 2 * ABANDONED_AFTER.total_seconds()
    for path in [directory, *directory.iterdir()]:
        os.utime(path, (long_ago, long_ago))


def test_an_old_directory_without_a_row_is_removed_and_a_model_stays(
    models_directory: Path,
) -> None:
    orphan = models_directory / "op_training_20260101_000000_00000000-a1-12345678"
    orphan.mkdir()
    (orphan / "model.safetensors").write_bytes(b"half a model")
    fresh = models_directory / "op_training_20260101_000000_00000001-a1-12345678"
    fresh.mkdir()
    (fresh / "model.safetensors").write_bytes(b"being written")
    for directory in set(models_directory.iterdir()) - {fresh}:
        age(directory)
    kept = {path.name for path in models_directory.iterdir()} - {orphan.name}
    assert sweep_orphans() == [f"models/{orphan.name}"]
    assert {path.name for path in models_directory.iterdir()} == kept


def test_the_sweepers_housekeeping_removes_them_too(models_directory: Path) -> None:
    orphan = models_directory / "op_training_20260101_000000_00000002-a1-12345678"
    orphan.mkdir()
    (orphan / "model.safetensors").write_bytes(b"half a model")
    age(orphan)
    clean_up()
    assert not orphan.exists()
