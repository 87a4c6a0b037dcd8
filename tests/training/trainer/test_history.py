import pytest
import torch

from training.trainer.history import FIRST_ROOM, History


def test_every_epoch_has_one_entry_however_many_there_are() -> None:
    history = History()
    losses = [1.0 / (epoch + 1) for epoch in range(3 * FIRST_ROOM)]
    for loss in losses:
        history.append({"val_loss": loss, "learning_rate": 0.1})
    state = history.state_dict()
    assert state["val_loss"].tolist() == losses
    assert len(state["learning_rate"]) == len(losses)


def test_a_loaded_history_goes_on_without_touching_what_it_came_from() -> None:
    before = History()
    before.append({"val_loss": 0.1})
    state = before.state_dict()
    after = History()
    after.load_state_dict(state)
    after.append({"val_loss": 0.2})
    assert after.state_dict()["val_loss"].tolist() == [0.1, 0.2]
    assert before.state_dict()["val_loss"].tolist() == [0.1]


def test_metrics_of_different_lengths_are_refused() -> None:
    state = {"val_loss": torch.zeros(3), "train_loss": torch.zeros(2)}
    with pytest.raises(ValueError, match=r"\[2, 3\]"):
        History().load_state_dict(state)
