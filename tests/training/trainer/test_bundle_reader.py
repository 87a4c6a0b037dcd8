"""A bundle from elsewhere is whole, or is refused by the name of the file."""

import json
import re
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from training.trained.bundle_reader import MANIFEST, BundleDamaged, read_files, read_weights

TENSORS = {"a": torch.arange(6.0).view(2, 3), "b": torch.arange(3.0)}
WHOLE = safetensors.torch.save(TENSORS)
BODY = WHOLE[-36:]


def file(header: Any, *, body: bytes = BODY, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + body


def tensor(first: Any, end: Any, shape: Any = (9,), dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [first, end]}


def test_what_safetensors_wrote_is_read() -> None:
    weights = read_weights(WHOLE)

    assert weights.keys() == TENSORS.keys()
    for name, expected in TENSORS.items():
        np.testing.assert_array_equal(weights[name], expected.numpy())


HOSTILE = {
    "nothing": b"",
    "half a length": b"\1\0\0",
    "a header of 2^63 bytes": file({"w": tensor(0, 36)}, length=2**63),
    "a header of 2^64 - 1 bytes": file({"w": tensor(0, 36)}, length=2**64 - 1),
    "a header longer than the file": file({"w": tensor(0, 36)}, length=4000),
    "an empty header": file(b""),
    "no JSON": file(b"{"),
    "JSON nested without end": file(b"[" * 100_000),
    "a number with thousands of digits": file(b'{"w": ' + b"1" * 5000 + b"}"),
    "no object": file([1]),
    "no tensor": file({"w": 1}),
    "offsets below 0": file({"w": tensor(-36, 0)}),
    "offsets that go back": file({"w": tensor(36, 0)}),
    "offsets beyond the end": file({"w": tensor(0, 4000, [1000])}),
    "offsets that are no numbers": file({"w": tensor("0", "36")}),
    "a shape of other bytes": file({"w": tensor(0, 36, [10])}),
    "a negative shape": file({"w": tensor(0, 36, [-3, -3])}),
    "a shape without a number in it": file({"w": tensor(0, 0, [0, 10**30])}),
    "more dimensions than an array has": file({"w": tensor(0, 36, [1] * 99 + [9])}),
    "a shape that is no list": file({"w": tensor(0, 36, "9")}),
    "another type of number": file({"w": tensor(0, 36, [9], "I32")}),
    "the same bytes twice": file({"v": tensor(0, 36), "w": tensor(0, 36)}),
    "a gap": file({"v": tensor(0, 16, [4]), "w": tensor(20, 36, [4])}),
    "bytes of nobody": file({"w": tensor(0, 32, [8])}),
    "another byte order's length": WHOLE[:8][::-1] + WHOLE[8:],
    "cut off": WHOLE[:-1],
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_other_weights_are_refused_by_the_files_name(data: bytes) -> None:
    with pytest.raises(BundleDamaged, match=r"^model\.safetensors: "):
        read_weights(data)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "manifest.json is missing"),
        ({MANIFEST: b"{}"}, "model.safetensors is missing"),
        ({MANIFEST: b"{", "model.safetensors": WHOLE}, "manifest.json: it is no JSON"),
        ({MANIFEST: b"[]", "model.safetensors": WHOLE}, "manifest.json: it is no JSON object"),
    ],
)
def test_other_files_are_refused_by_name(files: dict[str, bytes], said: str) -> None:
    with pytest.raises(BundleDamaged, match=f"^{re.escape(said)}$"):
        read_files(files)
