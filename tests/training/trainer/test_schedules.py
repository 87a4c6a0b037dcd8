"""Our schedules are functions of the position; torch's classes say what they must return."""

from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler

from tests.training.trainer.synthetic import make_strategy
from training.trainer.schedules import Schedule, make_schedule

PEAK, EPOCHS, NUM_BATCHES = 0.1, 12, 7


def schedule(**settings: Any) -> Schedule:
    strategy = make_strategy(learning_rate=PEAK, epochs=EPOCHS, lr_scheduler=settings)
    return make_schedule(strategy, num_batches=NUM_BATCHES)


def optimizer() -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)


def rates_of(reference: Any, steps: int) -> list[float]:
    """The rate before each of `steps` scheduler steps."""
    rates = []
    for _ in range(steps):
        rates.append(reference.optimizer.param_groups[0]["lr"])
        reference.optimizer.step()
        reference.step()
    return rates


PER_EPOCH = [
    ({"type": "none"}, lambda o: lr_scheduler.LambdaLR(o, lambda _: 1.0)),
    (
        {"type": "step", "step_size": 4, "gamma": 0.3},
        lambda o: lr_scheduler.StepLR(o, step_size=4, gamma=0.3),
    ),
    ({"type": "exponential", "gamma": 0.9}, lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9)),
    (
        {"type": "cosine", "min_lr": 0.01},
        lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=EPOCHS, eta_min=0.01),
    ),
]


@pytest.mark.parametrize(("settings", "reference"), PER_EPOCH, ids=lambda s: str(s)[:24])
def test_rates_per_epoch_are_torchs(settings: dict[str, Any], reference: Any) -> None:
    ours = [schedule(**settings).learning_rate(epoch, 3) for epoch in range(EPOCHS)]
    assert ours == pytest.approx(rates_of(reference(optimizer()), EPOCHS), rel=1e-12)


def test_one_cycle_is_torchs_batch_by_batch() -> None:
    ours = schedule(type="one_cycle")
    rates = [
        ours.learning_rate(epoch, batch) for epoch in range(EPOCHS) for batch in range(NUM_BATCHES)
    ]
    total = EPOCHS * NUM_BATCHES
    reference = lr_scheduler.OneCycleLR(optimizer(), PEAK, total_steps=total, cycle_momentum=False)
    assert rates == pytest.approx([*rates_of(reference, total - 1), rates[-1]], rel=1e-9)
    assert rates[-1] == pytest.approx(PEAK / 25 / 1e4)


def test_one_cycle_of_a_single_batch_trains_it_at_the_peak() -> None:
    strategy = make_strategy(learning_rate=PEAK, epochs=1, lr_scheduler={"type": "one_cycle"})
    assert make_schedule(strategy, num_batches=1).learning_rate(0, 0) == pytest.approx(PEAK)


def test_plateau_is_torchs_on_the_same_losses() -> None:
    ours = schedule(type="plateau", patience=1, factor=0.5, min_lr=0.02)
    theirs = optimizer()
    reference = lr_scheduler.ReduceLROnPlateau(theirs, patience=1, factor=0.5, min_lr=0.02)
    losses = [1.0, 0.9, 0.95, 0.89999, 0.95, 0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86]
    for epoch, loss in enumerate(losses):
        ours.after_epoch(loss)
        reference.step(loss)
        assert ours.learning_rate(epoch + 1, 0) == theirs.param_groups[0]["lr"]


def test_a_state_of_another_schedule_is_refused() -> None:
    with pytest.raises(ValueError, match="first_epoch"):
        schedule(type="cosine").load_state_dict(schedule(type="plateau").state_dict())
