"""Snapshots are written into memory that is used again, and never over one that somebody holds."""

from typing import Any

import torch

from tests.training.trainer.synthetic import make_dataset, make_strategy
from tests.training.trainer.watching import Watcher
from training.model_trainer import ModelTrainer
from training.trainer.best_model import BestModel
from training.trainer.run import Request
from training.trainer.state import REQUIRED_PARTS, Snapshot, TrainerState


class Part:
    """Eight numbers, which a training step would change in place."""

    def __init__(self) -> None:
        self.values = torch.zeros(8)

    def state_dict(self) -> dict[str, Any]:
        return {"values": self.values, "names": ["a"]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.values = state["values"]


def make_state() -> tuple[TrainerState, Part]:
    part = Part()
    others = {name: Part() for name in REQUIRED_PARTS - {"model"}}
    return TrainerState({"model": part, **others}), part


def address(snapshot: Snapshot) -> int:
    return int(snapshot.parts["model"]["values"].data_ptr())


def test_a_held_snapshot_stays_as_it_was() -> None:
    state, part = make_state()
    held = []
    for number in range(4):
        part.values.fill_(number)
        held.append(state.snapshot())
    for number, snapshot in enumerate(held):
        assert snapshot.parts["model"]["values"].tolist() == [number] * 8
    assert len({address(snapshot) for snapshot in held}) == 4


def test_the_memory_of_one_that_is_gone_is_used_again() -> None:
    state, part = make_state()
    first, second = state.snapshot(), state.snapshot()
    free = address(first)
    del first
    part.values.fill_(3)
    third = state.snapshot()
    assert address(third) == free
    assert third.parts["model"]["values"].tolist() == [3] * 8
    assert second.parts["model"]["values"].tolist() == [0] * 8


def test_a_tensor_of_another_size_gets_memory_of_its_own() -> None:
    state, part = make_state()
    state.snapshot()
    part.values = torch.ones(9)
    assert state.snapshot().parts["model"]["values"].tolist() == [1] * 9


def test_a_better_epoch_leaves_the_best_of_earlier_snapshots() -> None:
    network, best = torch.nn.Linear(2, 2), BestModel(monitor="val_loss")
    parts: dict[str, Any] = {name: Part() for name in REQUIRED_PARTS}
    state = TrainerState(parts | {"best_model": best.weights})
    best.consider(0, 0.5, network)
    snapshot = state.snapshot()
    before = snapshot.parts["best_model"]["weight"].clone()
    with torch.no_grad():
        network.weight.add_(1)
    best.consider(1, 0.4, network)
    state.snapshot()
    assert torch.equal(snapshot.parts["best_model"]["weight"], before)


def test_what_a_training_handed_over_is_not_written_over() -> None:
    """The saver persists one snapshot while the training takes the next ones."""
    run = Watcher(lambda position: Request.SAVE)
    strategy = make_strategy(epochs=3)
    digests: list[str] = []
    handed_over = run.save

    def save(snapshot: Snapshot, *, final: bool) -> None:
        digests.append(snapshot.digest())
        handed_over(snapshot, final=final)

    run.save = save  # type: ignore[method-assign]
    ModelTrainer(strategy, run=run).train(make_dataset(strategy))
    assert [snapshot.digest() for snapshot in run.saved] == digests
    assert len(set(digests)) > 6
