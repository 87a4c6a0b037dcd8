"""What must hold of an operation, whatever was killed: read from its rows, its events and files."""

from collections.abc import Iterator
from itertools import pairwise

from checkpoints import files
from checkpoints.errors import CheckpointCorruptedError
from checkpoints.models import Checkpoint, CheckpointArtifact
from operations import places
from operations.models import LIVE, TERMINAL, Operation
from training.models import ModelArtifact, TrainedModel
from training.trained.columns import places_of

ENDS = {status.value for status in TERMINAL}


def broken_rules(operation: Operation) -> list[str]:
    """Each in words; nothing when all hold."""
    events = list(operation.events.order_by("number"))
    return [
        f"{operation.pk}: {fault}"
        for fault in (
            *_numbers_have_no_gap(operation, [event.number for event in events]),
            *_every_end_happened_once(operation, [event.event_type for event in events]),
            *_attempts_follow_each_other(operation),
            *_OF_TYPE[operation.operation_type](operation),
            *_rows_have_files(operation),
            *_lists_find_it_where_it_stands(operation),
        )
    ]


def _numbers_have_no_gap(operation: Operation, numbers: list[int]) -> Iterator[str]:
    if numbers != list(range(1, operation.last_event + 1)):
        yield f"its events are numbered {numbers}, the last being {operation.last_event}"


def _every_end_happened_once(operation: Operation, types: list[str]) -> Iterator[str]:
    """Between two resumes one end, and the last one is the status."""
    ends = [kind for kind in types if kind in ENDS or kind == "resumed"]
    expected = ends and all((kind in ENDS) == (place % 2 == 0) for place, kind in enumerate(ends))
    if ends and not expected:
        yield f"its ends and resumes are {ends}"
    if operation.status not in LIVE and (not ends or ends[-1] != operation.status):
        yield f"it is {operation.status} after {ends}"


def _attempts_follow_each_other(operation: Operation) -> Iterator[str]:
    attempts = list(operation.attempts.order_by("number"))
    numbers = [attempt.number for attempt in attempts]
    if numbers != list(range(1, operation.attempt + 1)):
        yield f"its attempts are numbered {numbers}, the current one being {operation.attempt}"
    for earlier, later in pairwise(attempts):
        if earlier.ended_at is None or earlier.ended_at > later.created_at:
            yield f"attempt {later.number} began before attempt {earlier.number} had ended"
    claims = list(operation.events.filter(event_type="claimed").values_list("attempt", flat=True))
    if len(claims) != len(set(claims)):
        yield f"an attempt was claimed twice: {claims}"


def _model_is_there_once(operation: Operation) -> Iterator[str]:
    models = TrainedModel.objects.filter(operation=operation).count()
    if models != (operation.status == "completed"):
        yield f"it is {operation.status} and has {models} models"
    if operation.status == "completed" and operation.checkpoints.exists():
        yield "it is completed and still has checkpoints"


def _training_is_whole(operation: Operation) -> Iterator[str]:
    yield from _model_is_there_once(operation)
    yield from _no_epoch_is_without_metrics(operation)


def _every_group_is_measured_once(operation: Operation) -> Iterator[str]:
    """However many attempts took part: those of a result have no gap."""
    steps = list(operation.metrics.order_by("step").values_list("step", flat=True))
    told = len(operation.result["groups"]) if operation.result else len(set(steps))
    if steps != list(range(told)):
        yield f"its groups {steps} are measured, of {told}"


_OF_TYPE = {"training": _training_is_whole, "analysis": _every_group_is_measured_once}


def _lists_find_it_where_it_stands(operation: Operation) -> Iterator[str]:
    """Its places follow from its other rows."""
    told = list(operation.places.order_by("word").values())
    places.renew([operation.pk])
    if told != list(operation.places.order_by("word").values()):
        yield "its places are not those of its rows and labels"
    model = TrainedModel.objects.filter(operation=operation).first()
    figures = places_of(model) if model else dict.fromkeys(places.FIGURES)
    if {name: place[name] for place in told for name in figures} != figures or not told:
        yield "its places do not have its model's figures"


def _rows_have_files(operation: Operation) -> Iterator[str]:
    stored = CheckpointArtifact.objects.filter(
        checkpoint__operation=operation, checkpoint__quarantined_at=None
    )
    models = ModelArtifact.objects.filter(trained_model__operation=operation)
    for artifact in [*stored, *models]:
        try:
            if files.sha256(artifact.file.name) != artifact.sha256:
                yield f"{artifact.file.name} is damaged"
        except (FileNotFoundError, CheckpointCorruptedError):
            yield f"{artifact.file.name} is missing"


def _no_epoch_is_without_metrics(operation: Operation) -> Iterator[str]:
    """Up to its newest checkpoint, or its end: what lies behind those is never trained again."""
    if operation.parent_id is not None:
        return  # the epochs that it begins after are its parent's
    ends = list(operation.checkpoints.values_list("epoch", flat=True))
    if operation.status == "completed" and operation.result:
        ends.append(operation.result["epochs_trained"] - 1)
    steps = set(operation.metrics.values_list("step", flat=True))
    if missing := set(range(max(ends, default=-1) + 1)) - steps:
        yield f"its epochs {sorted(missing)} have no metrics"


def orphans() -> set[str]:
    """Directories of this test's operations, with checkpoints or models, that no row refers to."""
    rows = set(Checkpoint.objects.values_list("directory", flat=True))
    rows |= {
        name.rpartition("/")[0] for name in ModelArtifact.objects.values_list("file", flat=True)
    }
    ours = tuple(Operation.objects.values_list("pk", flat=True))
    left = {*files.list_directories(), *files.list_directories("models")} - rows
    return {path for path in left if path.rpartition("/")[2].startswith(ours)}
