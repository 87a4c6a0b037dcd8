"""How often one test range has judged a lineage: the best of many looks better than it is."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from operations.models import Operation
from training.models import TrainedModel


def with_times_scored(operation_id: str, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """The evaluation, and how many trainings of the lineage its test range has scored by now.

    Counted with this one, when it completes; so it is no part of the bundle, whose bytes are those
    of any equal training.
    """
    times = 1 + _relatives(operation_id).filter(**_test_range(evaluation)).count()
    notes = list(evaluation["notes"])
    if times > 1:
        notes.append(
            f"By now {times} trainings of this lineage were scored on this test range: "
            "the best of several is partly luck."
        )
    return {**evaluation, "times_scored": times, "notes": notes}


def _relatives(operation_id: str) -> QuerySet[TrainedModel]:
    lineage = Operation.objects.filter(pk=operation_id).values("lineage")
    return TrainedModel.objects.filter(operation__lineage__in=lineage)


def _test_range(evaluation: Mapping[str, Any]) -> dict[str, int]:
    return {f"evaluation__{bound}": evaluation[bound] for bound in ("first_time", "last_time")}
