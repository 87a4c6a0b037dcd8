"""The fingerprint: attempts with the same one produce the same bytes."""

import os
import platform
from dataclasses import MISSING, asdict, dataclass, fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from training.trainer.device import PRECISION
from training.trainer.engines import kernel
from training.trainer.engines.rule import KERNEL
from training.trainer.pinned import Pinned
from training.version import ROWS_VERSION, VERSION

if TYPE_CHECKING:
    from training.features.dataset import Dataset
    from training.strategy import Strategy

CPU_SWITCHES = (
    "ATEN_CPU_CAPABILITY",
    "DNNL_MAX_CPU_ISA",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
)
"""Environment variables that make a numerical library take another code path."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One part in which two fingerprints differ."""

    part: str
    before: str
    now: str

    def __str__(self) -> str:
        return f"{self.part} was {self.before}, is {self.now}"


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """Everything that the bytes of a training depend on."""

    ktrdr: str
    torch: str
    numpy: str
    talib: str
    numba: str
    cpu: str  # vendor and family: numerical libraries choose kernels by them
    cpu_torch: str  # the instruction set torch uses
    cpu_numpy: str  # those that NumPy found
    cpu_switches: str  # what the environment forces on the numerical libraries
    device: str  # cpu, or the GPU's model with its CUDA and cuDNN
    engine: str
    optimizer_flavour: str
    threads: int
    validation_batch: int
    precision: str
    strategy: str  # digest
    dataset: str  # digest
    compiler: str = ""  # of the kernel; empty for autograd, and before there was a kernel
    rows_version: int = 0  # of rows and labels; 0.1.0 recorded none

    def differences(self, before: "Fingerprint") -> tuple[Difference, ...]:
        """What is not as it was before; empty: the bytes will be the same."""
        mine, theirs = asdict(self), asdict(before)
        return tuple(
            Difference(part=part, before=str(theirs[part]), now=str(mine[part]))
            for part in mine
            if mine[part] != theirs[part]
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Fingerprint":
        """Parts that an older KTRDR did not record read as unknown, and so differ."""
        unknown = {
            part.name: "unknown" if part.default is MISSING else part.default
            for part in fields(cls)
        }
        return cls(**{name: values.get(name, unknown[name]) for name in unknown})


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The part of a fingerprint that is the same for every training of a worker."""

    ktrdr: str
    torch: str
    numpy: str
    talib: str
    numba: str
    cpu: str
    cpu_torch: str
    cpu_numpy: str


@cache
def this_machine() -> Machine:
    """Looked up once, before a worker forks: the metadata of the packages take 15 ms to read."""
    return Machine(
        ktrdr=VERSION,
        torch=torch.__version__,
        numpy=np.__version__,
        talib=version("TA-Lib"),
        numba=version("numba"),
        cpu=_cpu(),
        cpu_torch=torch.backends.cpu.get_cpu_capability(),
        cpu_numpy=_numpy_instructions(),
    )


def take_fingerprint(strategy: "Strategy", dataset: "Dataset", pinned: Pinned) -> Fingerprint:
    """The fingerprint of a training in this process."""
    return Fingerprint(
        **asdict(this_machine()),
        cpu_switches=_cpu_switches(),
        device=_device(pinned.device),
        engine=pinned.engine,
        optimizer_flavour=pinned.optimizer_flavour,
        threads=pinned.threads,
        validation_batch=pinned.validation_batch,
        precision=PRECISION,
        strategy=strategy.digest(),
        dataset=dataset.digest(),
        compiler=kernel.compiler() if pinned.engine == KERNEL else "",
        rows_version=ROWS_VERSION,
    )


def machine_conditions(pinned: Pinned) -> dict[str, Any]:
    """What has to be the same for trainings of different strategies to be compared.

    Engine, threads and batches follow from a strategy by rule.
    """
    return {
        **asdict(this_machine()),
        "cpu_switches": _cpu_switches(),
        "device": _device(pinned.device),
        "device_type": pinned.device,
        "kernel": kernel.unavailable() or kernel.compiler(),
        "precision": PRECISION,
        "rows_version": ROWS_VERSION,
    }


def _cpu_switches() -> str:
    return " ".join(f"{name}={os.environ[name]}" for name in CPU_SWITCHES if name in os.environ)


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return f"{platform.machine()} {platform.processor()}"
    lines = (line.partition(":") for line in cpuinfo.read_text().splitlines())
    values = {name.strip(): value.strip() for name, _, value in lines}
    known = (values.get(name) for name in ("vendor_id", "cpu family"))
    return " ".join([platform.machine(), *filter(None, known)])


def _numpy_instructions() -> str:
    config: Any = np.show_config(mode="dicts")
    return " ".join(config.get("SIMD Extensions", {}).get("found", []))


def _device(kind: str) -> str:
    if kind != "cuda":
        return kind
    name = torch.cuda.get_device_name()
    return f"{name}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}"  # type: ignore[no-untyped-call]
