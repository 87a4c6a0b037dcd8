"""Store a trained model: its files first, then its rows, in the transaction that completes."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checkpoints import files
from checkpoints.errors import StorageUnreachableError
from checkpoints.failpoints import failpoint
from operations import places
from operations.models import Operation
from training.evaluation import returns
from training.models import FINAL_STATE, MODELS, ModelArtifact, Score, TrainedModel
from training.trained import columns, ledger
from training.trained.bundle import Bundle


@dataclass(frozen=True, kw_only=True)
class StagedModel:
    """Durable files that no row refers to yet."""

    operation_id: str
    columns: dict[str, Any]
    """Of its row: digested before the transaction begins."""
    score: Score
    """Not yet saved, as are the artifacts."""
    artifacts: tuple[ModelArtifact, ...]


def stage(
    operation_id: str, attempt: int, bundle: Bundle, *, final_state: Mapping[str, bytes]
) -> StagedModel:
    """Write the files durably, into a directory of their own. Raises `StorageUnreachableError`."""
    directory = f"{MODELS}/{operation_id}-a{attempt}-{secrets.token_hex(4)}"
    failpoint("model.stage.begin")
    contents = bundle.files | {FINAL_STATE + name: data for name, data in final_state.items()}
    artifacts = tuple(_written(directory, contents))
    size_bytes = sum(artifact.size_bytes for artifact in artifacts)
    return StagedModel(
        operation_id=operation_id,
        columns={"size_bytes": size_bytes, **_columns(bundle)},
        score=_score(bundle, operation_id),
        artifacts=artifacts,
    )


def commit(staged: StagedModel) -> TrainedModel:
    """Insert the rows; inside the transaction that completes the operation."""
    known = Operation.objects.values_list(
        "name", "owner__username", "part_of_id", "part_of__operation_type"
    )
    name, owner_name, family_id, family_type = known.get(pk=staged.operation_id)
    staged.score.owner_name = owner_name or ""
    if family_type in ledger.ONE_LOOK:
        staged.score.look = family_id
    ledger.record([staged.score])
    failpoint("model.commit.score")
    model = TrainedModel.objects.create(
        operation_id=staged.operation_id,
        name=name,
        score_id=staged.score.pk,
        **staged.columns,
    )
    places.tell(staged.operation_id, columns.places_of(model))
    failpoint("model.commit.row")
    for artifact in staged.artifacts:
        artifact.trained_model = model
    ModelArtifact.objects.bulk_create(staged.artifacts)
    return model


def _columns(bundle: Bundle) -> dict[str, Any]:
    evaluation, strategy = bundle.evaluation, bundle.manifest["strategy"]
    return {
        "weights_sha256": bundle.digest,
        "evaluation": evaluation,
        "strategy": strategy,
        "test_first_time": evaluation["first_time"],
        **columns.columns(evaluation, bundle.manifest["training"], strategy),
    }


def _score(bundle: Bundle, operation_id: str) -> Score:
    looked_at = ledger.test_range(bundle.evaluation, bundle.manifest["strategy"])
    return ledger.as_score(looked_at, bundle.files[returns.FILE], operation_id=operation_id)


def _written(directory: str, contents: Mapping[str, bytes]) -> Iterator[ModelArtifact]:
    """Read back, too: the recorded metrics are those of the bytes that are stored."""
    paths = files.write_each(directory, contents)
    for path, (name, content) in zip(paths, contents.items(), strict=True):
        failpoint("model.stage.artifact")
        digest = hashlib.sha256(content).hexdigest()
        if files.sha256(path) != digest:
            words = f"{path}: the storage holds other bytes than it was given"
            raise StorageUnreachableError(words)
        yield ModelArtifact(name=name, file=path, size_bytes=len(content), sha256=digest)
