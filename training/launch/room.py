"""Whether there is room for a training, on the disk and in memory, before it starts. Torch-free."""

from django.conf import settings

from checkpoints.storage import free_bytes
from training.errors import NotEnoughDisk, NotEnoughMemory
from training.launch.disk_space import needed_bytes
from training.launch.layout import Layout
from training.launch.memory import MEGABYTE, estimate
from training.launch.request import TrainingRequest
from training.strategy import Strategy

NO_ROOM = (NotEnoughDisk, NotEnoughMemory)
"""What `require_room` may raise."""


def require_room(strategy: Strategy, layout: Layout, request: TrainingRequest) -> None:
    """Raises `NotEnoughDisk` for its checkpoints, or `NotEnoughMemory` on a CPU."""
    require_disk(strategy, keep=request.checkpoint.keep)
    if request.device != "cuda":  # there, what grows with a batch is in the GPU's memory
        _require_memory(strategy, layout)


def require_disk(strategy: Strategy, *, keep: int, trainings: int = 1) -> None:
    """Of a family, for the `trainings` whose files are there at once. Raises `NotEnoughDisk`."""
    free, needed = free_bytes(), trainings * needed_bytes(strategy, keep=keep)
    if free is not None and free < needed:
        whose = "this training" if trainings == 1 else f"its {trainings:,} trainings"
        raise NotEnoughDisk(whose=whose, needed=_megabytes(needed), free=_megabytes(free))


def _require_memory(strategy: Strategy, layout: Layout) -> None:
    allowed = settings.KTRDR_TRAINING_MEMORY_MB * MEGABYTE
    needed = estimate(strategy, layout.size)
    if allowed and needed.total > allowed:
        raise NotEnoughMemory(
            needed=_megabytes(needed.total), allowed=_megabytes(allowed), most=needed.most
        )


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / MEGABYTE:,.0f} MB"
