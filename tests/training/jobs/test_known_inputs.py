"""A model refuses inputs that it cannot know, and says which it may not know."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from operations.errors import InvalidInput
from tests.training.features.price_series import random_bars
from tests.training.jobs.known_inputs import (
    CUMULATIVE,
    FROM_THE_FIRST_BAR,
    NOT_SCALED,
    SAMPLE,
    SETS_ONLY,
    TRAINED_ON,
    as_in_0_1_0,
    codes,
    file_of,
    network_of,
    of_symbol,
    store,
    text_of,
)
from tests.training.jobs.scenes import (
    CLASSES,
    LSTM,
    TWO_SYMBOLS,
    WEEKS,
    iso,
    trained,
    write_csv,
)
from training.errors import CumulativeInput, OtherTimeframe, SymbolNotTrained
from training.features.errors import TooFewBarsToPredict
from training.features.plan import plan_features, settle_length
from training.market_data.importing import import_market_data
from training.market_data.timeframes import DAY, HOUR, resample
from training.strategy import Strategy
from training.trained.notes import NoteCode
from training.trained.prediction import forecast
from training.trained.stored_models import read_network

pytestmark = pytest.mark.django_db(transaction=True)


# -- Symbols


def test_a_symbol_without_a_fitted_scaling_is_refused_by_name() -> None:
    network = network_of(CLASSES)
    for any_symbol in (False, True):
        with pytest.raises(SymbolNotTrained, match=r"SP500, not NASDAQ: 1d_macd_std.histogram_raw"):
            forecast(network, symbol="NASDAQ", any_symbol=any_symbol)


def test_a_symbol_that_had_no_training_row_has_no_fit() -> None:
    network = network_of(TWO_SYMBOLS)
    assert forecast(network, symbol="NASDAQ").symbol == "NASDAQ"
    unscaled = {"method": "none", "offset": 0.0, "scale": 1.0}  # as 0.1.0 wrote it
    network.manifest["normalization"]["NASDAQ"] = {"1d_macd_std.histogram_raw": unscaled}
    with pytest.raises(SymbolNotTrained, match="knows SP500, not NASDAQ"):
        forecast(network, symbol="NASDAQ", any_symbol=True)


@pytest.mark.parametrize("text", [SETS_ONLY, NOT_SCALED], ids=["fuzzy sets only", "not scaled"])
def test_a_model_that_scales_nothing_is_asked_of_another_symbol_only_on_purpose(text: str) -> None:
    network = network_of(text)
    with pytest.raises(SymbolNotTrained, match=r"not on NASDAQ.*--any-symbol"):
        forecast(network, symbol="NASDAQ")
    found = forecast(network, symbol="NASDAQ", any_symbol=True)
    assert "trained on SP500, not on NASDAQ" in text_of(found, NoteCode.SYMBOL_NOT_TRAINED)
    assert "symbol_not_trained" not in codes(forecast(network, any_symbol=True))


@pytest.mark.parametrize("symbol", ["sp500", "SP500 ", "../x", ""])
def test_a_symbol_written_otherwise_is_another_one(symbol: str) -> None:
    with pytest.raises((SymbolNotTrained, InvalidInput)):
        forecast(network_of(SETS_ONLY), symbol=symbol)


# -- Cumulative inputs


def test_a_cumulative_input_needs_a_file_that_joins_the_stored_bars(tmp_path: Path) -> None:
    network = network_of(CUMULATIVE)
    expected = forecast(network)
    for first in (-900, -40):
        found = forecast(network, file=file_of(tmp_path, SAMPLE.rows(slice(first, None))))
        assert found.times.tolist() == expected.times.tolist()
        np.testing.assert_array_equal(found.outputs, expected.outputs)
    changed = replace(SAMPLE, volume=SAMPLE.volume + np.eye(1, len(SAMPLE), len(SAMPLE) - 9)[0])
    with pytest.raises(CumulativeInput, match=r"1d_sum_raw .* 1 differ, the first on 2018-12-18"):
        forecast(network, file=file_of(tmp_path, changed.rows(slice(-900, None))))
    later = replace(SAMPLE, times=SAMPLE.times + 9000 * DAY)
    with pytest.raises(CumulativeInput, match="that ends on 2018-12-31, and its first bar"):
        forecast(network, file=file_of(tmp_path, later))


def test_a_cumulative_input_needs_the_history_that_was_trained_on(tmp_path: Path) -> None:
    store(tmp_path, SAMPLE.rows(slice(1000, None)), symbol="ACME")
    network = network_of(of_symbol(CUMULATIVE, "ACME"))
    expected = forecast(network)
    store(tmp_path, SAMPLE, symbol="ACME")  # earlier bars arrived
    np.testing.assert_array_equal(forecast(network).outputs, expected.outputs)
    store(tmp_path, SAMPLE.rows(slice(4000, None)), symbol="ACME")  # the newest alone are left
    first = iso(int(SAMPLE.times[1000]))[:10]
    with pytest.raises(CumulativeInput, match=f"1d bars of ACME there is none of {first} any more"):
        forecast(network)


# -- Files


@pytest.mark.parametrize(
    ("seconds", "num_bars"), [(HOUR, 200), (36 * HOUR, 4), (2 * DAY, 4), (7 * DAY, 300)]
)
def test_a_file_of_another_timeframe_is_refused(
    tmp_path: Path, seconds: int, num_bars: int
) -> None:
    bars = random_bars(num_bars, seconds=seconds, first_time=int(SAMPLE.times[-1]) + DAY)
    with pytest.raises(OtherTimeframe, match=r"decides on bars of 1d: .* Give it a file of 1d"):
        forecast(network_of(CLASSES), file=file_of(tmp_path, bars))


def test_a_file_with_too_few_bars_to_show_how_long_they_last_is_said(tmp_path: Path) -> None:
    network = network_of(CLASSES)
    last = int(SAMPLE.times[-1])  # a Monday
    two = random_bars(2, seconds=2 * DAY, first_time=last + 2 * DAY, price=2500.0)
    assert "timeframe_unproved" in codes(forecast(network, file=file_of(tmp_path, two)))
    next_day = random_bars(1, first_time=last + DAY, price=2500.0)
    found = forecast(network, file=file_of(tmp_path, next_day))
    assert found.times[-1] == next_day.times[-1]
    assert "timeframe_unproved" not in codes(found)


def test_a_file_that_continues_the_stored_bars_is_predicted_as_if_it_were_imported(
    tmp_path: Path,
) -> None:
    store(tmp_path, SAMPLE.rows(slice(0, -20)), symbol="ACME")
    network = network_of(of_symbol(WEEKS, "ACME"))
    found = forecast(network, file=file_of(tmp_path, SAMPLE.rows(slice(-20, None))))
    store(tmp_path, SAMPLE, symbol="ACME")
    imported = forecast(network)
    assert found.times.tolist() == imported.times.tolist()
    np.testing.assert_array_equal(found.outputs, imported.outputs)
    assert codes(found) == codes(imported)


def test_a_file_that_stands_alone_is_said_to(tmp_path: Path) -> None:
    network = network_of(CLASSES)
    later = random_bars(400, first_time=int(SAMPLE.times[-1]) + 60 * DAY)
    found = forecast(network, file=file_of(tmp_path, later))
    assert found.times[-1] == later.times[-1]
    assert "(that ends on 2018-12-31, and its first" in text_of(found, NoteCode.FILE_ALONE)
    assert "training_bars_changed" not in codes(found)


def test_what_was_mended_in_a_file_is_said(tmp_path: Path) -> None:
    file = file_of(tmp_path, SAMPLE)
    head, *rows = file.path.read_text().splitlines()
    rows = [*rows[-100:], *rows, rows[-1]]
    file.path.write_text("\n".join([head, *rows]))
    found = forecast(network_of(CLASSES), file=file)
    said = [note.text for note in found.notes if note.code == NoteCode.FILE_REPAIRED]
    assert said == [
        "given.csv: 1 row stood after a later one: sorted.",
        "given.csv: 101 repeated rows left out.",
    ]
    assert "file_alone" not in codes(found)


def test_higher_bars_are_the_imported_ones_and_then_those_of_the_file(tmp_path: Path) -> None:
    store(tmp_path, SAMPLE.rows(slice(0, -20)), symbol="ACME")
    weeks = resample(SAMPLE.rows(slice(0, -20)), source="1d", target="1w")
    weeks = replace(weeks, close=weeks.close * 1.001)  # other than a resampled one
    import_market_data(write_csv(tmp_path / "w.csv", weeks), symbol="ACME", timeframe="1w")
    network = network_of(of_symbol(WEEKS, "ACME"))
    same = forecast(network, file=file_of(tmp_path, SAMPLE.rows(slice(0, -20))))
    np.testing.assert_array_equal(same.outputs, forecast(network).outputs)
    assert "resampled" not in codes(same)
    found = forecast(network, file=file_of(tmp_path, SAMPLE))
    assert "1w bars from 2018-11-26 on" in text_of(found, NoteCode.RESAMPLED)


# -- What the model was fitted to


@pytest.mark.parametrize("text", [CLASSES, FROM_THE_FIRST_BAR], ids=["from a date", "all"])
def test_training_bars_that_were_adjusted_since_are_noted(tmp_path: Path, text: str) -> None:
    store(tmp_path, SAMPLE, symbol="ACME")
    network = network_of(of_symbol(text, "ACME"))
    knowing = (network,) if "start_date" in text else (network, as_in_0_1_0(network))
    for known in knowing:
        assert "training_bars_changed" not in codes(forecast(known))
    halves = {name: getattr(SAMPLE, name) / 2 for name in ("open", "high", "low", "close")}
    store(tmp_path, replace(SAMPLE, **halves), symbol="ACME")
    for known in knowing:
        told = text_of(forecast(known), NoteCode.TRAINING_BARS_CHANGED)
        assert "1d bars of ACME in the time that the model was trained on are not those" in told


@pytest.mark.parametrize("text", [CLASSES, WEEKS], ids=["days", "days and weeks"])
def test_bars_before_and_after_those_of_the_training_change_nothing(
    tmp_path: Path, text: str
) -> None:
    text = of_symbol(text, "ACME")
    monday = 1000 + int(np.argmax(SAMPLE.times[1000:] // DAY % 7 == 4))  # a week is whole or not
    store(tmp_path, SAMPLE.rows(slice(monday, -50)), symbol="ACME")
    network = network_of(text)
    store(tmp_path, SAMPLE, symbol="ACME")
    assert "training_bars_changed" not in codes(forecast(network))


def test_many_values_outside_the_fitted_range_are_noted_by_input(tmp_path: Path) -> None:
    network = network_of(CLASSES)
    wild = random_bars(60, first_time=int(SAMPLE.times[-1]) + DAY, price=2500.0, volatility=0.2)
    file = file_of(tmp_path, wild)
    told = text_of(forecast(network, file=file), NoteCode.OUTSIDE_FITTED_RANGE)
    assert "1d_macd_std.histogram_raw on " in told
    assert "outside_fitted_range" not in codes(forecast(as_in_0_1_0(network), file=file))
    assert "outside_fitted_range" not in codes(forecast(network, since=TRAINED_ON))


def test_values_outside_all_fuzzy_sets_are_noted_by_input() -> None:
    text = SETS_ONLY.replace("low: [0, 25, 50]", "low: [0, 1, 2]")
    text = text.replace("high: {type: gaussian, parameters: [70, 12]}", "high: [60, 70, 100]")
    told = text_of(forecast(network_of(text)), NoteCode.OUTSIDE_FUZZY_SETS)
    assert "1d_momentum on 100 % of the bars" in told


# -- Which bars


@pytest.mark.parametrize("text", [CLASSES, LSTM], ids=["rows", "windows"])
def test_bars_that_are_too_few_are_counted_for_predicting(tmp_path: Path, text: str) -> None:
    model = trained(text)
    network, strategy = read_network(model), Strategy.from_snapshot(model.strategy)
    settled = settle_length(strategy, plan_features(strategy), "1d")
    needed = settled + network.manifest["sequence_length"] - 1
    apart = replace(SAMPLE, times=SAMPLE.times + 9000 * DAY)
    for num_bars in (1, settled - 1, needed - 1, needed):
        file = file_of(tmp_path, apart.rows(slice(-num_bars, None)))
        if num_bars >= needed:
            assert forecast(network, file=file).times.size == num_bars - needed + 1
            continue
        with pytest.raises(TooFewBarsToPredict, match=f"{num_bars} bars of 1d are") as error:
            forecast(network, file=file)
        assert f"it needs {needed} up to the first decision" in str(error.value)
        assert "train on" not in str(error.value)


def test_a_time_after_the_last_bar_is_answered_with_nothing_and_said() -> None:
    found = forecast(network_of(LSTM), since="2100-01-01")
    assert list(found.rows()) == []
    assert codes(found) == ["no_bars"]
    assert "from 2100-01-01 on: the newest is of 2018-12-31" in found.notes[0].text


def test_a_time_before_the_first_decision_is_said() -> None:
    network = network_of(LSTM)
    found = forecast(network, since="1999-01-04")
    first = iso(int(found.times[0]))[:10]
    assert text_of(found, NoteCode.BEGINS_LATER).startswith(f"{first} is the first bar")
    assert "begins_later" not in codes(forecast(network, since="2010-01-04"))


def test_bars_that_were_trained_on_are_no_forecast() -> None:
    network = network_of(CLASSES)
    assert "no_forecast" in codes(forecast(network, since="2010-01-04"))
    assert "no_forecast" not in codes(forecast(network))


def test_a_bar_that_has_not_ended_is_said(tmp_path: Path) -> None:
    network = network_of(CLASSES)
    today = int(datetime.now(UTC).timestamp()) // DAY * DAY
    ended = replace(SAMPLE, times=today + DAY * np.arange(-len(SAMPLE), 0))
    assert "bar_not_over" not in codes(forecast(network, file=file_of(tmp_path, ended)))
    running = replace(SAMPLE, times=ended.times + DAY)
    assert "bar_not_over" in codes(forecast(network, file=file_of(tmp_path, running)))
