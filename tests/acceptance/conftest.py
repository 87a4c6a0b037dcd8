import json
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest

from tests.acceptance import trainings
from tests.running.stack import Stack

Digests = dict[str, str]


@pytest.fixture(scope="session")
def twins(shared_directory: Path) -> Path:
    directory = shared_directory / "twins"
    directory.mkdir(exist_ok=True)
    return directory


@pytest.fixture
def twin(stack: Stack, twins: Path, tmp_path: Path) -> Callable[..., Digests]:
    """What a training of so many epochs ends with when nothing disturbs it. Trained once each, or
    twice if two processes ask for it at the same time."""

    def train(epochs: int, strategy_yaml: str = trainings.LASTING) -> Digests:
        known = twins / f"{epochs} epochs of {crc32(strategy_yaml.encode()):08x}.json"
        if not known.exists():
            undisturbed = trainings.start(epochs=epochs, strategy_yaml=strategy_yaml)
            worker = stack.worker("--burst")
            operation = trainings.wait_for_end(undisturbed, timeout=60 + epochs)
            (whole := tmp_path / known.name).write_text(json.dumps(trainings.digests(operation)))
            whole.rename(known)
            worker.kill_all()
        digests: Digests = json.loads(known.read_text())
        return digests

    return train
