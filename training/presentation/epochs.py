"""The numbers behind an operation's curve, a page of them at a time."""

from typing import Any

from django.http import HttpRequest

from operations.models import Operation
from operations.views.base import address, number
from training.presentation.epoch_pictures import epoch_pictures
from training.presentation.loss_curve import newest_points

EPOCHS_SHOWN = 50


def panel(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    """What stands below the loss: the pictures, and the numbers behind them."""
    return {**page_of_epochs(request, operation), "epoch_pictures": epoch_pictures(operation)}


def page_of_epochs(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    """Newest first."""
    before = number(request, "epochs_before")
    points = newest_points(operation.pk, before=before, limit=EPOCHS_SHOWN)
    oldest = points[-1].epoch if points else 0
    return {
        "operation": operation,
        "epochs_url": address(request, operation, "operation-epochs"),
        "points": points,
        "has_gpu": any(point.gpu_memory_bytes is not None for point in points),
        "best_epoch": operation.progress.get("best_epoch"),
        "epochs_before": oldest or None,
        "epochs_are_open": before is not None,
    }
