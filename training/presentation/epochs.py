"""The numbers behind an operation's curve, a page of them at a time."""

from typing import Any

from django.http import HttpRequest

from operations.models import Operation
from operations.views.base import address, number
from training.presentation.loss_curve import newest_points

EPOCHS_SHOWN = 50


def page_of_epochs(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    """Newest first."""
    before = number(request, "epochs_before")
    points = newest_points(operation.pk, before=before, limit=EPOCHS_SHOWN)
    oldest = points[-1].epoch if points else 0
    return {
        "operation": operation,
        "epochs_url": address(request, operation, "operation-epochs"),
        "points": points,
        "best_epoch": operation.progress.get("best_epoch"),
        "epochs_before": oldest or None,
        "epochs_are_open": before is not None,
    }
