"""`training`: labels, split and everything the optimizer is told."""

from typing import Annotated, Any, Literal

from pydantic import Field, Tag, model_validator

from training.strategy.data_split import DataSplit, FractionSplit
from training.strategy.labels import Labels
from training.strategy.schedules import LrScheduler, NoSchedule
from training.strategy.section import Section
from training.strategy.values import WORD_OR_OTHER, Integer, Number

Loss = Literal["cross_entropy", "focal", "mse", "huber"]
ClassWeight = Annotated[Number, Field(gt=0)]

LOSSES: dict[str, tuple[Loss, ...]] = {
    "classification": ("cross_entropy", "focal"),
    "regression": ("huber", "mse"),
}
"""Losses by output format, the default first."""

HIGHER_IS_BETTER = frozenset({"val_accuracy"})
"""The direction of each metric that can be monitored."""


def cost(metric: str, value: float) -> float:
    """A monitored metric's value with the sign by which lower is better."""
    return -value if metric in HIGHER_IS_BETTER else value


class ClassWeights(Section):
    """A weight per class; a class that is not named weighs 1."""

    buy: ClassWeight = Field(1.0, description="Weight of class 0.")
    hold: ClassWeight = Field(1.0, description="Weight of class 1.")
    sell: ClassWeight = Field(1.0, description="Weight of class 2.")


ClassWeighting = Annotated[
    Annotated[Literal["none", "inverse"], Tag("word")] | Annotated[ClassWeights, Tag("other")],
    WORD_OR_OTHER,
]


class EarlyStopping(Section):
    """Stops when the monitored value has not improved for patience epochs."""

    patience: Annotated[Integer, Field(ge=1)] = Field(10, description="Epochs.")
    min_delta: Annotated[Number, Field(ge=0)] = Field(
        0.0, description="Smallest improvement, absolute; counts only for patience."
    )
    monitor: Literal["val_loss", "val_accuracy"] = Field("val_loss", description="What improves.")
    min_epochs: Annotated[Integer, Field(ge=0)] = Field(
        0, description="Epochs before patience starts to count."
    )


class TrainingSettings(Section):
    """How the network is trained."""

    labels: Labels = Field(description="What is learned.")
    epochs: Annotated[Integer, Field(ge=1, le=100_000)] = Field(
        100, description="Passes over the training part."
    )
    batch_size: Annotated[Integer, Field(ge=1, le=1_048_576)] = Field(
        32, description="Rows per step; the last partial batch is trained."
    )
    learning_rate: Annotated[Number, Field(gt=0, le=10)] = Field(
        0.001, description="Step size; the peak with one_cycle."
    )
    seed: Annotated[Integer, Field(ge=0, le=4_294_967_295)] = Field(
        0, description="Seed of initialisation, order and dropout."
    )
    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = Field(
        "adam",
        description="Betas 0.9, 0.999 and eps 1e-8; sgd momentum 0.9; rmsprop alpha 0.99.",
    )
    weight_decay: Annotated[Number, Field(ge=0)] = Field(
        0.0, description="Decay of the weights, by the optimizer."
    )
    lr_scheduler: LrScheduler = Field(
        NoSchedule(type="none"), description="How the learning rate changes."
    )
    gradient_clip: Annotated[Number, Field(gt=0)] | None = Field(
        None, description="Largest global L2 norm of the gradient."
    )
    loss: Loss = Field(
        "cross_entropy",
        description="Default huber for regression. A classification loss is divided by the summed "
        "weights.",
    )
    focal_gamma: Annotated[Number, Field(ge=0)] = Field(
        2.0, description="Focusing exponent; only with loss focal."
    )
    huber_delta: Annotated[Number, Field(gt=0)] = Field(
        0.01, description="Where the loss turns linear; only with loss huber."
    )
    class_weights: ClassWeighting = Field(
        "none",
        description="From training rows and used in val_loss too; inverse has mean 1. "
        "Classification only.",
    )
    class_weight_cap: Annotated[Number, Field(ge=1)] = Field(
        10.0, description="Largest / smallest class weight; only with class_weights inverse."
    )
    sampling: Literal["shuffle", "weighted", "sequential"] = Field(
        "shuffle",
        description="Order of the rows in an epoch. weighted draws with replacement by "
        "uniqueness, needs labels.compute_weights, and leaves the loss unweighted.",
    )
    early_stopping: EarlyStopping | None = Field(None, description="Absent is off.")
    data_split: DataSplit = Field(
        default_factory=FractionSplit, description="Training, validation and test part."
    )

    @property
    def monitored(self) -> str:
        """The metric that decides the best epoch, and early stopping where it is on."""
        return "val_loss" if self.early_stopping is None else self.early_stopping.monitor

    @property
    def label_reach(self) -> int:
        """Bars that a label may look ahead, or is taken to."""
        purge = self.data_split.purge
        return self.labels.horizon if purge == "auto" else max(purge, self.labels.horizon)

    @model_validator(mode="before")
    @classmethod
    def _default_loss_fits_labels(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "loss" in value:
            return value
        labels = value.get("labels")
        source = labels.get("source") if isinstance(labels, dict) else None
        return {**value, "loss": "huber"} if source == "forward_return" else value
