"""What a test part earned, on every surface: ruined accounts, and one return a trading day."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.acceptance import trainings
from tests.asking.commands import Manage
from tests.training.jobs.scenes import trained, write_csv
from training.market_data.bars import Bars
from training.market_data.importing import import_market_data
from training.market_data.samples import load_sample
from training.models import TrainedModel

pytestmark = pytest.mark.django_db(transaction=True)

HOUR, DAY = 3600, 86_400

FALLING = """
name: falling
version: "3.0"
training_data:
  symbols: {mode: single, symbol: WIPED}
  timeframes: {mode: single, timeframe: 1d}
indicators:
  roc: {type: roc, period: 3}
  dist: {type: distance_from_ma, period: 20}
nn_inputs:
  - {raw_indicator: roc, normalization: zscore}
  - {raw_indicator: dist, normalization: zscore}
model: {type: mlp, architecture: {hidden_layers: [16]}}
training:
  epochs: 5
  learning_rate: 0.01
  labels: {source: triple_barrier, max_holding_period: 5, pt_multiplier: 1.0, sl_multiplier: 1.0}
"""

TWO_CLOCKS = """
name: two_clocks
version: "3.0"
training_data:
  symbols: {mode: multi_symbol, list: [SP500, OTHER]}
  timeframes: {mode: single, timeframe: 1d}
indicators:
  rsi_14: {type: rsi, period: 14}
  roc_10: {type: roc, period: 10}
nn_inputs:
  - {raw_indicator: rsi_14, normalization: zscore}
  - {raw_indicator: roc_10, normalization: zscore}
model: {type: mlp, architecture: {hidden_layers: [8]}}
training:
  epochs: 2
  labels: {source: triple_barrier, max_holding_period: 10}
  data_split: {validation_start: "2013-01-01", test_start: "2016-01-01", embargo: 5}
"""


def imported(folder: Path, bars: Bars, *, symbol: str) -> None:
    path = write_csv(folder / f"{symbol}.csv", bars)
    import_market_data(path, symbol=symbol, timeframe="1d")


def falling(num_bars: int, *, spike: int) -> Bars:
    """Prices that fall, so that a model learns to be short, and one bar that opens fourfold."""
    moves = np.random.default_rng(5).normal(-0.008, 0.01, num_bars)
    close = 1000.0 * np.exp(np.cumsum(moves))
    close[spike] *= 4.0
    opened = np.concatenate([close[:1], close[:-1]])
    times = 17_000 * DAY + np.arange(num_bars) * DAY
    return Bars(
        times=times,
        open=opened,
        high=np.maximum(opened, close) * 1.001,
        low=np.minimum(opened, close) * 0.999,
        close=close,
        volume=np.ones(num_bars),
    )


@pytest.fixture
def ruined(tmp_path: Path, transactional_db: None) -> TrainedModel:
    imported(tmp_path, falling(600, spike=560), symbol="WIPED")
    return trained(FALLING, epochs=5)


def test_a_ruined_account_is_flat_from_that_bar_on(ruined: TrainedModel) -> None:
    evaluation, moment = ruined.evaluation, (17_000 + 560) * DAY
    metrics, curve = evaluation["metrics"], evaluation["equity_curve"]
    assert (metrics["net_return"], metrics["max_drawdown"]) == (-1.0, 1.0)
    assert metrics["ruined_at"] == moment
    equity = dict(zip(curve["times"], curve["equity"], strict=True))
    assert equity[moment - DAY] > 1.0
    assert {value for time, value in equity.items() if time >= moment} == {0.0}
    assert evaluation["buy_and_hold"]["ruined_at"] is None
    for name in ("class_prior", "logistic_regression"):  # both are short, too
        assert evaluation["baselines"][name]["net_return"] == -1.0
        assert evaluation["baselines"][name]["ruined_at"] == moment


def test_every_surface_says_when(
    ruined: TrainedModel, manage: Manage, client: Client, django_user_model: type[User]
) -> None:
    date = f"{datetime.fromtimestamp((17_000 + 560) * DAY, UTC):%Y-%m-%d}"
    client.force_login(django_user_model.objects.create_superuser("root"))
    page = client.get(reverse("model", args=[ruined.pk])).content.decode()
    assert f"Ruined on {date}" in page
    assert page.count(date) > 2  # the note, and the table's row
    printed = manage("show_operation", ruined.operation_id).out
    assert "Ruined on" in printed
    assert date in printed
    answer = client.get(f"/api/v1/models/{ruined.pk}").json()["data"]["evaluation"]
    assert answer["metrics"]["ruined_at"] == (17_000 + 560) * DAY
    assert any(note.startswith(f"Ruined on {date}") for note in answer["notes"])
    result = trainings.now(ruined.operation).result
    assert result is not None
    assert result["test"]["metrics"]["ruined_at"] == (17_000 + 560) * DAY
    json.dumps(answer, allow_nan=False)


def money(model: TrainedModel) -> dict[str, Any]:
    """Every number of every portfolio."""
    evaluation = model.evaluation
    portfolios = {"model": evaluation["metrics"], "held": evaluation["buy_and_hold"]}
    return {
        f"{name} {metric}": value
        for name, metrics in {**portfolios, **evaluation["baselines"]}.items()
        for metric, value in metrics.items()
    }


@pytest.mark.parametrize("clock", [-1, 5, 11])
def test_one_trading_day_is_one_return_whatever_the_clock_of_its_bars(
    tmp_path: Path, clock: int
) -> None:
    bars = load_sample("SP500", "1d")
    shifted = Bars(
        times=bars.times + clock * HOUR,
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
    )
    imported(tmp_path, bars, symbol="SAME")
    imported(tmp_path, shifted, symbol="CLOCK")
    alike = trained(TWO_CLOCKS.replace("OTHER", "SAME"), epochs=2)
    other = trained(TWO_CLOCKS.replace("OTHER", "CLOCK"), epochs=2)
    assert money(other) == money(alike)
    assert other.evaluation["equity_curve"] == alike.evaluation["equity_curve"]
    assert other.evaluation["samples"] == alike.evaluation["samples"]
