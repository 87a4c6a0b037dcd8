"""The pages of trained models."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.training.views import scenes
from tests.training.views.scenes import signed_in
from training.models import TrainedModel


def text(answer: Any) -> str:
    """What a reader sees."""
    assert answer.status_code == 200
    page = answer.content.decode().replace("<wbr>", "")
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


@pytest.fixture
def model(owner: User) -> TrainedModel:
    return scenes.stored_model(scenes.started(owner, name="mine"))


def page_of(browser: Client, model: TrainedModel) -> str:
    return text(browser.get(reverse("model", args=[model.pk])))


def test_a_page_has_the_digest_of_the_end_beside_the_weights(
    browser: Client, model: TrainedModel
) -> None:
    page = page_of(browser, model)
    assert scenes.STATE_DIGEST in page and model.weights_sha256 in page


def test_the_list_has_test_metrics_beside_buy_and_hold(
    browser: Client, model: TrainedModel
) -> None:
    page = text(browser.get("/models/"))
    for word in ("mine", "+12.0 %", "+25.0 %", "+0.50", "40.0 %"):
        assert word in page


def test_without_a_model_the_list_says_when_there_will_be_one(browser: Client) -> None:
    assert "none has yet" in text(browser.get("/models/"))


def test_models_are_found_by_name_and_by_the_beginning_of_an_id(
    browser: Client, model: TrainedModel
) -> None:
    for search in ("MIN", model.operation_id[:12]):
        assert model.operation_id in text(browser.get("/models/", {"search": search}))
    assert "No model" in text(browser.get("/models/", {"search": "other"}))


def test_the_list_comes_in_pages_of_few_queries(
    browser: Client, owner: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        scenes.stored_model(scenes.started(owner, name=f"model {number}"))
    with django_assert_max_num_queries(7):
        page = browser.get("/models/")
    for model in page.context["models"]:
        assert "evaluation" in model.get_deferred_fields()  # there is a curve in it
    assert len(page.context["models"]) == 3
    assert browser.get("/models/", {"cursor": "forged"}).status_code == 400


def test_a_models_page_has_metrics_beside_each_baseline(
    browser: Client, model: TrainedModel
) -> None:
    page = page_of(browser, model)
    row = page[page.index("Net return") :]
    assert row.startswith("Net return +12.0 % +25.0 % -10.0 %")
    assert "Buy and hold" in page
    assert "Class prior" in page
    assert "The Sharpe ratio's standard error is large." in page


def test_a_models_page_has_its_confusion_matrix_curve_and_strategy(
    browser: Client, model: TrainedModel
) -> None:
    page = page_of(browser, model)
    assert "was buy 3 1 0" in page
    assert "Equity and drawdown on the test part" in page
    assert "name: sp500_daily" in page
    assert "model.safetensors" in page
    assert "optimizer.pt" not in page  # is no part of the bundle


def test_a_regressions_page_has_no_confusion_matrix(browser: Client, model: TrainedModel) -> None:
    TrainedModel.objects.update(evaluation={**model.evaluation, "confusion": None})
    assert "Confusion" not in page_of(browser, model)


def test_models_that_differ_in_the_seed_only_show_mean_and_deviation(
    browser: Client, owner: User, model: TrainedModel
) -> None:
    operation = scenes.started(owner, seed=99)
    type(operation).objects.filter(pk=operation.pk).update(lineage=model.operation.lineage)
    scenes.stored_model(operation, net_return=0.16)
    page = page_of(browser, model)
    assert "2 of 2 operations" in page
    assert "Net return 14.0 %" in page.replace("+", "")
    assert "2.8 % 2" in page


def test_anothers_model_is_not_there(model: TrainedModel) -> None:
    stranger = signed_in(User.objects.create_user("stranger"))
    assert "none has yet" in text(stranger.get("/models/"))
    assert stranger.get(reverse("model", args=[model.pk])).status_code == 404


def test_a_models_page_needs_few_queries(
    browser: Client, model: TrainedModel, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(11):  # three of what is measured, or may be
        browser.get(reverse("model", args=[model.pk]))


def test_an_operations_page_leads_to_its_model_to_a_comparison_and_to_another_start(
    browser: Client, owner: User
) -> None:
    operation = scenes.started(owner)
    address = reverse("operation", args=[operation.pk])
    before = browser.get(address).content.decode()
    assert "/models/" not in before.partition("<main")[2]
    model = scenes.stored_model(operation)
    page = browser.get(address).content.decode()
    assert f'href="/models/{model.pk}/"' in page
    assert f'href="/compare/?ids={operation.pk}"' in page
    assert f'href="/start/?like={operation.pk}"' in page


def test_samples_of_each_symbol_and_inputs_outside_their_range_are_shown(
    browser: Client, model: TrainedModel
) -> None:
    assert "What it was trained and scored on" not in page_of(browser, model)  # of 0.1.0
    model.evaluation["symbol_samples"] = {
        "OLD": {"train": 1200, "validation": 0, "test": 0},
        "NEW": {"train": 900, "validation": 150, "test": 151},
    }
    model.evaluation["outside_range"] = {
        "OLD": {"1d_m_raw": {}},
        "NEW": {"1d_m_raw": {"validation": 0.25, "test": 0.5}},
    }
    model.save()
    page = page_of(browser, model)
    assert "OLD 1,200 0 0" in page
    assert "NEW 900 150 151" in page
    dash = "\N{EN DASH}"
    assert f"1d_m_raw NEW 25.0 % 50.0 % 1d_m_raw OLD {dash} {dash}" in page


def test_every_table_of_a_model_is_linked_and_every_export_is_told(
    browser: Client, model: TrainedModel
) -> None:
    text = browser.get(f"/models/{model.pk}/").content.decode()
    for name in (
        "trades?",
        "equity?",
        "features?symbol=SP500&amp;",
        "memberships?symbol=SP500&amp;",
    ):
        for format in ("csv", "parquet"):
            assert f'href="/api/v1/models/{model.pk}/{name}format={format}" download' in text
    assert f'href="/api/v1/operations/{model.operation_id}/metrics?format=csv" download' in text
    assert "predict?symbol=SP500&amp;since=2016-05-04T00%3A00%3A00Z&amp;format=csv" in text
    for format in ("csv", "parquet", "tensorboard", "onnx"):
        assert f"manage.py export {model.operation_id} --to {format}" in text
