from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from operations import selectors
from operations.models import Attempt
from operations.reading.words import epochs_done, ordinal
from operations.views.base import PageView, number
from operations.views.picture_files import TYPES, picture_file
from training.presentation.epoch_pictures import epoch_pictures
from training.presentation.epochs import page_of_epochs
from training.presentation.loss_curve import Point, loss_curve, places_of_saves, points_after


class CurveView(PageView):
    """The loss curve as columns, for the chart: by how many epochs were done.

    With `?after=`, what comes after so many of them, and every checkpoint.
    """

    def get(self, request: HttpRequest, operation_id: str) -> JsonResponse:
        operation = selectors.get_visible(request.user, operation_id)
        attempts = selectors.attempts(operation_id)
        after = number(request, "after")
        told = _best(operation.progress.get("best_epoch"))
        if after is not None:
            told["checkpoints"] = places_of_saves(operation)
            return JsonResponse(told | _columns(points_after(operation, after - 1), attempts))
        curve = loss_curve(operation, attempts)
        told |= {
            "markers": [asdict(marker) for marker in curve.markers],
            "checkpoints": curve.checkpoints,
            "is_thinned": curve.is_thinned,
        }
        return JsonResponse(told | _columns(curve.points, attempts))


class EpochsView(PageView):
    """The numbers behind it, newest first, while they become more."""

    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        context = page_of_epochs(request, operation)
        return render(request, "training/operation_epochs.html", context)


class EpochPicturesView(PageView):
    """What is drawn below the loss, while it becomes more."""

    def get(self, request: HttpRequest, operation_id: str) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        context = {"operation": operation, "epoch_pictures": epoch_pictures(operation)}
        return render(request, "training/epoch_pictures.html", context)


class EpochPictureView(PageView):
    """One of them, to keep: as SVG or as CSV."""

    def get(
        self, request: HttpRequest, operation_id: str, name: str, file_type: str
    ) -> HttpResponse:
        operation = selectors.get_visible(request.user, operation_id)
        drawn = {picture.key: picture for picture in epoch_pictures(operation)}
        if name not in drawn or file_type not in TYPES:
            raise Http404
        picture = drawn[name]
        if file_type == "csv":
            text = picture.as_csv()
        else:
            context = {"picture": picture, "as_file": True, "of": operation.name or operation.pk}
            text = render_to_string("training/epoch_picture.svg", context)
        return picture_file(text, f"{operation.pk}_{name}.{file_type}")


def _best(epoch: int | None) -> dict[str, Any]:
    if epoch is None:
        return {"best": None, "best_words": ""}
    return {"best": epochs_done(epoch), "best_words": f"best: the {ordinal(epoch)} epoch"}


def _columns(points: list[Point], attempts: list[Attempt]) -> dict[str, list[Any]]:
    doubtful = {attempt.number for attempt in attempts if attempt.replay_verified is False}
    replayed = [point for point in points if point.replayed]
    return {
        "epochs": [epochs_done(point.epoch) for point in points],
        "train_loss": [point.train_loss for point in points],
        "val_loss": [point.val_loss for point in points],
        "replayed": [epochs_done(point.epoch) for point in replayed],
        "mismatched": [epochs_done(point.epoch) for point in replayed if point.attempt in doubtful],
    }
