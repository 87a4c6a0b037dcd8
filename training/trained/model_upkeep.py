"""Remove the files of trained models that no row refers to. Free of torch.

A worker that died between storing a model and completing its operation leaves such files, and so
does an operation that was deleted.
"""

from functools import partial
from pathlib import PurePosixPath

from checkpoints import files
from training.models import MODELS, ModelArtifact
from training.orphans import remove_orphans


def sweep_orphans() -> list[str]:
    """Directories that were removed. Raises `StorageUnavailable`."""
    return remove_orphans(
        "directories of models",
        ModelArtifact,
        stored=partial(files.list_directories, MODELS),
        with_rows=_directories_with_rows,
        is_abandoned=files.is_abandoned,
        remove=files.remove_directory,
    )


def _directories_with_rows() -> set[str]:
    names = ModelArtifact.objects.values_list("file", flat=True)
    return {str(PurePosixPath(name).parent) for name in names.iterator()}
