"""The estimate of a training's memory, against what trainings take."""

import pytest

from tests.training.launch.peaks import Case, measure
from training.launch.memory import MEGABYTE

SLACK = 100 * MEGABYTE  # threads, the database's client and the log, which no training has here

CASES = {
    "wide": Case(
        model="{type: mlp, architecture: {hidden_layers: [2048, 1024]}}", batch_size=256, bars=3000
    ),
    "one batch": Case(model="{type: mlp}", batch_size=1_048_576, bars=100_000),
    "lstm in the kernel": Case(
        model="{type: lstm, architecture: {sequence_length: 50, hidden_size: 32}}",
        batch_size=1024,
        bars=3000,
    ),
    "lstm of three layers": Case(
        model="{type: lstm, architecture: {sequence_length: 50, num_layers: 3}}",
        batch_size=1024,
        bars=2500,
    ),
    "sets that are learned": Case(
        model="{type: lstm, architecture: {sequence_length: 200, hidden_size: 4, num_layers: 3}}",
        batch_size=4096,
        bars=8000,
        learns_sets=True,
    ),
    "rules": Case(
        model="{type: tsk, architecture: {rules: 200, premises: 6, consequent: linear}}",
        batch_size=4096,
        bars=10_000,
    ),
    "gru": Case(
        model="{type: gru, architecture: {sequence_length: 50, num_layers: 3}}",
        batch_size=1024,
        bars=2500,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_estimate_is_enough_and_not_much_more(case: Case) -> None:
    peak = measure(case)

    assert peak.estimated.total >= 0.9 * peak.taken, peak
    assert peak.estimated.total <= 2 * peak.taken + SLACK, peak
