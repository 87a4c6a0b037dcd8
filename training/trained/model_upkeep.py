"""Remove the files of trained models that no row refers to. Free of torch.

A worker that died between storing a model and completing its operation leaves such files, and so
does an operation that was deleted.
"""

import logging
from pathlib import PurePosixPath

from checkpoints import files
from checkpoints.errors import StorageUnreachableError
from operations.errors import StorageUnavailable
from training.models import MODELS, ModelArtifact

logger = logging.getLogger(__name__)


def sweep_orphans() -> list[str]:
    """Directories that were removed. Raises `StorageUnavailable`."""
    try:
        paths, with_rows = set(files.list_directories(MODELS)), _directories_with_rows()
        if paths and paths.isdisjoint(with_rows):
            logger.warning(
                "Left %d directories of models alone: this database knows none of them, so they "
                "may be another site's",
                len(paths),
            )
            return []
        orphans = sorted(path for path in paths - with_rows if files.is_abandoned(path))
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
