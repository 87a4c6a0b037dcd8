"""What a file does not tell is asked for by the option that decides it; the rest is read right."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.market_data.difficult import DIFFICULT
from tests.training.market_data.difficulties import Difficult
from tests.training.market_data.expecting import bars_of, options_of
from training.market_data import MarketDataInvalid
from training.market_data.bars import COLUMNS
from training.market_data.reading.read import read_bars
from training.market_data.timeframes import resample


def path_of(file: Difficult, folder: Path) -> Path:
    path = folder / file.file
    path.write_bytes(file.content)
    return path


@pytest.mark.parametrize(
    "file", [it for it in DIFFICULT if it.bars is not None], ids=lambda it: it.id
)
def test_it_is_read_to_the_bit_and_said_how(file: Difficult, tmp_path: Path) -> None:
    path = path_of(file, tmp_path)
    bars, report = read_bars(path, timeframe=file.timeframe, options=options_of(file.options))
    expected = bars_of(list(file.bars or ()), has_volume=file.has_volume)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(bars, name), getattr(expected, name))
    assert report.reading is not None
    assert file.words in "; ".join(decision.words for decision in report.reading.decisions)


@pytest.mark.parametrize("file", [it for it in DIFFICULT if it.bars is None], ids=lambda it: it.id)
def test_it_is_refused_with_what_decides_it(file: Difficult, tmp_path: Path) -> None:
    path = path_of(file, tmp_path)
    with pytest.raises(MarketDataInvalid) as caught:
        read_bars(path, timeframe=file.timeframe, options=options_of(file.options))
    assert file.words in "\n".join(caught.value.problems)
    assert "None" not in str(caught.value)


def test_the_hour_of_bars_that_are_stamped_by_their_close(tmp_path: Path) -> None:
    file = next(it for it in DIFFICULT if it.id == "closes_said")
    bars, _ = read_bars(path_of(file, tmp_path), timeframe="5m", options=options_of(file.options))
    first = resample(bars, source="5m", target="1h").rows(slice(0, 1))
    hour = bars_of(list(file.bars or ())[:12])
    assert first.close.tolist() == [hour.close[-1]]
    assert first.volume.tolist() == [hour.volume.sum()]
