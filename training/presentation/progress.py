"""What a training's worker reports, and where that is in words."""

from collections.abc import Mapping
from typing import Any

PROGRESS_KEYS = (
    "percent",
    "epoch",  # the last completed one
    "total_epochs",
    "batch",
    "total_batches",
    "eta_seconds",
    "samples_per_second",
    "train_loss",
    "val_loss",
    "learning_rate",
    "step",  # of the preparation
    "save_error",  # why the last save failed, until one succeeds
)


def position(progress: Mapping[str, Any]) -> str:
    """`epoch 12 of 40, batch 3 of 118, val_loss 0.6931`; epochs count from 0."""
    parts = []
    if progress["epoch"] is not None:
        is_first = progress["epoch"] < 0
        epoch = "none yet" if is_first else _of(progress["epoch"], progress["total_epochs"])
        parts.append(f"epoch {epoch}")
    if progress["batch"]:
        parts.append(f"batch {_of(progress['batch'], progress['total_batches'])}")
    if isinstance(progress["val_loss"], float):
        parts.append(f"val_loss {progress['val_loss']:.4f}")
    return ", ".join(parts)


def _of(value: object, total: object) -> str:
    return f"{value} of {total}" if total else str(value)
