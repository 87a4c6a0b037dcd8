from pathlib import Path

import pytest
from pytest_django import Settings

from operations.models import Operation
from tests.checkpoints import scenes


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Settings) -> Path:
    """Every test of this package has a checkpoint storage to itself."""
    root = tmp_path / "storage"
    settings.STORAGES = {
        **settings.STORAGES,
        "checkpoints": {
            "BACKEND": "checkpoints.storage.DurableFileSystemStorage",
            "OPTIONS": {"location": str(root)},
        },
    }
    return root


@pytest.fixture
def operation(transactional_db: None) -> Operation:
    """A running one, and real commits: what happens after a commit is half of this package."""
    return scenes.running_operation()
