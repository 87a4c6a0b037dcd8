"""Prepared datasets on disk, so that a resume, or another worker, computes no feature again.

An entry is a directory of raw arrays, which are memory-mapped, and one JSON file; it is named after
everything that it is made from. It appears by a rename, so another process sees all of it or none.
Each load compares the digest: a torn or damaged entry is computed again, so nothing is fsynced.
"""

import functools
import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from training.canonical import json_digest
from training.features.assembly import build_from_histories, load_histories
from training.features.dataset import Dataset
from training.features.history import History, LoadBars, data_fingerprints
from training.features.inspection import DatasetWarning
from training.features.progress import Progress, no_progress
from training.market_data import load_bars as load_imported_bars
from training.strategy import Strategy

SOURCES = ("canonical.py", "compilation/**/*.py", "features/**/*.py", "strategy/**/*.py")
"""Files of `training` that a feature, a label and their digest come from."""

logger = logging.getLogger(__name__)

MAX_CACHE_BYTES = 4 * 1024**3  # some thirty datasets of a million rows and 21 features
STALE_SECONDS = 86_400  # a temporary directory this old belongs to a process that died
TEMPORARY = "tmp-"
DESCRIPTION = "dataset.json"


def prepare_dataset(
    strategy: Strategy,
    *,
    directory: Path | None = None,
    load_bars: LoadBars = load_imported_bars,
    progress: Progress = no_progress,
    max_bytes: int = MAX_CACHE_BYTES,
) -> Dataset:
    """Return the dataset of `build_dataset`, from the cache where it is there.

    `directory` defaults to `cache/features` in KTRDR_DATA_DIR. A cache that cannot be read or
    written costs time, never the training: it is logged.

    Raises:
        DomainError: as `build_dataset`.
    """
    histories = load_histories(strategy, load_bars=load_bars, progress=progress)
    return prepare_from_histories(
        strategy, histories, directory=directory, progress=progress, max_bytes=max_bytes
    )


def prepare_from_histories(
    strategy: Strategy,
    histories: Sequence[History],
    *,
    directory: Path | None = None,
    progress: Progress = no_progress,
    max_bytes: int = MAX_CACHE_BYTES,
) -> Dataset:
    """`prepare_dataset` of bars that `load_histories` has loaded. Raises as it."""
    cache = FeatureCache(
        directory or settings.KTRDR_DATA_DIR / "cache" / "features", max_bytes=max_bytes
    )
    key = cache_key(strategy, data_fingerprints(histories))
    progress("Looking for prepared features")
    if (cached := cache.load(key)) is not None:
        return cached
    dataset = build_from_histories(strategy, histories, progress=progress)
    progress("Keeping the prepared features")
    cache.store(key, dataset)
    return dataset


def cache_key(strategy: Strategy, fingerprints: Mapping[str, str]) -> str:
    """Return the SHA-256 (hex) of everything that the dataset depends on."""
    snapshot = strategy.snapshot()
    made_of = {
        **{name: snapshot.get(name) for name in ("training_data", "indicators")},
        "fuzzy_sets": _without_rates(snapshot.get("fuzzy_sets")),
        "nn_inputs": snapshot["nn_inputs"],
        "labels": snapshot["training"]["labels"],
        "data_split": snapshot["training"]["data_split"],
        "sequence_length": strategy.sequence_length,
        "data": dict(fingerprints),
        "code": code_version(),
    }
    return json_digest(made_of)


def _without_rates(fuzzy_sets: Mapping[str, Mapping[str, Any]] | None) -> Any:
    """Whether a set is learned makes other columns; how fast does not."""
    return {
        name: {key: bool(value) if key == "learn" else value for key, value in of_set.items()}
        for name, of_set in (fuzzy_sets or {}).items()
    }


@functools.cache
def code_version() -> str:
    """Return the SHA-256 (hex) of all source that features come from, and of its libraries."""
    digest = hashlib.sha256()
    for name in ("numpy", "numba", "TA-Lib"):
        digest.update(f"{name} {version(name)}\n".encode())
    training = Path(__file__).parents[1]
    for pattern in SOURCES:
        for source in sorted(training.glob(pattern)):
            digest.update(f"{source.relative_to(training)}\n".encode() + source.read_bytes())
    return digest.hexdigest()


