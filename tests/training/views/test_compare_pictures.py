"""Any two metrics of compared models against each other, and seeds as their mean and band."""

import csv
import io
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.models import Operation
from tests.training.views import scenes

SVG = "{http://www.w3.org/2000/svg}svg"


@pytest.fixture
def seeds(owner: User) -> list[Operation]:
    """Three that differ in their seed only, and one that does in its epochs, too."""
    operations = [scenes.started(owner, epochs=40, seed=seed) for seed in (1, 2, 3)]
    operations.append(scenes.started(owner, epochs=41, seed=1))
    for number, operation in enumerate(operations):
        scenes.trained_epochs(operation, [1.0 + number, 2.0 + number])
    for number, operation in enumerate(operations[:2]):
        scenes.stored_model(operation, net_return=0.1 * number, max_drawdown=0.3 - 0.1 * number)
    return operations


def test_pictures_of_a_comparison(browser: Client, seeds: list[Operation]) -> None:
    ids = {"ids": [operation.pk for operation in seeds]}

    def file(picture: str, file_type: str, **more: str) -> str:
        answer = browser.get("/compare/", {**ids, "picture": picture, "format": file_type, **more})
        assert answer.status_code == 200, answer.content
        assert f"compare_{picture}.{file_type}" in answer.headers["Content-Disposition"]
        return answer.content.decode()

    page = browser.get("/compare/", ids).content.decode()
    assert "sp500_daily: 3 seeds" in page and page.count('<figure class="picture') == 2
    rows = list(csv.DictReader(io.StringIO(file("seeds-1", "csv"))))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert [float(row["val_loss_mean"]) for row in rows] == [2.0, 3.0]
    assert [float(row["val_loss_deviation"]) for row in rows] == [1.0, 1.0]
    assert [float(row["train_loss_mean"]) for row in rows] == [1.0, 1.5]

    rows = list(csv.DictReader(io.StringIO(file("scatter", "csv"))))
    assert [(row["place"], row["net_return"]) for row in rows] == [("1", "0.0"), ("2", "0.1")]
    rows = list(csv.DictReader(io.StringIO(file("scatter", "csv", x="sharpe", y="accuracy"))))
    assert list(rows[0]) == ["place", "name", "sharpe", "accuracy"]
    chosen = browser.get("/compare/", {**ids, "x": "sharpe"}).content.decode()
    assert '<option value="sharpe" selected>' in chosen
    for picture in ("seeds-1", "scatter"):
        assert ElementTree.fromstring(file(picture, "svg")).tag == SVG
    for wrong in ({"x": "of_nothing"}, {"picture": "seeds-2", "format": "svg"}):
        assert browser.get("/compare/", {**ids, **wrong}).status_code == 400


def test_without_models_or_seeds_there_is_no_such_picture(
    browser: Client, seeds: list[Operation]
) -> None:
    page = browser.get("/compare/", {"ids": [seeds[2].pk, seeds[3].pk]}).content.decode()
    assert '<figure class="picture' not in page and 'id="scatter"' not in page
