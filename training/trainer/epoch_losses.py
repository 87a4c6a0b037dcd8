"""The batch losses of the epoch under way, kept on the device until somebody asks."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class EpochLosses:
    """float32 [batches]. Sums are taken in float64 over the whole prefix, so that they do not
    depend on where an epoch was cut."""

    def __init__(self, num_batches: int, device: torch.device) -> None:
        self._values = torch.zeros(num_batches, device=device)
        self._count = 0

    def append(self, loss: Tensor) -> None:
        self._values[self._count] = loss  # without waiting for a GPU
        self._count += 1

    @property
    def on_cpu(self) -> NDArray[np.float32]:
        """The losses themselves [batches], for an engine that writes many of them at once."""
        values: NDArray[np.float32] = self._values.numpy()
        return values

    def reach(self, batch: int) -> None:
        """Those of all batches before this one are written."""
        self._count = batch

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
