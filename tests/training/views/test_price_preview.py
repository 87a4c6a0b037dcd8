"""A preview draws the price with its parts and labels, and hands it over."""

import csv
import io
from collections import Counter
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.training.views.start_form import HTMX, START, form, shown
from training.features.assembly import load_histories
from training.features.targets import row_labels
from training.launch.start import StartRequest, strategy_to_train
from training.market_data import load_bars
from training.strategy.values import CLASSES

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_label_of_every_row_is_drawn_in_its_part(browser: Client) -> None:
    page = shown(browser.post(START, form(action="preview"), headers=HTMX))
    assert "Price, parts and labels" in page and page.count('class="part part-') == 3
    answer = browser.post(START, form(action="price.svg"))
    assert 'filename="price.svg"' in answer.headers["Content-Disposition"]
    assert ElementTree.fromstring(answer.content).tag == "{http://www.w3.org/2000/svg}svg"
    rows = list(csv.DictReader(io.StringIO(shown(browser.post(START, form(action="price.csv"))))))
    strategy = strategy_to_train(StartRequest(strategy="sp500_daily")).strategy
    (history,) = load_histories(strategy, load_bars=load_bars)
    labels = row_labels(strategy, history)
    counts = Counter(labels.values[labels.defined].tolist())
    for number, name in enumerate(CLASSES):
        assert sum(int(row[f"labelled_{name}"]) for row in rows) == counts[number]
    assert {row["part"] for row in rows} >= {"train", "validation", "test"}
    assert "epochs" in shown(browser.post(START, form(action="price.csv", epochs="-3")))
