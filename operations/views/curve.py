from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse

from operations import selectors
from operations.loss_curve import Curve, loss_curve
from operations.models import Attempt
from operations.views.base import PageView, number


class CurveView(PageView):
    """The loss curve as columns, for the chart."""

    def get(self, request: HttpRequest, operation_id: str) -> JsonResponse:
        operation = selectors.get_visible(request.user, operation_id)
        attempts = selectors.attempts(operation_id)
        after = number(request, "after")
        curve = loss_curve(operation, attempts, after=-1 if after is None else after)
        best = operation.progress.get("best_epoch")
        return JsonResponse({**_columns(curve, attempts), "best_epoch": best})


def _columns(curve: Curve, attempts: list[Attempt]) -> dict[str, Any]:
    verified = {attempt.number: attempt.replay_verified for attempt in attempts}
    points = curve.points
    return {
        "epochs": [point.epoch for point in points],
        "train_loss": [point.train_loss for point in points],
        "val_loss": [point.val_loss for point in points],
        "replayed": [point.epoch for point in points if point.replayed],
        "mismatched": [
            point.epoch for point in points if point.replayed and verified[point.attempt] is False
        ],
        "markers": [asdict(marker) for marker in curve.markers],
        "checkpoints": curve.checkpoints,
        "is_thinned": curve.is_thinned,
    }
