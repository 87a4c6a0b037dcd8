"""Remove the files of trained models that no row refers to. Free of torch.

A worker that died between storing a model and completing its operation leaves such files, and so
does an operation that was deleted.
"""

from pathlib import PurePosixPath

from checkpoints import files
from checkpoints.errors import StorageUnreachableError
from operations.errors import StorageUnavailable
from training.models import MODELS, ModelArtifact


def sweep_orphans() -> list[str]:
    """Directories that were removed. Raises `StorageUnavailable`."""
    try:
        abandoned = [path for path in files.list_directories(MODELS) if files.is_abandoned(path)]
        orphans = sorted(set(abandoned) - _directories_with_rows())
        for path in orphans:
            files.remove_directory(path)
    except StorageUnreachableError as error:
        if not ModelArtifact.objects.exists():
            return []  # nothing was ever stored, so there is no directory to list
        raise StorageUnavailable(reason=str(error)) from error
    return orphans


def _directories_with_rows() -> set[str]:
    names = ModelArtifact.objects.values_list("file", flat=True)
    return {str(PurePosixPath(name).parent) for name in names.iterator()}
