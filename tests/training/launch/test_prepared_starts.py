"""A start is found to make sense first and written then: what changed in between is looked at."""

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from operations import lifecycle
from operations.models import Operation
from operations.resume import resume_operation
from operations.writing import Outdated
from tests.operations import scenes
from tests.running.servers import NOBODY_LISTENS
from training.errors import CannotBranch
from training.launch.branching import branch_prepared, extend_operation, prepare_fork
from training.launch.seeds import start_seeds
from training.launch.start import StartRequest, start_training
from training.strategy import StrategyInvalid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_down")]


@pytest.fixture
def redis_down(settings: Settings) -> None:
    settings.REDIS_URL = NOBODY_LISTENS


def stopped() -> Operation:
    operation = scenes.claim(start_training(StartRequest(strategy="sp500_daily", epochs=9)))
    scenes.save(operation, 1)
    assert lifecycle.request_cancel(operation.pk)
    assert lifecycle.cancel(operation.pk, operation.attempt)
    return scenes.reread(operation)


def test_nothing_branches_from_a_training_that_went_on_since_it_was_looked_at() -> None:
    parent = stopped()
    prepared = prepare_fork(parent.pk, settings={"training.epochs": 12}, owner=None)
    resume_operation(parent.pk)
    with pytest.raises(Outdated), transaction.atomic():
        branch_prepared(prepared)
    with pytest.raises(CannotBranch, match="running: cancel it first"):
        extend_operation(parent.pk, epochs=12)
    assert Operation.objects.count() == 1


def test_seeds_are_all_checked_before_the_first_one_starts() -> None:
    with pytest.raises(StrategyInvalid):
        start_seeds(StartRequest(strategy="sp500_daily", seed=2**32 - 1), seeds=3)
    assert not Operation.objects.exists()
