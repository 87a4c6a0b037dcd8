"""What is exported: an operation, and its model where it has one."""

from dataclasses import dataclass

from operations import selectors
from operations.errors import pasteable
from operations.models import Operation, Status
from training.export.errors import NothingToExport
from training.models import TrainedModel
from training.trained.stored_models import find_model

WAIT = "`manage.py follow_operation {id}` watches it; export it when it has completed."
RESUME = (
    "`manage.py resume_operation {id}` goes on with it; or, to score what it has learned until "
    "now, `manage.py open_test {id}`."
)
PARTS = "If it has parts, one of them has a model: `manage.py list_models` lists those."
WHAT_TO_DO = {
    Status.PENDING: WAIT,
    Status.RUNNING: WAIT,
    Status.CANCELLED: RESUME,
    Status.FAILED: RESUME,
    Status.COMPLETED: PARTS,
}
"""Where there is no model, by status."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    operation: Operation
    model: TrainedModel | None

    def require_model(self) -> TrainedModel:
        """Raises `NothingToExport`."""
        if self.model is None:
            raise NothingToExport(reason=self.why_no_model())
        return self.model

    def why_no_model(self) -> str:
        operation = self.operation
        advice = pasteable(WHAT_TO_DO[Status(operation.status)]).format(id=operation.pk)
        return f"{operation.pk} is {operation.status} and has no model. {advice}"


def find(name: str) -> Subject:
    """By a model's id, or an operation's, or a unique beginning or end of that.

    Raises `ModelNotFound`, `OperationNotFound`, `AmbiguousOperationId`.
    """
    if name.isascii() and name.isdecimal():
        model = find_model(name)
        return Subject(operation=model.operation, model=model)
    operation = selectors.find_operation(name)
    own = TrainedModel.objects.select_related("operation").filter(operation=operation).first()
    return Subject(operation=operation, model=own)
