"""Whether two models' Sharpe ratios differ: in pairs where their returns are kept."""

import math
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from checkpoints import files
from tests.acceptance import trainings
from training.evaluation import returns
from training.evaluation.paired import paired_test
from training.jobs import run_training
from training.models import TrainedModel
from training.trained.sharpe_differences import sharpe_differences

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def models(owner: User) -> list[TrainedModel]:
    """Of two seeds, which trade on the same bars."""
    operations = [
        trainings.start(strategy_yaml=trainings.STRATEGY, epochs=4, seed=seed) for seed in (1, 2)
    ]
    for operation in operations:
        type(operation).objects.filter(pk=operation.pk).update(owner=owner)
        run_training(operation.pk, 1)
    return list(TrainedModel.objects.order_by("operation_id"))


def kept(model: TrainedModel) -> Any:
    file = model.artifacts.get(name=returns.FILE).file.name
    return returns.from_bytes(files.read(file))


def test_on_shared_bars_the_returns_are_tested_in_pairs(models: list[TrainedModel]) -> None:
    [found] = sharpe_differences(models)
    (times, first), (_, second) = (kept(model) for model in models)
    per_year = (len(times) - 1) / ((times[-1] - times[0]) / (365.25 * 86_400))
    assert found.p_value == paired_test(first, second, per_year=per_year).p_value  # type: ignore[union-attr]
    sharpes = [model.evaluation["metrics"]["sharpe"] for model in models]
    assert found.difference == pytest.approx(sharpes[0] - sharpes[1], rel=2e-3)
    assert f"on the {len(times):,} bars that both have" in found.basis


def test_a_model_of_0_1_0_has_no_returns_and_counts_as_independent(
    models: list[TrainedModel],
) -> None:
    models[1].artifacts.filter(name=returns.FILE).delete()
    [found] = sharpe_differences(models)
    errors = [model.evaluation["metrics"]["sharpe_standard_error"] for model in models]
    assert found.standard_error == pytest.approx(math.hypot(*errors))
    assert found.p_value is None
    assert found.basis == (
        f"as if independent: model {models[1].pk} is of a version that kept no returns"
    )


def test_returns_that_cannot_be_read_and_bars_of_other_lengths_are_said(
    models: list[TrainedModel],
) -> None:
    models[1].strategy["training_data"]["timeframes"]["timeframe"] = "1h"
    assert "different lengths" in sharpe_differences(models)[0].basis
    models[0].artifacts.filter(name=returns.FILE).update(file="models/nowhere/test_returns.npy")
    assert "cannot be read now" in sharpe_differences(models)[0].basis


def test_the_page_says_whether_they_can_be_told_apart(
    models: list[TrainedModel], owner: User, client: Client
) -> None:
    client.force_login(owner)
    answer = client.get("/compare/", {"ids": [model.operation_id for model in models]})
    page = answer.content.decode()
    [row] = answer.context["comparison"].differences
    assert (row.first, row.second) == (1, 2)
    for words in (row.difference, row.p_value, row.verdict, row.basis):
        assert words in page
    assert "told apart" in row.verdict
