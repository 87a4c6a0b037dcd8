"""What numba compiles, kept on the disk for later processes.

numba looks for changes in the file that a function is in, so that a callee in another file could be
loaded stale. These look at every file of the function's package: callees stay within it.
"""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import InTreeCacheLocator, UserProvidedCacheLocator, UserWideCacheLocator

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
"""The GIL is released, so that a heartbeat's thread runs on; division by zero follows IEEE 754."""

inlined = numba.njit(inline="always")
"""Part of its callers, with their options, for what is given a whole memory: to hand over its
arrays takes a third of a compilation."""


class _StampedByPackage:
    """Where code is kept, as numba finds it, and out of date when its package changes."""

    _py_file: str

    def get_source_stamp(self) -> str:
        return _package_stamp(Path(self._py_file).parent)


class ProvidedDirectory(_StampedByPackage, UserProvidedCacheLocator):
    """NUMBA_CACHE_DIR, where it is set."""


class BesideSource(_StampedByPackage, InTreeCacheLocator):
    """The `__pycache__` of the function's folder, where it can be written."""


class UserDirectory(_StampedByPackage, UserWideCacheLocator):
    """The user's own directory of caches."""


LOCATORS = (ProvidedDirectory, BesideSource, UserDirectory)


def machine_code(function: Callable[..., Any]) -> Any:
    """Machine code at the first call with these types; later processes load it from the disk.

    Where no directory for the code can be written, each process compiles it.
    """
    paths = [f"{locator.__module__}.{locator.__qualname__}" for locator in LOCATORS]
    numba.config.CACHE_LOCATOR_CLASSES = ",".join(paths)  # type: ignore[attr-defined]
    try:
        return numba.njit(cache=True, **OPTIONS)(function)
    except RuntimeError:
        return numba.njit(**OPTIONS)(function)


def folder_of(function: Any) -> Path | None:
    """Where the code of a function is kept; None: nowhere, each process compiles it."""
    folder = function.stats.cache_path
    return None if folder is None else Path(folder)


def is_kept(function: Any) -> bool:
    """Whether code of it is there, of the package as it is now. `folder_of` has to name a place."""
    return bool(function._cache._cache_file._load_index())


@functools.cache
def _package_stamp(package: Path) -> str:
    """SHA-256 (hex) of its files' names and contents, and of this one: its options make code."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for source in sorted(package.glob("*.py")):
        digest.update(f"{source.name}\n".encode() + source.read_bytes())
    return digest.hexdigest()
