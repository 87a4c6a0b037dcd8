"""Keys that the rest of a strategy leaves without effect."""

from collections.abc import Iterator
from dataclasses import dataclass

from training.strategy.decisions import Decisions
from training.strategy.training_settings import TrainingSettings

Keys = tuple[str, ...]

LABELS: Keys = ("training", "labels")
LOSS: Keys = ("training", "loss")
CLASS_WEIGHTS: Keys = ("training", "class_weights")
SHORT_FROM_FLAT: Keys = ("decisions", "allow_short_from_flat")


@dataclass(frozen=True, kw_only=True)
class InertKey:
    """A key without effect, whether it is written or not."""

    location: Keys
    reason: str
    """As the end of "has no effect"."""
    cause: Keys
    """The key that takes its effect away."""


def inert_keys(training: TrainingSettings, decisions: Decisions | None) -> list[InertKey]:
    """The keys that have no effect in this strategy; `decisions` are None where unreadable."""
    return [*_of_training(training), *_of_decisions(training, decisions)]


def _of_decisions(training: TrainingSettings, decisions: Decisions | None) -> Iterator[InertKey]:
    if training.labels.output_format == "regression":
        yield _inert(SHORT_FROM_FLAT, "with regression", LABELS)
    elif decisions is not None and not decisions.allow_short:
        yield _inert(SHORT_FROM_FLAT, "with allow_short false", ("decisions", "allow_short"))


def _of_training(training: TrainingSettings) -> list[InertKey]:
    keys = []
    for loss, name in (("focal", "focal_gamma"), ("huber", "huber_delta")):
        if training.loss != loss:
            keys.append(_inert(("training", name), f"with loss {training.loss}", LOSS))
    if training.class_weights != "inverse":
        reason = "unless class_weights is inverse"
        keys.append(_inert(("training", "class_weight_cap"), reason, CLASS_WEIGHTS))
    reason = f"with {training.labels.output_format}"
    if training.labels.output_format == "regression":
        keys.append(_inert(CLASS_WEIGHTS, reason, LABELS))
        keys.append(_inert(("decisions", "confidence_threshold"), reason, LABELS))
    else:
        keys.append(_inert(("decisions", "cost_model", "min_edge_multiplier"), reason, LABELS))
    return keys


def _inert(location: Keys, reason: str, cause: Keys) -> InertKey:
    return InertKey(location=location, reason=reason, cause=cause)
