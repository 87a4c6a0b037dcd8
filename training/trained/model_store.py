"""Store a trained model: its files first, then its rows, in the transaction that completes."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checkpoints import files
from checkpoints.errors import StorageUnreachableError
from checkpoints.failpoints import failpoint
from operations.models import Operation
from training.models import FINAL_STATE, MODELS, ModelArtifact, TrainedModel
from training.trained import columns, looks
from training.trained.bundle import Bundle


@dataclass(frozen=True, kw_only=True)
class StagedModel:
    """Durable files that no row refers to yet."""

    operation_id: str
    columns: dict[str, Any]
    """Of its row: digested before the transaction begins."""
    artifacts: tuple[ModelArtifact, ...]
    """Not yet saved."""


def stage(
    operation_id: str, attempt: int, bundle: Bundle, *, final_state: Mapping[str, bytes]
) -> StagedModel:
    """Write the files durably, into a directory of their own. Raises `StorageUnreachableError`."""
    directory = f"{MODELS}/{operation_id}-a{attempt}-{secrets.token_hex(4)}"
    failpoint("model.stage.begin")
    contents = bundle.files | {FINAL_STATE + name: data for name, data in final_state.items()}
    artifacts = tuple(_write(directory, name, content) for name, content in contents.items())
    size_bytes = sum(artifact.size_bytes for artifact in artifacts)
    row = {"size_bytes": size_bytes, **_columns(bundle)}
    return StagedModel(operation_id=operation_id, columns=row, artifacts=artifacts)


def commit(staged: StagedModel) -> TrainedModel:
    """Insert the rows; inside the transaction that completes the operation."""
    model = TrainedModel.objects.create(
        operation_id=staged.operation_id,
        name=Operation.objects.values_list("name", flat=True).get(pk=staged.operation_id),
        **staged.columns,
    )
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
        **looks.columns(evaluation, strategy),
        **columns.columns(evaluation, bundle.manifest["training"], strategy),
    }


def _write(directory: str, name: str, content: bytes) -> ModelArtifact:
    """Read back, too: the recorded metrics are those of the bytes that are stored."""
    path, digest = files.write(f"{directory}/{name}", content), hashlib.sha256(content).hexdigest()
    failpoint("model.stage.artifact")
    if files.sha256(path) != digest:
        raise StorageUnreachableError(f"{path}: the storage holds other bytes than it was given")
    return ModelArtifact(name=name, file=path, size_bytes=len(content), sha256=digest)
