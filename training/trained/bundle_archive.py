"""A trained model's bundle as one file, to take away. Free of torch."""

import hashlib
import tempfile
import zipfile
from dataclasses import dataclass
from typing import IO

from training.models import FINAL_STATE, ModelArtifact, TrainedModel
from training.trained.stored_models import verified_chunks

IN_MEMORY_BYTES = 8 * 2**20
"""A larger archive goes to the temporary directory while it is read."""
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""That a zip can tell: no clock is in the bytes."""
UNIX, READABLE = 3, 0o644 << 16


@dataclass(frozen=True, kw_only=True)
class BundleArchive:
    file: IO[bytes]
    """At its beginning; closing it deletes it."""
    name: str
    size_bytes: int
    sha256: str


def bundle_archive(model: TrainedModel) -> BundleArchive:
    """A zip of the bundle's files, uncompressed: the same model always gives the same bytes.

    Each file is compared with its digest as it goes in. Raises `ModelDamaged`,
    `StorageUnavailable`.
    """
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 (the caller's)
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for artifact in model.artifacts.exclude(name__startswith=FINAL_STATE).order_by("name"):
                _add(archive, model, artifact)
        size_bytes = file.tell()
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    name = f"{model.operation_id}.zip"
    return BundleArchive(file=file, name=name, size_bytes=size_bytes, sha256=sha256)


def _add(archive: zipfile.ZipFile, model: TrainedModel, artifact: ModelArtifact) -> None:
    entry = zipfile.ZipInfo(artifact.name, EARLIEST)
    entry.create_system, entry.external_attr = UNIX, READABLE
    entry.file_size = artifact.size_bytes
    with archive.open(entry, "w") as into:
        for chunk in verified_chunks(model, artifact):
            into.write(chunk)
