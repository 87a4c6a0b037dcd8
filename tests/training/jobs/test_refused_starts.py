"""A start that cannot work is refused before anything is made."""

import pytest

from operations.models import Operation
from tests.acceptance.trainings import STRATEGY
from training.errors import NotEnoughDisk, StartInvalid
from training.launch.start import CheckpointSettings, StartRequest, start_training

pytestmark = pytest.mark.django_db

LARGE = STRATEGY.replace("[32, 16]", "[4096, 4096, 4096, 4096, 4096, 4096, 4096, 4096]")


def test_checkpoints_that_would_not_fit_on_the_disk_are_said_before() -> None:
    request = StartRequest(strategy_yaml=LARGE, checkpoint=CheckpointSettings(keep=1000))
    with pytest.raises(NotEnoughDisk, match=r"need [\d,]+ MB, and the storage has [\d,]+ MB"):
        start_training(request)
    assert not Operation.objects.exists()


def test_all_that_is_wrong_with_a_request_is_said_at_once() -> None:
    request = StartRequest(
        device="tpu", priority="urgent", max_restarts=-1, checkpoint=CheckpointSettings(keep=1)
    )
    with pytest.raises(StartInvalid) as refused:
        start_training(request)
    pointers = {error["pointer"] for error in refused.value.errors}
    assert pointers == {
        "#/strategy",
        "#/device",
        "#/priority",
        "#/max_restarts",
        "#/checkpoint/keep",
    }
    assert not Operation.objects.exists()


def test_what_is_trained_on_is_frozen_at_the_start() -> None:
    operation = start_training(StartRequest(strategy_yaml=STRATEGY))
    frozen = operation.request["strategy"]["training_data"]
    assert frozen["end_date"].startswith("2018-12-31")
    assert list(operation.request["data"]) == ["SP500/1d"]
