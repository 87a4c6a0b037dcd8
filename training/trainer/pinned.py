"""What a training is computed with: chosen once by rule, pinned, and the same in every attempt."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch

from training.networks import make_network

if TYPE_CHECKING:
    from training.strategy import Strategy

BYTES_THAT_PAY_FOR_TWO_THREADS = 1_000_000  # of weights; below, OpenMP's barriers cost more
RECURRENT_BATCH_THAT_PAYS = 512
VALIDATION_FLOATS = 2_000_000  # inputs of one validation batch: 8 MB
VALIDATION_ROWS = (64, 8192)


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """Everything besides the strategy and the data that the bytes of a result depend on."""

    device: str  # cpu or cuda
    engine: str  # autograd
    optimizer_flavour: str  # fused: one kernel per step; single: one operation after another
    threads: int
    validation_batch: int  # rows

    @classmethod
    def by_rule(cls, strategy: "Strategy", device: torch.device) -> "Pinned":
        """A fixed function of model, batch size and device; nothing is timed."""
        return cls(
            device=device.type,
            engine="autograd",
            optimizer_flavour="single" if strategy.training.optimizer == "rmsprop" else "fused",
            threads=_threads(strategy),
            validation_batch=_validation_batch(strategy),
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Pinned":
        return cls(**values)


def _threads(strategy: "Strategy") -> int:
    if strategy.model.type != "mlp" and strategy.training.batch_size >= RECURRENT_BATCH_THAT_PAYS:
        return 2
    with torch.device("meta"):
        network = make_network(strategy, inputs=len(strategy.feature_ids()), outputs=3)
    size_bytes = sum(parameter.nbytes for parameter in network.parameters())
    return 2 if size_bytes >= BYTES_THAT_PAY_FOR_TWO_THREADS else 1


def _validation_batch(strategy: "Strategy") -> int:
    architecture = strategy.model.architecture
    floats = len(strategy.feature_ids()) * getattr(architecture, "sequence_length", 1)
    fewest, most = VALIDATION_ROWS
    return max(fewest, min(most, VALIDATION_FLOATS // floats))
