"""What a training is computed with: chosen once by rule, pinned, and the same in every attempt."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from training.trainer.engines.rule import AUTOGRAD, KERNEL, engine_by_rule

if TYPE_CHECKING:
    import torch

    from training.strategy import Strategy

BYTES_THAT_PAY_FOR_TWO_THREADS = 1_000_000  # of weights; below, OpenMP's barriers cost more
RECURRENT_BATCH_THAT_PAYS = 128  # 1.3 to 1.7 times as fast on two idle cores; below, hardly
VALIDATION_FLOATS = 2_000_000  # inputs of one validation batch: 8 MB
VALIDATION_ROWS = (64, 8192)


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """Everything besides the strategy and the data that the bytes of a result depend on."""

    device: str  # cpu or cuda
    engine: str = AUTOGRAD  # or kernel; operations from before there were two have recorded none
    optimizer_flavour: (
        str  # fused: one kernel per step; single: one operation after another; or kernel
    )
    threads: int
    validation_batch: int  # rows

    @classmethod
    def by_rule(cls, strategy: "Strategy", device: "torch.device") -> "Pinned":
        """A fixed function of model, batch size and device; nothing is timed."""
        return cls._with(engine_by_rule(strategy, device.type), strategy, device.type)

    @classmethod
    def on_a_cpu(cls, strategy: "Strategy") -> "Pinned":
        """By rule, for who has no torch."""
        return cls._with(engine_by_rule(strategy, "cpu"), strategy, "cpu")

    @classmethod
    def with_autograd(cls, strategy: "Strategy", device: "torch.device") -> "Pinned":
        """The same for a machine that cannot compile the kernel."""
        return cls._with(AUTOGRAD, strategy, device.type)

    @classmethod
    def _with(cls, engine: str, strategy: "Strategy", device_type: str) -> "Pinned":
        return cls(
            device=device_type,
            engine=engine,
            optimizer_flavour=_optimizer_flavour(strategy, engine),
            threads=1 if engine == KERNEL else _threads(strategy),
            validation_batch=_validation_batch(strategy),
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Pinned":
        return cls(**values)


def _optimizer_flavour(strategy: "Strategy", engine: str) -> str:
    if engine == KERNEL:
        return KERNEL
    return "single" if strategy.training.optimizer == "rmsprop" else "fused"


def _threads(strategy: "Strategy") -> int:
    if strategy.sequence_length > 1 and strategy.training.batch_size >= RECURRENT_BATCH_THAT_PAYS:
        return 2
    return 2 if 4 * strategy.num_weights() >= BYTES_THAT_PAY_FOR_TWO_THREADS else 1


def _validation_batch(strategy: "Strategy") -> int:
    architecture = strategy.model.architecture
    floats = len(strategy.feature_ids()) * getattr(architecture, "sequence_length", 1)
    fewest, most = VALIDATION_ROWS
    return max(fewest, min(most, VALIDATION_FLOATS // floats))
