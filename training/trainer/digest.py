"""The state digest: equal digests mean the same bytes, whatever file they came from."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from training.canonical import add_array, canonical_json


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
            tensor = leaves.pop(name).detach().cpu()
            add_array(digest, name, tensor.numpy(), dtype=str(tensor.dtype))
    digest.update(canonical_json(leaves))
    return digest.hexdigest()


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}" if name else str(key))
    else:
        yield name, value
