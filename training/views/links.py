"""What the page of a training's operation leads to."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.http import urlencode

from checkpoints import store
from operations.models import Operation, PartEnd, Status
from operations.operation_types import Link
from training.models import TrainedModel


def links_of(operation: Operation) -> Iterator[Link]:
    """The model once there is one; where it can go on as another, the pages for that."""
    compare, start = reverse("compare"), reverse("start")
    models = TrainedModel.objects.filter(operation=operation)
    model_id = models.values_list("pk", flat=True).first()
    if model_id:
        yield Link(title="Model", url=reverse("model", args=[model_id]))
        yield Link(title="Predict", url=reverse("predict", args=[model_id]))
    if not operation.is_live and (model_id or store.candidates(operation.pk).exists()):
        yield Link(title="Extend", url=reverse("extend", args=[operation.pk]))
        yield Link(title="Fork", url=reverse("fork", args=[operation.pk]))
    if not operation.is_live and operation.part_end == PartEnd.OUT_AT_RUNG:
        yield Link(title="Open the test part", url=reverse("open-test", args=[operation.pk]))
    yield Link(title="Compare", url=f"{compare}?{urlencode({'ids': operation.pk})}")
    yield Link(title="Train one like it", url=f"{start}?{urlencode({'like': operation.pk})}")


def links_of_walk(operation: Operation) -> Iterator[Link]:
    """Once it has completed, the page that extends a walk-forward."""
    if operation.status == Status.COMPLETED:
        yield Link(title="Extend", url=reverse("longer-walk", args=[operation.pk]))
    yield Link(title="Compare", url=f"{reverse('compare')}?{urlencode({'ids': operation.pk})}")
