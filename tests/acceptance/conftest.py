from collections.abc import Callable

import pytest

from tests.acceptance import trainings
from tests.running.stack import Stack

Digests = dict[str, str]


@pytest.fixture(scope="session")
def digests_by_epochs() -> dict[int, Digests]:
    return {}


@pytest.fixture
def twin(stack: Stack, digests_by_epochs: dict[int, Digests]) -> Callable[[int], Digests]:
    """What a training of so many epochs ends with when nothing disturbs it. Trained once each."""

    def train(epochs: int) -> Digests:
        if epochs not in digests_by_epochs:
            undisturbed = trainings.start(epochs=epochs)
            worker = stack.worker("--burst")
            operation = trainings.wait_for_end(undisturbed, timeout=60 + epochs)
            digests_by_epochs[epochs] = trainings.digests(operation)
            worker.kill_all()
        return digests_by_epochs[epochs]

    return train
