"""An indicator's section and its computation are in files of one name: where is MACD, once."""

from typing import Any

import pytest

from tests.training.features.indicator_cases import TYPES, section
from training.features.indicators.table import COMPUTATIONS


def family(of: Any) -> str:
    return str(of.__module__).rpartition(".")[2]


@pytest.mark.parametrize("name", [name for name in TYPES if name in COMPUTATIONS])
def test_a_section_is_in_the_family_of_its_computation(name: str) -> None:
    assert family(type(section(name))) == family(COMPUTATIONS[name].function)
