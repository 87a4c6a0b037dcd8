"""What an attempt takes of its machine: shown beside its curve, and part of no result."""

import time

import torch

from operations import process_memory

SECONDS_BETWEEN_LOOKS = 1.0
"""An epoch may take a millisecond: between two looks it is told what the last one saw."""


class Usage:
    """Of this process, on the training thread.

    `cpu_percent` of one core since the look before, `memory_bytes` resident, and on a GPU
    `gpu_memory_bytes`, what torch holds of it.
    """

    def __init__(self, device: str) -> None:
        self._is_on_gpu = device == "cuda"
        self._looked_at, self._cpu_seconds = time.monotonic(), time.process_time()
        self._seen: dict[str, int] = {}

    def seen(self) -> dict[str, int]:
        if not self._seen or time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
            self._seen = self._look()
        return self._seen

    def _look(self) -> dict[str, int]:
        at, cpu_seconds = time.monotonic(), time.process_time()
        passed = max(at - self._looked_at, 1e-9)
        seen = {
            "cpu_percent": round(100 * (cpu_seconds - self._cpu_seconds) / passed),
            "memory_bytes": process_memory.resident_bytes(),
        }
        if self._is_on_gpu:
            seen["gpu_memory_bytes"] = torch.cuda.memory_reserved()
        self._looked_at, self._cpu_seconds = at, cpu_seconds
        return seen
