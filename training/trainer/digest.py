"""The state digest: equal digests mean the same bytes, whatever file they came from."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor


def state_digest(state: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over nested mappings of tensors, numbers, strings and lists of those two.

    First name, dtype, shape and little-endian bytes of every tensor in the order of their dotted
    names, then the rest as canonical JSON. Raises ValueError if a number outside a tensor is not
    finite.
    """
    leaves = dict(_leaves(state, ""))
    digest = hashlib.sha256()
    for name in sorted(leaves):
        if isinstance(leaves[name], Tensor):
            _add_tensor(digest, name, leaves.pop(name))
    digest.update(canonical_json(leaves))
    return digest.hexdigest()


def canonical_json(value: Any) -> bytes:
    """One spelling for one value: sorted keys, no spaces, floats exact, no NaN or infinity."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _add_tensor(digest: "hashlib._Hash", name: str, tensor: Tensor) -> None:
    array = tensor.detach().cpu().contiguous().numpy()
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    header = canonical_json([name, str(tensor.dtype), list(tensor.shape)])
    digest.update(header)
    digest.update(array.reshape(-1).data)
