import pytest
import torch

from training.trainer.digest import state_digest

STATE = {"model": {"weight": torch.arange(6.0).view(2, 3)}, "history": {"val_loss": [0.1, 0.2]}}


def test_equal_states_have_equal_digests_in_any_order() -> None:
    again = {"history": {"val_loss": [0.1, 0.2]}, "model": {"weight": torch.arange(6.0).view(2, 3)}}
    assert state_digest(again) == state_digest(STATE)


def test_the_memory_layout_does_not_count() -> None:
    transposed = torch.arange(6.0).view(2, 3).T.contiguous().T
    assert state_digest(STATE | {"model": {"weight": transposed}}) == state_digest(STATE)


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"weight": torch.arange(6.0).view(3, 2)}},
        {"model": {"weight": torch.arange(6).view(2, 3)}},
        {"model": {"weight": torch.arange(6.0).view(2, 3).double()}},
        {"model": {"other": torch.arange(6.0).view(2, 3)}},
        {"model": {"weight": torch.nextafter(STATE["model"]["weight"], torch.tensor(9.0))}},
        {"history": {"val_loss": [0.1, 0.2 + 2**-54]}},
        {"history": {"val_loss": [0.1]}},
        {"history": {}},
    ],
    ids=["shape", "dtype", "width", "name", "last bit", "last bit of a number", "length", "empty"],
)
def test_any_difference_changes_the_digest(change: dict[str, object]) -> None:
    assert state_digest(STATE | change) != state_digest(STATE)


def test_the_definition_is_pinned() -> None:
    """Recorded digests must stay comparable: changing this needs a new format version."""
    expected = "5c09070a1722c46dee90cf7743bcb6b72cbfba8d2ae8965dd9b72dcd75c4f5a8"
    assert state_digest(STATE) == expected


def test_scalars_and_empty_tensors_have_digests() -> None:
    assert state_digest({"step": torch.tensor(3.0)}) != state_digest({"step": torch.zeros(0)})


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        state_digest({"history": {"val_loss": [float("nan")]}})
