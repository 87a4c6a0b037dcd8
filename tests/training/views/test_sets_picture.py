"""A model's fuzzy sets over the bars that it was trained on: on its page, and to keep."""

import csv
import io
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from operations.models import Operation
from tests.training.views import scenes
from tests.training.views.start_form import HTMX, SP500, START, form, shown
from training.features.assembly import load_histories
from training.launch.preview_sets import sets_over_bars
from training.launch.start import StartRequest, start_training
from training.market_data import load_bars
from training.models import TrainedModel
from training.strategy import find_strategy
from training.trained.sets_process import sets_of

pytestmark = pytest.mark.django_db(transaction=True)

WEAK = "weak: {type: trapezoidal, parameters: [-1, 0, 15, 25]}"
FAR = (
    "weak: {type: gaussian, parameters: [15, 5]}\n    far: {type: gaussian, parameters: [400, 60]}"
)


@pytest.fixture
def model(owner: User) -> TrainedModel:
    """Not every set of it is made of straight lines, and one is far from every bar."""
    assert WEAK in SP500
    text = SP500.replace(WEAK, FAR)
    return scenes.stored_model(start_training(StartRequest(strategy_yaml=text), owner=owner))


def test_the_models_page_draws_them_says_what_is_amiss_and_has_the_numbers(
    browser: Client, model: TrainedModel
) -> None:
    address = reverse("picture", args=[model.pk, "sets"])
    assert address in shown(browser.get(reverse("model", args=[model.pk])))
    page = shown(browser.get(address))
    assert "No bar reaches far with a membership of 0.01 or more." in page
    assert "bars are those of today" not in page and page.count("<polyline") == 10 + 1
    drawn = sets_of(model)[0]
    trend = next(one for one in drawn if one.name == "1d_trend_strength")
    far = next(one for one in trend.sets if one.name == "far")
    assert far.reached == 0 and max(share for _, share in far.points) > 0
    svg = ElementTree.fromstring(browser.get(address, {"format": "svg"}).content)
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    rows = list(csv.DictReader(io.StringIO(shown(browser.get(address, {"format": "csv"})))))
    own = [row for row in rows if row["fuzzy_set"] == trend.name and row["membership"] == "far"]
    assert [int(row["bars"]) for row in own] == list(trend.counts)

    Operation.objects.filter(pk=model.operation_id).update(
        request={**model.operation.request, "data": {"SP500/1d": "of others"}}
    )
    assert "The bars are those of today" in shown(browser.get(address))


def test_a_previews_pictures_are_kept_by_its_buttons(browser: Client) -> None:
    answer = browser.post(START, form(action="sets.svg"))
    assert 'filename="fuzzy_sets.svg"' in answer.headers["Content-Disposition"]
    assert ElementTree.fromstring(answer.content).tag == "{http://www.w3.org/2000/svg}svg"
    text = shown(browser.post(START, form(action="sets.csv")))
    page = shown(browser.post(START, form(action="preview"), headers=HTMX))
    assert 'value="sets.svg"' in page and "<" not in text
    rows = list(csv.DictReader(io.StringIO(text)))
    counted = {row["bars"] for row in rows if row["fuzzy_set"] == "1d_momentum"}
    assert all(f">{int(count):,}<" in page for count in counted - {"0"})
    assert not Operation.objects.exists()
    assert "epochs" in shown(browser.post(START, form(action="sets.csv", epochs="-3")))


def test_what_was_learned_stands_on_the_axis_of_what_it_began_at() -> None:
    strategy = find_strategy("learned_daily_weekly").load().strategy
    histories = load_histories(strategy, load_bars=load_bars)
    moved = {"name": "low", "type": "trapezoidal", "parameters": [-9.0, 31.0, 31.0, 50.0]}
    told = {"1d_momentum": {"memberships": [moved]}}
    learned, file = sets_over_bars(strategy, histories, told)[:2]
    assert (learned.name, file.name) == ("1d_momentum, learned", "1d_momentum")
    assert (learned.low, learned.high) == (file.low, file.high) == (-9.0, 100.0)
    assert learned.counts == file.counts
