"""Files of every vendor in docs/DATA.md are read with the command that stands there."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.market_data.expecting import bars_of, options_of
from tests.training.market_data.vendor import Vendor
from tests.training.market_data.vendors import VENDORS
from training.market_data.bars import COLUMNS
from training.market_data.reading.read import read_bars


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
def test_a_vendors_file_is_read_to_the_bit(vendor: Vendor, tmp_path: Path) -> None:
    path = tmp_path / vendor.file
    path.write_bytes(vendor.content(vendor.bars))
    bars, report = read_bars(
        path, timeframe=vendor.timeframe, symbol="ACME", options=options_of(vendor.options)
    )
    expected = bars_of(list(vendor.bars), has_volume=vendor.has_volume)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(bars, name), getattr(expected, name))
    assert report.reading is not None
    words = "; ".join(decision.words for decision in report.reading.decisions)
    assert vendor.said in words
