"""The one place where a training's device is chosen and set up."""

import torch


def choose_device(requested: str) -> torch.device:
    """`auto` takes CUDA where there is one. Raises ValueError for `cuda` without a GPU."""
    if requested not in {"auto", "cpu", "cuda"}:
        raise ValueError(f"device {requested!r} is none of auto, cpu, cuda")
    available = torch.cuda.is_available()
    if requested == "cuda" and not available:
        raise ValueError("device cuda was asked for, and this machine offers no CUDA GPU")
    return torch.device("cuda" if available and requested != "cpu" else "cpu")


def prepare(*, threads: int) -> None:
    """Fix what would otherwise change bits from one process to the next."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a write each
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