class FeatureCache:
    """A directory of datasets, the least recently used dropped beyond `max_bytes`."""

    def __init__(self, directory: Path, *, max_bytes: int) -> None:
        self._directory = directory
        self._max_bytes = max_bytes

    def load(self, key: str) -> Dataset | None:
        """Return an entry, its arrays memory-mapped, or None; a damaged one is removed."""
        entry = self._directory / key
        if not entry.is_dir():
            return None
        try:
            dataset, digest = _read(entry)
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._drop(entry, str(error))
            return None
        if dataset.digest() != digest:
            self._drop(entry, "its digest is not the stored one")
            return None
        _touch(entry)
        return dataset

    def store(self, key: str, dataset: Dataset) -> None:
        """Keep a dataset. Of several processes that store the same one, the first wins."""
        temporary = self._directory / f"{TEMPORARY}{secrets.token_hex(8)}"
        try:
            temporary.mkdir(parents=True)
            _write(temporary, dataset)
            if _size(temporary) <= self._max_bytes:
                temporary.rename(self._directory / key)
            self._evict(keep=key)
        except OSError as error:
            if not (self._directory / key).is_dir():
                logger.warning("Prepared features were not kept: %s", error)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def _drop(self, entry: Path, reason: str) -> None:
        logger.warning("Prepared features in %s are damaged and are dropped: %s", entry, reason)
        self._remove(entry)

    def _remove(self, entry: Path) -> None:
        """Move an entry away, then delete it: nobody reads half of one."""
        grave = self._directory / f"{TEMPORARY}{secrets.token_hex(8)}"
        try:
            entry.rename(grave)
        except OSError:  # another process was faster
            return
        shutil.rmtree(grave, ignore_errors=True)

    def _evict(self, *, keep: str) -> None:
        entries = sorted(self._directory.iterdir(), key=_last_use, reverse=True)
        total = 0
        for entry in entries:
            if entry.name.startswith(TEMPORARY):
                if time.time() - _last_use(entry) > STALE_SECONDS:
                    shutil.rmtree(entry, ignore_errors=True)
            elif (entry / DESCRIPTION).exists():
                total += _size(entry)
                if total > self._max_bytes and entry.name != keep:
                    self._remove(entry)


def _write(directory: Path, dataset: Dataset) -> None:
    arrays = dataset.arrays()
    for name, array in arrays.items():
        array.tofile(directory / name)
    rest = {
        field.name: getattr(dataset, field.name)
        for field in fields(dataset)
        if field.name not in arrays
    }
    rest["warnings"] = [asdict(warning) for warning in dataset.warnings]
    description = {
        "digest": dataset.digest(),
        "arrays": {name: (array.dtype.str, array.shape) for name, array in arrays.items()},
        "rest": rest,
    }
    text = json.dumps(description)
    (directory / DESCRIPTION).write_text(f"{_sha256(text)}\n{text}")


def _read(directory: Path) -> tuple[Dataset, str]:
    checksum, _, text = (directory / DESCRIPTION).read_text().partition("\n")
    if checksum != _sha256(text):
        raise ValueError(f"{DESCRIPTION} is not what was written")
    description = json.loads(text)
    # Copy on write: the arrays are writable, as freshly computed ones are, and the files stay.
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in description["rest"].items()
    }
    values["warnings"] = tuple(DatasetWarning(**warning) for warning in values["warnings"])
    for name, (dtype, shape) in description["arrays"].items():
        mapped = np.memmap(directory / name, np.dtype(dtype), "c", shape=tuple(shape))
        values[name] = np.asarray(mapped)
    return Dataset(**values), description["digest"]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _size(directory: Path) -> int:
    try:
        return sum(path.stat().st_size for path in directory.iterdir())
    except OSError:  # removed by another process
        return 0


def _last_use(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except OSError:  # removed by another process
        return 0.0


def _touch(entry: Path) -> None:
    try:
        os.utime(entry)
    except OSError:
        logger.debug("The last use of %s was not noted", entry)
