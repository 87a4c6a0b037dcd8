"""`training.jobs` with a fault: whatever goes on from a checkpoint begins with a fresh Adam."""

from dataclasses import replace
from typing import Any

import torch

from training import jobs
from training.attempt import restore
from training.trainer.resume_context import TrainingResumeContext
from training.trainer.state import Snapshot


class ForgetfulContext(TrainingResumeContext):
    """A checkpoint without the optimizer's moments."""

    def snapshot(self) -> Snapshot:
        kept = super().snapshot()
        return replace(kept, parts={**kept.parts, "optimizer": _zeroed(kept.parts["optimizer"])})


def run_training(operation_id: str, attempt: int) -> None:
    restore.TrainingResumeContext = ForgetfulContext  # type: ignore[misc]
    jobs.run_training(operation_id, attempt)


def _zeroed(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return torch.zeros_like(value) if value.is_floating_point() and value.ndim else value
    if isinstance(value, dict):
        return {key: _zeroed(item) for key, item in value.items()}
    return value
