from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse

from operations import selectors
from operations.models import Attempt
from operations.views.base import PageView, number
from training.presentation.loss_curve import Point, loss_curve, points_after


class CurveView(PageView):
    """The loss curve as columns, for the chart; with `?after=`, what that epoch lacks of it."""

    def get(self, request: HttpRequest, operation_id: str) -> JsonResponse:
        operation = selectors.get_visible(request.user, operation_id)
        attempts = selectors.attempts(operation_id)
        after = number(request, "after")
        told: dict[str, Any] = {"best_epoch": operation.progress.get("best_epoch")}
        if after is not None:
            return JsonResponse(told | _columns(points_after(operation, after), attempts))
        curve = loss_curve(operation, attempts)
        told |= {
            "markers": [asdict(marker) for marker in curve.markers],
            "checkpoints": curve.checkpoints,
            "is_thinned": curve.is_thinned,
        }
        return JsonResponse(told | _columns(curve.points, attempts))


def _columns(points: list[Point], attempts: list[Attempt]) -> dict[str, list[Any]]:
    doubtful = {attempt.number for attempt in attempts if attempt.replay_verified is False}
    replayed = [point for point in points if point.replayed]
    return {
        "epochs": [point.epoch for point in points],
        "train_loss": [point.train_loss for point in points],
        "val_loss": [point.val_loss for point in points],
        "replayed": [point.epoch for point in replayed],
        "mismatched": [point.epoch for point in replayed if point.attempt in doubtful],
    }
