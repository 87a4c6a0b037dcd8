"""`training.lr_scheduler`: how the learning rate changes."""

from typing import Annotated, Literal

from pydantic import Field

from training.strategy.section import Section
from training.strategy.values import Integer, Number

Epochs = Annotated[Integer, Field(ge=1, le=100_000)]
Factor = Annotated[Number, Field(gt=0, lt=1)]
MinRate = Annotated[Number, Field(ge=0)]

MIN_LR = "The learning rate never falls below."


class NoSchedule(Section):
    """The learning rate stays as it is."""

    type: Literal["none"]


class StepSchedule(Section):
    """Multiplied by gamma every step_size epochs."""

    type: Literal["step"]
    step_size: Epochs = Field(10, description="Epochs between steps.")
    gamma: Factor = Field(0.1, description="Factor of a step.")


class ExponentialSchedule(Section):
    """Multiplied by gamma every epoch."""

    type: Literal["exponential"]
    gamma: Factor = Field(0.95, description="Factor per epoch.")


class PlateauSchedule(Section):
    """Multiplied by factor when val_loss has not improved for patience epochs."""

    type: Literal["plateau"]
    factor: Factor = Field(0.5, description="Factor of a reduction.")
    patience: Annotated[Integer, Field(ge=0, le=100_000)] = Field(
        5, description="Epochs without improvement that are waited for."
    )
    min_lr: MinRate = Field(0.0, description=MIN_LR)


class CosineSchedule(Section):
    """Half a cosine over all epochs, down to min_lr."""

    type: Literal["cosine"]
    min_lr: MinRate = Field(0.0, description=MIN_LR)


class OneCycleSchedule(Section):
    """One cycle, stepped per batch, with learning_rate as its peak."""

    type: Literal["one_cycle"]
    pct_start: Factor = Field(0.3, description="Share of the batches that rise.")
    div: Annotated[Number, Field(ge=1)] = Field(
        25.0, description="The first learning rate is the peak divided by this."
    )
    final_div: Annotated[Number, Field(ge=1)] = Field(
        10_000.0, description="The last learning rate is the first divided by this."
    )


LrScheduler = Annotated[
    NoSchedule
    | StepSchedule
    | ExponentialSchedule
    | PlateauSchedule
    | CosineSchedule
    | OneCycleSchedule,
    Field(discriminator="type"),
]
