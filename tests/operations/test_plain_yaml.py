"""Numbers stand in settings as a person writes them, and are read as what they are."""

import pytest
import yaml

from operations.reading.plain_yaml import as_yaml
from operations.reading.words import metric, number


@pytest.mark.parametrize(
    ("value", "written"),
    [(2e-05, "0.00002"), (1.5e-06, "0.0000015"), (3e-07, "3.0e-07"), (0.5, "0.5"), (1.0, "1.0")],
)
def test_a_setting_is_written_in_full_and_read_as_it_was(value: float, written: str) -> None:
    text = as_yaml({"rate": value})
    assert text == f"rate: {written}\n"
    assert yaml.safe_load(text) == {"rate": value}
    assert type(yaml.safe_load(text)["rate"]) is float


def test_what_was_measured_is_written_in_full() -> None:
    assert (number(1.23456e-05), metric(9e-05)) == ("0.00001235", "0.00009000")
