"""What a training's worker reports, and where that is in words."""

from collections.abc import Mapping
from typing import Any

from operations.reading.words import epochs_done, grouped

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
    "best_epoch",  # by validation loss
    "best_val_loss",
    "learning_rate",
    "step",  # of the preparation
    "save_error",  # why the last save failed, until one succeeds
)


def position(progress: Mapping[str, Any]) -> str:
    """`12 of 40 epochs, batch 3 of 118, val_loss 0.6931`: of epochs those that are done."""
    parts = []
    if progress["epoch"] is not None:
        parts.append(f"{_of(epochs_done(progress['epoch']), progress['total_epochs'])} epochs")
    if progress["batch"]:
        parts.append(f"batch {_of(progress['batch'], progress['total_batches'])}")
    if isinstance(progress["val_loss"], float):
        parts.append(f"val_loss {progress['val_loss']:.4f}")
    return ", ".join(parts)


def _of(value: int, total: int | None) -> str:
    return f"{grouped(value)} of {grouped(total)}" if total else grouped(value)
