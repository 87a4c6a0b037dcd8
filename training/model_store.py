"""Store a trained model: its files first, then its row, in the transaction that completes."""

import hashlib
import secrets
from dataclasses import dataclass

from checkpoints import files
from operations.models import Operation
from training.bundle import MANIFEST, WEIGHTS, Bundle
from training.models import TrainedModel


@dataclass(frozen=True, kw_only=True)
class StagedModel:
    """Durable files that no row refers to yet."""

    operation_id: str
    paths: dict[str, str]
    """In the checkpoint storage, by file name."""
    bundle: Bundle


def stage(operation_id: str, attempt: int, bundle: Bundle) -> StagedModel:
    """Write the files durably, into a directory of their own. Raises `StorageUnreachableError`."""
    directory = f"models/{operation_id}-a{attempt}-{secrets.token_hex(4)}"
    paths = {
        name: files.write(f"{directory}/{name}", content) for name, content in bundle.files.items()
    }
    return StagedModel(operation_id=operation_id, paths=paths, bundle=bundle)


def commit(staged: StagedModel) -> TrainedModel:
    """Insert the row; inside the transaction that completes the operation."""
    bundle, weights = staged.bundle, staged.bundle.files[WEIGHTS]
    return TrainedModel.objects.create(
        operation_id=staged.operation_id,
        name=Operation.objects.values_list("name", flat=True).get(pk=staged.operation_id),
        weights=staged.paths[WEIGHTS],
        manifest=staged.paths[MANIFEST],
        size_bytes=sum(map(len, bundle.files.values())),
        weights_sha256=hashlib.sha256(weights).hexdigest(),
        metrics=bundle.metrics,
        strategy=bundle.strategy,
    )
