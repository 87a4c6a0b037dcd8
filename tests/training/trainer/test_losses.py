import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.training.trainer.synthetic import CLASSES, make_strategy
from training.trainer.losses import class_weights, row_losses

LOGITS = torch.randn(50, 3, generator=torch.Generator().manual_seed(1))
TARGETS = torch.arange(50) % 3
RETURNS = {"source": "forward_return"}


def test_focal_with_gamma_0_is_cross_entropy() -> None:
    focal = row_losses(make_strategy(loss="focal", focal_gamma=0.0))
    assert torch.equal(
        focal(LOGITS, TARGETS), functional.cross_entropy(LOGITS, TARGETS, reduction="none")
    )


def test_focal_scales_cross_entropy_by_what_is_missing_to_certainty() -> None:
    focal = row_losses(make_strategy(loss="focal", focal_gamma=2.0))
    entropy = functional.cross_entropy(LOGITS, TARGETS, reduction="none")
    expected = (1.0 - torch.exp(-entropy)) ** 2 * entropy
    torch.testing.assert_close(focal(LOGITS, TARGETS), expected)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_focal_has_a_finite_gradient_where_the_network_is_certain(gamma: float) -> None:
    logits = torch.tensor([[200.0, 0.0, 0.0]], requires_grad=True)
    focal = row_losses(make_strategy(loss="focal", focal_gamma=gamma))
    focal(logits, torch.tensor([0])).sum().backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_huber_is_quadratic_within_delta_and_linear_beyond() -> None:
    huber = row_losses(make_strategy(labels=RETURNS, loss="huber", huber_delta=0.5))
    losses = huber(torch.tensor([[0.25], [2.0]]), torch.zeros(2))
    torch.testing.assert_close(losses, torch.tensor([0.5 * 0.25**2, 0.5 * (2.0 - 0.25)]))


def test_mse_is_the_squared_error_of_each_row() -> None:
    mse = row_losses(make_strategy(labels=RETURNS, loss="mse"))
    torch.testing.assert_close(mse(torch.tensor([[3.0]]), torch.tensor([1.0])), torch.tensor([4.0]))


def test_inverse_class_weights_have_mean_1_and_follow_the_inverse_frequency() -> None:
    labels = np.repeat([0, 1, 2], [100, 50, 50])
    weights = class_weights(make_strategy(class_weights="inverse"), labels, CLASSES)
    assert weights is not None
    assert weights.mean() == pytest.approx(1.0)
    assert (weights / weights[0]).tolist() == pytest.approx([1.0, 2.0, 2.0])


def test_inverse_class_weights_stay_within_their_cap() -> None:
    labels = np.repeat([0, 1, 2], [1000, 1, 500])
    strategy = make_strategy(class_weights="inverse", class_weight_cap=4.0)
    weights = class_weights(strategy, labels, CLASSES)
    assert weights is not None
    assert weights.max() / weights.min() == pytest.approx(4.0)


def test_named_class_weights_are_taken_as_they_are() -> None:
    strategy = make_strategy(class_weights={"hold": 0.25})
    weights = class_weights(strategy, np.arange(3), CLASSES)
    assert weights is not None
    assert weights.tolist() == [1.0, 0.25, 1.0]


def test_a_class_without_training_rows_is_named() -> None:
    with pytest.raises(ValueError, match="'hold'"):
        class_weights(make_strategy(class_weights="inverse"), np.array([0, 2]), CLASSES)
