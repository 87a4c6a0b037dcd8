"""The fingerprint is of the bars: the same bars have the same one, however they were written."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.market_data.files import csv_file, days
from training.market_data.reading.read import read_bars
from training.market_data.samples import SAMPLES, load_sample


def test_the_form_of_the_file_does_not_matter(tmp_path: Path) -> None:
    dates = ["2020-01-02", "2020-01-03", "2020-01-06"]
    plain, _ = read_bars(csv_file(tmp_path, *days(dates)), timeframe="1d")
    messy = [row.replace("100.0", "1e2") for row in reversed(days(dates))]
    again, _ = read_bars(csv_file(tmp_path, *messy, messy[0]), timeframe="1d")
    assert plain.fingerprint() == again.fingerprint()


@pytest.mark.parametrize("name", ["times", "open", "high", "low", "close", "volume"])
def test_any_value_matters(name: str) -> None:
    bars = load_sample("SP500", "1d")
    column = getattr(bars, name).copy()
    column[1234] += 1
    assert replace(bars, **{name: column}).fingerprint() != bars.fingerprint()


def test_minus_zero_is_zero(tmp_path: Path) -> None:
    row = "2020-01-02,1,2,0.5,1.5,"
    plain, _ = read_bars(csv_file(tmp_path, f"{row}0"), timeframe="1d")
    signed, _ = read_bars(csv_file(tmp_path, f"{row}-0"), timeframe="1d")
    assert plain.fingerprint() == signed.fingerprint()


def test_bars_that_are_not_contiguous_have_the_same_one() -> None:
    bars = load_sample("SP500", "1d")
    wide = np.repeat(bars.close, 2)[::2]
    assert replace(bars, close=wide).fingerprint() == bars.fingerprint()


@pytest.mark.parametrize("key", SAMPLES)
def test_samples_are_what_importing_them_would_give(key: tuple[str, str]) -> None:
    symbol, timeframe = key
    bars, _ = read_bars(SAMPLES[key], timeframe=timeframe)  # type: ignore[index,arg-type]
    assert load_sample(symbol, timeframe).fingerprint() == bars.fingerprint()  # type: ignore[arg-type]
