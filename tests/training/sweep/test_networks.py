"""The winner of a search is a training of its settings, whatever its network and its schedule."""

from itertools import product

import pytest
import yaml

from operations.models import Operation
from tests.acceptance import trainings
from tests.training.sweep import searches
from training.jobs import run_training
from training.launch.start import StartRequest, start_training
from training.sweep.start import SweepStart, start_sweep

pytestmark = pytest.mark.django_db(transaction=True)

NETWORKS = {
    "mlp": "{type: mlp, architecture: {hidden_layers: [8], dropout: 0.1}}",
    "lstm": "{type: lstm, architecture: {hidden_size: 6, sequence_length: 4}}",
    "gru": "{type: gru, architecture: {hidden_size: 6, sequence_length: 4}}",
}
SCHEDULES = {
    "cosine": "lr_scheduler: {type: cosine}",
    "one_cycle": "lr_scheduler: {type: one_cycle}",
    "plateau": "lr_scheduler: {type: plateau, patience: 1}",
    "early stopping": "early_stopping: {patience: 1}",
}
TOLD = {("mlp", "early stopping"), ("lstm", "plateau"), ("gru", "one_cycle")}
"""In `make test`, beside the search of `test_sweep.py`; all of them in `make nightly`."""
CASES = [
    pytest.param(*case, marks=[] if case in TOLD else pytest.mark.repeats)
    for case in product(NETWORKS, SCHEDULES)
]


def strategy_of(network: str, schedule: str) -> str:
    lines = searches.STRATEGY.splitlines()
    told = {
        "model: ": f"model: {NETWORKS[network]}",
        "  lr_scheduler: ": f"  {SCHEDULES[schedule]}",
    }
    return "\n".join(
        next((new for start, new in told.items() if line.startswith(start)), line) for line in lines
    )


@pytest.mark.parametrize(("network", "schedule"), CASES)
def test_a_winner_has_the_bytes_of_a_training(network: str, schedule: str) -> None:
    training = StartRequest(strategy_yaml=strategy_of(network, schedule), epochs=6)
    space = "training.learning_rate: {log: [1e-3, 1e-1]}"
    search = start_sweep(SweepStart(training=training, space=space, trials=3, rungs=(2, 3, 6)))
    result = searches.play(search).result
    assert result is not None, trainings.story(search)
    winner = Operation.objects.get(pk=result["winner_id"])
    assert winner.request["strategy"]["model"]["type"] == network
    own = yaml.safe_dump(winner.request["strategy"])
    alone = start_training(StartRequest(strategy_yaml=own))
    run_training(alone.pk, 1)
    assert trainings.digests(alone) == trainings.digests(winner)
