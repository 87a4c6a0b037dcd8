"""Start an analysis of a model, or find the one that there is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from operations import dispatch, lifecycle
from operations.models import LIVE, Operation, OperationQuerySet, Status
from operations.naming import child_name
from training.errors import ModelNotFound
from training.explaining.request import OPERATION_TYPE, VALIDATION, AnalysisRequest
from training.launch.priority import NORMAL, QUEUE_BY_PRIORITY
from training.models import TrainedModel


@dataclass(frozen=True, kw_only=True)
class PreparedAnalysis:
    model: TrainedModel
    request: dict[str, Any]
    owner: AbstractBaseUser | None


def start_importance(
    model: TrainedModel, *, part: str = VALIDATION, owner: AbstractBaseUser | None = None
) -> Operation:
    """The operation that there is of it, or a new one."""
    return analysis_prepared(prepare_importance(model, part=part, owner=owner))


def prepare_importance(
    model: TrainedModel, *, part: str, owner: AbstractBaseUser | None
) -> PreparedAnalysis:
    """`part` is one of `PARTS`."""
    request = AnalysisRequest(model_id=model.pk, part=part, seed=model.strategy["training"]["seed"])
    return PreparedAnalysis(model=model, request=request.model_dump(mode="json"), owner=owner)


def analysis_prepared(prepared: PreparedAnalysis) -> Operation:
    """Create the operation and ring for a worker, unless it is there: of any number of callers at
    once one creates it. Raises `ModelNotFound` where the model went meanwhile."""
    parent = prepared.model.operation
    with transaction.atomic():
        _lock(prepared.model)
        if there := _there(prepared):
            return there
        operation = lifecycle.start(
            operation_type=OPERATION_TYPE,
            name=child_name(prepared.model.name, ("importance",)),
            owner=prepared.owner,
            parent=parent,
            queue=queue_for(prepared.request),
            request=prepared.request,
        )
        dispatch.ring_after_commit(operation.pk, operation.attempt)
    return operation


def _lock(model: TrainedModel) -> None:
    row = TrainedModel.objects.filter(pk=model.pk).select_for_update(no_key=True)
    if not row.values_list("pk").first():
        raise ModelNotFound(model_id=model.pk)


def _there(prepared: PreparedAnalysis) -> Operation | None:
    """One of the same that has completed, or is about to: a second one would say the same. What its
    owner does not see is none."""
    owner, part = prepared.owner, prepared.request["part"]
    known = analyses_of(prepared.model).filter(request__part=part)
    if owner is not None and not getattr(owner, "is_staff", False):
        known = known.filter(owner_id=owner.pk)
    return known.filter(status__in=(*LIVE, Status.COMPLETED)).first()


def analyses_of(model: TrainedModel) -> OperationQuerySet:
    """The newest first."""
    of_lineage = Operation.objects.filter(
        operation_type=OPERATION_TYPE, lineage=model.operation.lineage
    )
    return of_lineage.filter(request__model_id=model.pk)


def shown_analyses(model: TrainedModel) -> dict[str, Operation]:
    """By part: the newest that has completed, else the newest at all."""
    found: dict[str, Operation] = {}
    for analysis in analyses_of(model):
        known = found.setdefault(analysis.request["part"], analysis)
        if known.status != Status.COMPLETED and analysis.status == Status.COMPLETED:
            found[analysis.request["part"]] = analysis
    return found


def queue_for(request: Mapping[str, Any]) -> str:
    """As a training that nobody gave a priority."""
    return QUEUE_BY_PRIORITY[NORMAL]


def restart_request(operation: Operation, *, owner: AbstractBaseUser | None) -> dict[str, Any]:
    return dict(operation.request)


def check_resume(operation: Operation, options: object) -> dict[str, Any]:
    """It goes on with the groups that it has measured: nothing is asked."""
    return dict(operation.request)
