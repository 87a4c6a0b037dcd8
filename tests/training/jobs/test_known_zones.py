"""In which zone the times of a file to predict on are read."""

from pathlib import Path

import numpy as np
import pytest

from tests.acceptance import trainings
from tests.training.features.price_series import random_bars
from tests.training.jobs.known_inputs import (
    HOURS,
    NEW_YORK,
    SAMPLE,
    as_in_0_1_0,
    codes,
    file_of,
    network_of,
    of_symbol,
    text_of,
)
from tests.training.jobs.scenes import (
    CLASSES,
    WEEKS,
    trained,
    write_csv,
)
from training.jobs import run_training
from training.market_data.bars import Bars
from training.market_data.importing import import_market_data
from training.market_data.reading.options import Options
from training.market_data.timeframes import HOUR, resample
from training.models import Import, MarketData, TrainedModel
from training.strategy import Strategy
from training.trained.notes import NoteCode
from training.trained.prediction import forecast
from training.trained.stored_models import read_network
from training.trained.supply import PriceFile, file_supply

pytestmark = pytest.mark.django_db(transaction=True)


def write_local(path: Path, bars: Bars) -> Path:
    """Times without an offset."""
    path.write_text(write_csv(path, bars).read_text().replace("+00:00", ""))
    return path


@pytest.fixture
def hours(tmp_path: Path) -> Path:
    bars = random_bars(1900, seconds=HOUR, volatility=0.004)
    path = write_local(tmp_path / "hours.csv", bars)
    import_market_data(path, symbol="NYH", timeframe="1h", options=Options(timezone=NEW_YORK))
    return path


def test_a_file_is_read_in_the_zone_of_its_symbols_import(hours: Path) -> None:
    network = network_of(of_symbol(HOURS, "NYH"))
    expected = forecast(network)
    found = forecast(network, file=PriceFile(path=hours))
    assert found.times.tolist() == expected.times.tolist()
    np.testing.assert_array_equal(found.outputs, expected.outputs)
    assert f"read in {NEW_YORK}, as those of NYH" in text_of(found, NoteCode.ZONE_OF_IMPORT)
    assert codes(found) == ["zone_of_import", *codes(expected)]


def test_a_zone_that_is_given_counts_and_the_difference_is_said(hours: Path) -> None:
    network = network_of(of_symbol(HOURS, "NYH"))
    found = forecast(network, file=PriceFile(path=hours, options=Options(timezone="UTC")))
    assert found.times[-1] == forecast(network).times[-1] - 5 * HOUR
    assert f"NYH was imported with {NEW_YORK}" in text_of(found, NoteCode.ZONE_DIFFERS)


def again(path: Path, zone: str) -> None:
    options = Options(timezone=zone)
    import_market_data(path, symbol="NYH", timeframe="1h", options=options, replace=True)


def test_a_model_reads_a_file_as_those_it_was_trained_on(hours: Path) -> None:
    operation = trainings.start(strategy_yaml=of_symbol(HOURS, "NYH"), epochs=2)
    again(hours, "Asia/Tokyo")  # before a worker takes it
    run_training(operation.pk, 1)
    network = read_network(TrainedModel.objects.get(operation=operation))
    found = forecast(network, file=PriceFile(path=hours))
    text = text_of(found, NoteCode.ZONE_OF_TRAINING)
    assert f"read in {NEW_YORK}, as those of NYH" in text
    assert text.endswith("NYH was imported with Asia/Tokyo since.")

    keeps_none = as_in_0_1_0(network)
    of_today = forecast(keeps_none, file=PriceFile(path=hours))
    assert "read in Asia/Tokyo, as those of NYH" in text_of(of_today, NoteCode.ZONE_OF_IMPORT)
    assert found.times[-1] == of_today.times[-1] + 14 * HOUR

    renamed = hours.with_name("renamed.csv")
    renamed.write_text(hours.read_text().replace("date,open", "time,open"))
    again(renamed, "UTC")  # a form that the model does not know
    found = forecast(network, file=PriceFile(path=renamed))
    assert found.times[-1] == of_today.times[-1] + 9 * HOUR
    assert "read in UTC; NYH was imported" in text_of(found, NoteCode.ZONE_DIFFERS)


def test_a_zone_that_nobody_recorded_is_said_to_be_unknown(hours: Path) -> None:
    network = network_of(of_symbol(HOURS, "NYH"))
    for row in (MarketData.objects.get(symbol="NYH"), Import.objects.get(symbol="NYH")):
        row.report = {name: told for name, told in row.report.items() if name != "reading"}
        row.save()  # as 0.1.0 imported
    found = forecast(as_in_0_1_0(network), file=PriceFile(path=hours))
    assert "no zone is recorded with the stored bars of NYH" in text_of(
        found, NoteCode.ZONE_UNKNOWN
    )


def test_of_dates_no_zone_is_said(tmp_path: Path) -> None:
    found = forecast(network_of(CLASSES), file=file_of(tmp_path, SAMPLE))
    assert not [code for code in codes(found) if code.startswith("zone")]


def test_stored_weeks_that_are_not_of_the_files_zone_stay_so(tmp_path: Path) -> None:
    """Else a day of Tokyo would see a week hours before it did in the training."""
    tokyo = Options(timezone="Asia/Tokyo")
    days = write_csv(tmp_path / "days.csv", SAMPLE)
    days.write_text(days.read_text().replace("T00:00:00+00:00", ""))
    import_market_data(days, symbol="ACME", timeframe="1d", options=tokyo)
    fewer = resample(SAMPLE.rows(slice(0, -20)), source="1d", target="1w")
    weeks = write_csv(tmp_path / "w.csv", fewer)
    import_market_data(weeks, symbol="ACME", timeframe="1w")
    strategy = Strategy.from_snapshot(trained(of_symbol(WEEKS, "ACME")).strategy)
    supplied = file_supply(strategy, "ACME", PriceFile(path=days, options=tokyo)).bars
    assert len(supplied["1w"]) > len(fewer)
    assert (supplied["1d"].day_closes, supplied["1w"].day_closes) == (-9 * HOUR, 0)
