"""How a model came about stands on its page and in the API, with a warning of an early best."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.models import Operation
from tests.training.views import scenes
from training.models import TrainedModel
from training.trained.facts import early_best

RESULT = {
    "best_epoch": 4,
    "epochs_trained": 8000,
    "state_digest": "5d" * 32,
    "weights_sha256": "ab" * 32,
    "test": {"metrics": {}, "notes": []},
}
RANGES = {
    "SP500/1d": {"first": 1136246400, "last": 1767052800},
    "SP500/1w": {"first": 0, "last": 1},
}


@pytest.fixture
def model(owner: User) -> TrainedModel:
    return scenes.stored_model(scenes.started(owner, seed=7, start_date="2010-01-04"))


def told(browser: Client, model: TrainedModel, **result: Any) -> tuple[str, dict[str, Any]]:
    """The page, and what the API says."""
    Operation.objects.update(result={**RESULT, **result})
    TrainedModel.objects.update(best_epoch={**RESULT, **result}["best_epoch"])
    page = browser.get(f"/models/{model.pk}/").content.decode()
    shown: dict[str, Any] = browser.get(f"/api/v1/models/{model.pk}").json()["data"]["training"]
    assert browser.get("/api/v1/models").json()["data"][0]["training"] == shown
    return page, shown


def test_best_epoch_seed_learning_rate_and_data_are_told(
    browser: Client, model: TrainedModel
) -> None:
    page, shown = told(browser, model, best_epoch=7000, data_ranges=RANGES)
    assert (shown["best_epoch"], shown["epochs_trained"]) == (7000, 8000)
    assert (shown["seed"], shown["warning"]) == (7, None)
    assert shown["learning_rate"] == model.strategy["training"]["learning_rate"]
    assert (shown["data_from"], shown["data_to"]) == ("1970-01-01", "2025-12-30")
    for words in ("the 7,001st of 8,000", "<dd>7</dd>", "1970-01-01 \N{EN DASH} 2025-12-30"):
        assert words in page


def test_of_a_model_of_0_1_0_the_dates_of_its_strategy_are_told(
    browser: Client, model: TrainedModel
) -> None:
    _, shown = told(browser, model)
    assert shown["data_from"] == "2010-01-04"
    assert shown["data_to"] == model.strategy["training_data"]["end_date"]


def test_an_early_best_is_a_warning_on_every_surface(
    browser: Client, model: TrainedModel, manage: Any
) -> None:
    page, shown = told(browser, model)
    words = "The best epoch is the 5th of 8,000"
    assert words in page
    assert words in shown["warning"]
    result = browser.get(f"/api/v1/operations/{model.operation_id}/results").json()["data"]
    assert words in result["warnings"][0]
    assert "the 5th of 8,000" in manage("show_operation", model.operation_id).out


@pytest.mark.parametrize(
    ("best", "epochs", "is_early"),
    [(0, 49, False), (0, 50, True), (1, 99, False), (1, 100, True), (2, 100, False)],
)
def test_two_percent_are_counted_in_whole_epochs(best: int, epochs: int, is_early: bool) -> None:
    assert (early_best(best, epochs) is not None) == is_early


def test_what_did_not_complete_has_no_warning() -> None:
    assert early_best(None, None) is None
