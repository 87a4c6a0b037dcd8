"""The one place where a training's device is chosen and set up."""

import os

# Asks the driver's library whether there is a GPU: a worker that touched CUDA could not fork.
os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
# How often a thread looks before it sleeps. By default so often that trainings of two threads which
# share a core spend ten times as long on waiting for each other; alone, fewer looks cost nothing.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import torch

from training.devices import DEVICES

PRECISION = "float32 throughout, no TF32, deterministic algorithms"  # what `prepare` fixes


def local_devices() -> list[str]:
    """The device types of this machine, best first."""
    return ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]


def choose_device(requested: str) -> torch.device:
    """`auto` takes CUDA where there is one. Raises ValueError for `cuda` without a GPU."""
    if requested not in DEVICES:
        raise ValueError(f"device {requested!r} is none of {', '.join(DEVICES)}")
    available = local_devices()
    if requested not in ("auto", *available):
        raise ValueError(f"device {requested} was asked for, and this machine offers none")
    return torch.device(available[0] if requested == "auto" else requested)


def prepare(*, threads: int) -> None:
    """Fix what would otherwise change bits from one process to the next."""
    torch.set_num_threads(threads)
    # As `use_deterministic_algorithms`, which loads a compiler of 100 MB first, in 1 s.
    torch.set_deterministic_debug_mode("warn")
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a write each
    torch.set_float32_matmul_precision("highest")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is exact only with one
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
