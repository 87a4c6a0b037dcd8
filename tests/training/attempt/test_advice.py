"""What a failed training advises: a fork only where its newest state is worth going on from."""

import pytest
import torch

from tests.training.trainer.synthetic import make_dataset, make_strategy
from training.attempt.advice import after_failure
from training.model_trainer import ModelTrainer
from training.trainer.state import Snapshot

ID = "op_training_20260101_000000_abcdef01"
AGAIN = "Start again with other settings"
FORK = f"manage.py fork_operation {ID} --set training.learning_rate=1e-4"


@pytest.fixture(scope="module")
def finished() -> Snapshot:
    strategy = make_strategy(epochs=3)
    return ModelTrainer(strategy).train(make_dataset(strategy)).final


def with_losses(snapshot: Snapshot, epochs: list[float], under_way: list[float]) -> Snapshot:
    history = {"train_loss": torch.tensor(epochs, dtype=torch.float64)}
    position = {"epoch": len(epochs) - 1, "batch": len(under_way)}
    losses = {"values": torch.tensor(under_way)}
    return Snapshot(
        parts={**snapshot.parts, "history": history, "position": position, "losses": losses}
    )


@pytest.mark.parametrize(
    ("epochs", "under_way", "advice"),
    [
        ([1.0, 0.9, 0.8], [], FORK),
        ([1.0, 0.9, 0.8], [0.85, 0.9], FORK),
        ([1.0, 0.9, 1.5], [], FORK),  # worse, and not far worse
        ([1.0, 0.9, 2.0], [], AGAIN),
        ([1.0, 0.9, 0.8], [0.9, 1e6], AGAIN),
        ([0.2, 0.001, 0.01], [], FORK),  # ten times the best, still far below where it began
        ([], [1.0], AGAIN),
        ([], [], AGAIN),
    ],
)
def test_it_fits_the_newest_finite_state(finished, epochs, under_way, advice) -> None:
    assert advice in after_failure(ID, with_losses(finished, epochs, under_way))
