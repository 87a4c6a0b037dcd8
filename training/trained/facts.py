"""How a model came about, for every surface that shows one. Free of torch."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from operations.reading.words import ordinal
from training.models import TrainedModel

ENOUGH_EPOCHS = 50
"""Epochs from which on it is said: of fewer the first 2 % are less than one."""
EARLY = 50
"""A best epoch among the first one in so many is early: 2 %."""


@dataclass(frozen=True, kw_only=True)
class TrainingFacts:
    best_epoch: int | None
    """Whose network the model is; epochs count from 0."""
    epochs_trained: int | None
    seed: int
    learning_rate: float
    data_from: str | None
    """Time of the first bar that was used, warm-up included, UTC; None where
    version 0.1.0 kept no more than that there was no start_date."""
    data_to: str | None
    """Time of the last bar."""
    warning: str | None
    """What to know before trusting it, of how it was trained."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def training_facts(model: TrainedModel) -> TrainingFacts:
    """From its strategy, and what `stored_models.visible_to` takes from its operation's result."""
    training, data = model.strategy.get("training", {}), model.strategy.get("training_data", {})
    ranges = list((model.data_ranges or {}).values())
    first = _moment(min(known["first"] for known in ranges)) if ranges else data.get("start_date")
    last = _moment(max(known["last"] for known in ranges)) if ranges else data.get("end_date")
    return TrainingFacts(
        best_epoch=model.best_epoch,
        epochs_trained=model.epochs_trained,
        seed=training.get("seed"),
        learning_rate=training.get("learning_rate"),
        data_from=first,
        data_to=last,
        warning=early_best(model.best_epoch, model.epochs_trained),
    )


def early_best(best_epoch: int | None, epochs_trained: int | None) -> str | None:
    """A warning where the best epoch is among the first 2 % of at least 50."""
    if best_epoch is None or epochs_trained is None or epochs_trained < ENOUGH_EPOCHS:
        return None
    if EARLY * (best_epoch + 1) > epochs_trained:
        return None
    return (
        f"The best epoch is the {ordinal(best_epoch)} of {epochs_trained:,}, among the first 2 %: "
        "nothing that was trained after it did better in validation, and none of it is in "
        "this model. A lower learning rate, a smaller network or fewer epochs may do as well."
    )


def _moment(seconds: int) -> str:
    """`2016-05-04`, or with its time where it has one."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d}" if seconds % 86_400 == 0 else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
