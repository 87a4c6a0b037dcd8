"""What the page of a training's operation leads to."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.http import urlencode

from operations.models import Operation
from operations.operation_types import Link
from training.models import TrainedModel


def links_of(operation: Operation) -> Iterator[Link]:
    """The model once there is one."""
    compare, start = reverse("compare"), reverse("start")
    models = TrainedModel.objects.filter(operation=operation)
    if model_id := models.values_list("pk", flat=True).first():
        yield Link(title="Model", url=reverse("model", args=[model_id]))
    yield Link(title="Compare", url=f"{compare}?{urlencode({'ids': operation.pk})}")
    yield Link(title="Train one like it", url=f"{start}?{urlencode({'like': operation.pk})}")
