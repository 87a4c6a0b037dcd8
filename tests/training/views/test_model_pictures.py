"""The pictures of a model: a part of its page, a page of their own, SVG and CSV."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.models import Operation
from tests.training.jobs.scenes import TWO_SYMBOLS, trained
from tests.training.launch.attempts import import_rows, sample_without_last
from tests.training.views.scenes import signed_in, started, stored_model
from training.models import TrainedModel
from training.trained.prediction import forecast
from training.trained.stored_models import read_network
from training.views import model_pictures

pytestmark = pytest.mark.django_db(transaction=True)

TRADER = (
    TWO_SYMBOLS.replace("batch_size: 1\n", "batch_size: 32\n  learning_rate: 0.01\n")
    + "decisions: {confidence_threshold: 0.34}\n"
)
PART = {"HX-Request": "true"}


@pytest.fixture
def model(owner: User) -> TrainedModel:
    model = trained(TRADER, epochs=6)
    Operation.objects.update(owner=owner)
    return model


def rows(browser: Client, model: TrainedModel, name: str) -> list[dict[str, str]]:
    answer = browser.get(f"/models/{model.pk}/pictures/{name}/?format=csv")
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_each_picture_is_a_part_a_page_and_files_with_the_totals_that_are_shown(
    browser: Client, model: TrainedModel
) -> None:
    for name, title in model_pictures.titles(model):
        address = f"/models/{model.pk}/pictures/{name}/"
        part = browser.get(address, headers=PART).content.decode()
        assert part.startswith('<figure class="picture') and "<svg" in part and title in part
        assert "&lt;path" not in part and "<table" in part
        page = browser.get(address)
        assert page.status_code == 200 and b"<html" in page.content
        file = browser.get(f"{address}?format=svg").content.decode()
        assert "var(" not in file and title in file
        ET.fromstring(file)
        assert rows(browser, model, name)
    metrics = model.evaluation["metrics"]
    equity = rows(browser, model, "equity")
    assert float(equity[-1]["equity"]) - 1.0 == metrics["net_return"]
    assert max(float(row["drawdown"]) for row in equity) == metrics["max_drawdown"]
    assert len(rows(browser, model, "trades")) == metrics["trades"]
    product = 1.0
    for row in rows(browser, model, "months"):
        product *= 1.0 + float(row["return"])
    assert product - 1.0 == pytest.approx(metrics["net_return"])
    a_bar_is_told_as_it_was_decided(browser, model, rows(browser, model, "price"))
    assert browser.get(f"/models/{model.pk}/pictures/none/").status_code == 404
    assert browser.get(f"/models/{model.pk}/pictures/equity/?format=png").status_code == 400
    stranger = signed_in(User.objects.create_user("stranger"))
    assert stranger.get(f"/models/{model.pk}/pictures/equity/").status_code == 404


def a_bar_is_told_as_it_was_decided(
    browser: Client, model: TrainedModel, positions: list[dict[str, str]]
) -> None:
    """A test bar has the numbers of the file and of `predict`, one of the training its part."""
    own = [row for row in positions if row["symbol"] == "NASDAQ"]
    decided = own[len(own) // 2]
    found = forecast(read_network(model), symbol="NASDAQ", since=decided["time"], limit=1)
    told = next(found.rows())
    assert told["decision"] == decided["decision"]
    assert told["position"] == int(decided["position"])
    address = f"/models/{model.pk}/bar/?symbol=NASDAQ&at={decided['time']}"
    page = browser.get(address, headers=PART).content.decode()
    for name, share in told["probabilities"].items():
        assert float(decided[f"probability_{name}"]) == pytest.approx(share, abs=1e-6)
        assert f"<dd>{100 * share:.1f} %</dd>" in page
    held = {1: "long", 0: "flat", -1: "short"}[told["position"]]
    assert f"<dd>{held}</dd>" in page and f"<dd>{decided['decision']}</dd>" in page
    assert all(name in page for name in read_network(model).manifest["feature_ids"])
    assert "What moved it" in page and "at the medians" in page and "1d_rsi_14" in page
    trained = browser.get(f"/models/{model.pk}/bar/?at=2012-01-04").content.decode()
    assert "train: no forecast" in trained
    for wrong in ("at=1950-01-03", "at=never", "", "at=2012-01-04&symbol=NONE"):
        assert browser.get(f"/models/{model.pk}/bar/?{wrong}").status_code == 400
    some = own[100:120]
    asked = f"symbol=NASDAQ&from={some[0]['time'][:10]}&to={some[-1]['time'][:10]}"
    data = browser.get(f"/models/{model.pk}/pictures/price/?{asked}&format=json").json()
    assert data["candles"]["bars_each"] == 1
    times = [f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}" for time in data["candles"]["times"]]
    assert times == [row["time"][:10] for row in some]
    assert data["decisions"] == [row["decision"] for row in some]


def test_where_its_bars_are_gone_the_curve_that_was_kept_is_drawn_and_nothing_else(
    browser: Client, model: TrainedModel, tmp_path: Path
) -> None:
    import_rows(tmp_path, sample_without_last(100))
    request = {name: value for name, value in model.operation.request.items() if name != "imports"}
    Operation.objects.update(request=request)
    part = browser.get(f"/models/{model.pk}/pictures/equity/", headers=PART).content.decode()
    assert "was scored on other bars of SP500/1d" in part and "thinned" in part and "<svg" in part
    trades = f"/models/{model.pk}/pictures/trades/"
    refused = browser.get(trades, headers=PART)
    assert refused.status_code == 200 and b"was scored on other bars" in refused.content
    assert browser.get(trades).status_code == 409
    assert browser.get(f"{trades}?format=csv").status_code == 409


def test_a_page_asks_for_its_pictures_after_its_text(browser: Client, owner: User) -> None:
    model = stored_model(started(owner, name="mine"))
    page = browser.get(f"/models/{model.pk}/").content.decode()
    asked = re.findall(r'hx-get="/models/\d+/pictures/(\w+)/"', page)
    assert asked == [name for name, _ in model_pictures.titles(model)]
