"""Numbers are written by templates and, on an open page, by scripts: both write the same."""

from collections.abc import Callable
from typing import Any

import pytest

from operations.reading.words import (
    duration,
    epochs_done,
    grouped,
    metric,
    ordinal,
    percent,
    the_epoch,
)
from tests.browser.site import NewPage

pytestmark = pytest.mark.timeout(300)

SCRIPT = """async ([name, values]) => {
  const words = await import("/static/operations/words.js");
  return values.map((value) => words[name](value));
}"""

WHOLE = [None, 0, 1, 2, 3, 10, 11, 12, 20, 21, 22, 110, 111, 999, 1000, 123456]
SHARES = [None, 0, 0.01, 0.99, 1, 1.7, 33.33, 66.67, 99.5, 99.99, 100.0]
SECONDS = [0, 0.04, 0.96, 9.7, 9.96, 10, 10.6, 59.4, 59.9, 60, 119.9, 3599.9, 3600, 86399, 266400.5]
LOSSES = [None, 0, 0.6931, 1, 1.0426, 12.345, 123.456, 999.96, 1234, 9999.6, 12345.6, 2.5e8, -0.5]
SMALL = [0.05, 0.00099996, 0.0001325, 0.00009, 1.325e-05, 9.9999e-08, 1e-12, 3e-100]

WRITTEN: tuple[tuple[str, Callable[[Any], object], list[Any]], ...] = (
    ("writeMetric", metric, LOSSES + SMALL),
    ("writeDuration", duration, SECONDS),
    ("writePercent", percent, SHARES),
    ("writeOrdinal", ordinal, WHOLE),
    ("writeTheEpoch", the_epoch, WHOLE),
    ("writeGrouped", grouped, [*WHOLE, 1234.4, 1234.6]),
    ("writeDone", lambda epoch: grouped(epochs_done(epoch)), WHOLE),
)


def test_an_open_page_writes_numbers_as_its_reload(new_page: NewPage) -> None:
    page = new_page()
    for script, template, values in WRITTEN:
        told = dict(zip(map(repr, values), page.evaluate(SCRIPT, [script, values]), strict=True))
        assert told == {repr(value): str(template(value)) for value in values}, script
