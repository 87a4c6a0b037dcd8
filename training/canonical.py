"""One spelling for one value, so that equal values have equal digests wherever they are made."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt


def canonical_json(value: Any) -> bytes:
    """Sorted keys, no spaces, floats exact; ValueError for NaN or infinity."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def json_digest(value: Any) -> str:
    """SHA-256 (hex) of the canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def add_array(digest: "hashlib._Hash", name: str, array: "npt.NDArray[Any]", *, dtype: str) -> None:
    """Add the canonical JSON of [name, dtype, shape] and the array's little-endian bytes.

    `dtype` is how the caller spells it.
    """
    digest.update(canonical_json([name, dtype, list(array.shape)]))
    little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    digest.update(little.reshape(-1).data)
