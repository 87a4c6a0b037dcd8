"""The examples of docs/EVALUATION.md are what the code says."""

import math
from pathlib import Path

import pytest

from training.evaluation.overfitting import (
    deflated_sharpe,
    expected_maximum,
    minimum_backtest_length,
    minimum_track_record,
    probabilistic_sharpe,
)
from training.evaluation.sharpe import Moments
from training.views.metrics import shown

TEXT = (Path(__file__).parents[3] / "docs/EVALUATION.md").read_text()
YEARLY = math.sqrt(252)
FIVE_YEARS = Moments(sharpe=1 / YEARLY, count=1260, skewness=-0.5, kurtosis=6)


@pytest.mark.parametrize("looks", [1, 2, 10, 50])
def test_the_table_of_looks(looks: int) -> None:
    luck = expected_maximum(looks)
    needed = minimum_track_record(FIVE_YEARS, looks=looks)
    assert needed is not None
    cells = (
        *(str(looks), f"{luck:.4f}", f"{luck / math.sqrt(1259) * YEARLY:.2f}"),
        shown("deflated_sharpe", deflated_sharpe(FIVE_YEARS, looks)),
        shown("minimum_track_record", needed / 252),
        shown("minimum_track_record", minimum_backtest_length(looks)),
    )
    assert f"| {' | '.join(cells)} |" in TEXT


def test_the_steps_of_ten_looks() -> None:
    luck, error = expected_maximum(10), (1 + FIVE_YEARS.sharpe**2 / 2) / FIVE_YEARS.count
    steps = {
        "S": f"{FIVE_YEARS.sharpe:.6f}",
        "standard error": f"{math.sqrt(error) * YEARLY:.4f}",
        "E[10]": f"{luck:.4f}",
        "without skill": f"{luck / math.sqrt(1259):.6f}",
        "V": f"{1 + 0.5 * FIVE_YEARS.sharpe + 5 / 4 * FIVE_YEARS.sharpe**2:.6f}",
        "above 0": f"{probabilistic_sharpe(FIVE_YEARS):.4f}",
        "deflated": f"{deflated_sharpe(FIVE_YEARS, 10):.4f}",
        "track record": f"{minimum_track_record(FIVE_YEARS, looks=10):.1f}",
        "a ratio of 1 on": f"{minimum_backtest_length(10):.3f}",
    }
    lines = [line.split(" = ") for line in TEXT.splitlines() if line.count(" = ") == 2]
    told = {name.strip(): value.split()[0] for name, _, value in lines}
    assert {name: told[name] for name in steps} == steps
