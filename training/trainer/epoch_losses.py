"""The batch losses of the epoch under way, kept on the device until somebody asks."""

from typing import Any

import torch
from torch import Tensor


class EpochLosses:
    """float32 [batches]. Sums are taken in float64 over the whole prefix, so that they do not
    depend on where an epoch was cut."""

    def __init__(self, num_batches: int, device: torch.device) -> None:
        self._values = torch.zeros(num_batches, device=device)
        self._on_cpu = self._values.numpy() if device.type == "cpu" else None
        self._count = 0

    def append(self, loss: Tensor | float) -> None:
        if self._on_cpu is None:
            self._values[self._count] = loss  # without waiting for the GPU
        else:
            self._on_cpu[self._count] = float(loss)  # 0.1 µs; through the tensor 2.3
        self._count += 1

    def clear(self) -> None:
        self._count = 0

    def sums(self, weight_sums: Tensor) -> tuple[float, float]:
        """The rows' summed loss and summed weight so far; `weight_sums`: float64 [batches]."""
        weights = weight_sums[: self._count]
        losses = self._values[: self._count].to("cpu", torch.float64)
        return float(torch.dot(losses, weights)), float(weights.sum())

    def first_bad_batch(self) -> int | None:
        """The first batch whose loss is not finite."""
        bad = torch.nonzero(~torch.isfinite(self._values[: self._count]))
        return int(bad[0, 0]) if len(bad) else None

    def state_dict(self) -> dict[str, Any]:
        return {"values": self._values[: self._count]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        values = state["values"]
        if len(values) > len(self._values):
            raise ValueError(f"{len(values)} batches, this epoch has {len(self._values)}")
        self._count = len(values)
        self._values[: self._count] = values
