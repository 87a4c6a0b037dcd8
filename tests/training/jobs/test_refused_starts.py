"""A start that cannot work is refused before anything is made."""

from collections.abc import Callable
from functools import partial

import pytest

from operations.models import Operation
from tests.acceptance.trainings import STRATEGY
from tests.training.folds import families
from tests.training.sweep import searches
from training.errors import NotEnoughDisk, StartInvalid
from training.launch import room
from training.launch.start import CheckpointSettings, StartRequest, start_training

pytestmark = pytest.mark.django_db

LARGE = STRATEGY.replace("[32, 16]", "[4096, 4096, 4096, 4096, 4096, 4096, 4096, 4096]")


def test_checkpoints_that_would_not_fit_on_the_disk_are_said_before() -> None:
    request = StartRequest(strategy_yaml=LARGE, checkpoint=CheckpointSettings(keep=1000))
    with pytest.raises(NotEnoughDisk, match=r"need [\d,]+ MB, and the storage has [\d,]+ MB"):
        start_training(request)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("family", "trainings"),
    [(partial(searches.start, trials=81), 81), (families.cross_validate, 6), (families.walk, 3)],
)
def test_the_checkpoints_of_a_familys_trainings_are_counted_together(
    monkeypatch: pytest.MonkeyPatch, family: Callable[[], Operation], trainings: int
) -> None:
    monkeypatch.setattr(room, "free_bytes", lambda: 9_000_000)
    start_training(StartRequest(strategy_yaml=families.STRATEGY))
    with pytest.raises(NotEnoughDisk, match=rf"checkpoints of its {trainings} trainings need"):
        family()
    assert Operation.objects.count() == 1


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
