"""The page on which a model decides."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.acceptance import trainings
from tests.training.views.scenes import signed_in
from training.jobs import run_training
from training.launch.start import StartRequest, start_training
from training.market_data.report import as_text
from training.models import TrainedModel
from training.trained.prediction import forecast
from training.trained.stored_models import read_network
from training.views.predict import MOST_SHOWN

SETS_AND_VALUES = trainings.STRATEGY.replace("normalization: zscore", "normalization: none")


@pytest.fixture
def model(transactional_db: None, owner: User) -> TrainedModel:
    """One that scales nothing."""
    request = StartRequest(strategy_yaml=SETS_AND_VALUES, epochs=1)
    operation = start_training(request, owner=owner)
    run_training(operation.pk, 1)
    return TrainedModel.objects.get(operation=operation)


def ask(browser: Client, model: TrainedModel, **query: Any) -> tuple[int, str]:
    """The status, and what a reader sees."""
    answer = browser.get(reverse("predict", args=[model.pk]), query)
    seen = re.sub(r"<[^>]*>", " ", answer.content.decode().partition("<main")[2])
    return answer.status_code, re.sub(r"\s+", " ", unescape(seen))


def test_it_shows_what_the_model_decides_and_what_to_keep_in_mind(
    browser: Client, model: TrainedModel
) -> None:
    status, page = ask(browser, model, since="2018-12-03")
    assert status == 200
    for row in forecast(read_network(model), since="2018-12-03").rows():
        shares = " ".join(f"{100 * share:.1f} %" for share in row["probabilities"].values())
        assert f"{row['time']} {row['decision']} {row['position']} yes {shares}" in page
    assert "is no forecast" not in page
    assert "is no forecast" in ask(browser, model, since="2010-01-04")[1]


def test_a_refusal_stands_beside_the_form(browser: Client, model: TrainedModel) -> None:
    status, page = ask(browser, model, symbol="NASDAQ")
    assert status == 422
    assert "trained on SP500, not on NASDAQ. It scales nothing, so it can be asked" in page
    assert "Decide on a symbol that it was not trained on" in page
    status, page = ask(browser, model, symbol="NASDAQ", any_symbol="true")
    assert status == 200
    assert "how well it does there was never tested" in page


@pytest.mark.parametrize("query", [{"since": "yesterday"}, {"symbol": "x" * 33}])
def test_a_question_that_cannot_be_read_is_said(
    browser: Client, model: TrainedModel, query: dict[str, str]
) -> None:
    status, page = ask(browser, model, **query)
    assert status == 400
    assert "Predict" in page


def test_a_long_answer_goes_on_on_the_next_page(browser: Client, model: TrainedModel) -> None:
    _, page = ask(browser, model, since="2010-01-04")
    assert "Later" in page
    address = reverse("predict", args=[model.pk])
    answer = browser.get(address, {"since": "2010-01-04"})
    rest = forecast(read_network(model), since="2010-01-04", limit=MOST_SHOWN).next_time
    assert rest is not None
    further = browser.get(address + answer.context["next"]).context["found"]
    assert further["predictions"][0]["time"] == as_text(rest)


def test_a_models_page_leads_there_and_anothers_model_does_not(
    browser: Client, model: TrainedModel
) -> None:
    address = reverse("predict", args=[model.pk])
    assert f'href="{address}"' in browser.get(reverse("model", args=[model.pk])).content.decode()
    stranger = signed_in(User.objects.create_user("stranger"))
    assert stranger.get(address).status_code == 404
