"""Files of models without a row go; those with one stay."""

import os
import time
from pathlib import Path

import pytest

from checkpoints.files import ABANDONED_AFTER
from operations.upkeep.housekeeping import clean_up
from tests.acceptance import trainings
from training.jobs import run_training
from training.models import ModelArtifact
from training.trained.model_upkeep import sweep_orphans

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model_directory(checkpoint_root: Path) -> Path:
    """Of a trained model."""
    operation = trainings.start(epochs=1)
    run_training(operation.pk, 1)
    artifact = operation.trained_model.artifacts.first()
    return (checkpoint_root / artifact.file.name).parent


def age(directory: Path) -> None:
    long_ago = time.time() - 2 * ABANDONED_AFTER.total_seconds()
    for path in [directory, *directory.iterdir()]:
        os.utime(path, (long_ago, long_ago))


def directory_without_a_row(beside: Path, number: int) -> Path:
    directory = beside.with_name(f"op_training_20260101_000000_0000000{number}-a1-12345678")
    directory.mkdir(parents=True)
    (directory / "model.safetensors").write_bytes(b"perhaps half a model")
    return directory


def test_an_old_directory_without_a_row_is_removed_and_a_model_stays(
    model_directory: Path,
) -> None:
    orphan = directory_without_a_row(model_directory, 1)
    being_written = directory_without_a_row(model_directory, 2)
    age(orphan)
    age(model_directory)
    assert f"models/{orphan.name}" in sweep_orphans()
    assert not orphan.exists()
    assert being_written.exists()
    assert model_directory.exists()


def test_a_database_that_knows_none_of_them_removes_nothing(checkpoint_root: Path) -> None:
    assert not ModelArtifact.objects.exists()
    orphan = directory_without_a_row(checkpoint_root / "models" / "x", 4)
    age(orphan)
    assert sweep_orphans() == []
    assert orphan.exists()


def test_the_sweepers_housekeeping_removes_them_too(model_directory: Path) -> None:
    orphan = directory_without_a_row(model_directory, 3)
    age(orphan)
    clean_up()
    assert not orphan.exists()
