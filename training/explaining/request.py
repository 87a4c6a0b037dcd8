"""What an analysis was asked for: frozen, the same for every attempt."""

from operations.models import Operation
from training.explaining.importance import REPEATS
from training.launch.request import Record

OPERATION_TYPE = "analysis"
VALIDATION, TEST = "validation", "test"
PARTS = (VALIDATION, TEST)


class AnalysisRequest(Record):
    """How important the inputs of a model are."""

    model_id: int
    part: str = VALIDATION
    """Whose rows are scored. A model has one whose test part was opened."""
    seed: int
    """Of the order in which blocks are shuffled: the training's."""
    repeats: int = REPEATS

    @classmethod
    def of(cls, operation: Operation) -> "AnalysisRequest":
        return cls.model_validate(dict(operation.request))
