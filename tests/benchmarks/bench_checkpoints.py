"""What a save costs the training thread, beside `torch.save` and fsync on that thread.

    python -m tests.benchmarks.bench_checkpoints [--rounds N]

Weights, Adam's two moments and the best weights, as `CheckpointSaver` persists them, into
PostgreSQL and a local disk. What blocks the training thread is the snapshot and the hand-over; it
goes on multiplying small matrices until the checkpoint is there.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure, interleaved, machine, table
from tests.benchmarks.site import benchmark_site

WEIGHTS = {"10 kB": 10_000, "1 MB": 1_000_000, "100 MB": 100_000_000}
MOST_MILLISECONDS = {"10 kB": 2.0, "1 MB": 2.0, "100 MB": 40.0}
NUM_TENSORS = 6
TWO_THREADS_FROM = 1_000_000  # bytes of weights: the trainer's own rule
SYNCHRONOUS = "torch.save + fsync"


class Part:
    """One part of a training's state, as large as it is asked for."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state

    def state_dict(self) -> dict[str, Any]:
        return self.state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.state = state


class Training:
    """The state of a training with so many bytes of weights, and its saver."""

    def __init__(self, weights_bytes: int, directory: Path) -> None:
        import torch

        from training.attempt.checkpoint_saver import CheckpointSaver
        from training.attempt.journal import Journal
        from training.trainer.best_model import Weights
        from training.trainer.state import TrainerState

        self._directory = directory
        self._left, self._right = torch.randn(32, 64), torch.randn(64, 64)
        self._parts = _parts(weights_bytes)
        best = Weights()
        best.load_state_dict(self._parts["model"])
        parts: dict[str, Any] = {name: Part(state) for name, state in self._parts.items()}
        self._state = TrainerState(parts | {"best_model": best})
        key = (_running_operation(), 1)
        self._saver = CheckpointSaver(*key, journal=Journal(*key), keep=2)
        self._last_good = self._state.snapshot()

    def tick(self) -> None:
        """A step's worth of small calls."""
        for _ in range(10):
            self._left @ self._right

    def save_beside(self) -> float:
        """Milliseconds blocked. Returns once the checkpoint is there."""
        self._last_good = self._state.snapshot()  # as at an epoch's end
        blocked = _milliseconds(self._begin_save)
        while not self._saver.is_ready:
            self.tick()
        if self._saver.last_error:
            raise RuntimeError(self._saver.last_error)
        return blocked

    def _begin_save(self) -> None:
        self._last_good = self._state.snapshot()
        self._saver.save_beside(self._last_good, {"val_loss": 0.5})
        self._saver.begin()

    def save_synchronously(self) -> float:
        """Milliseconds."""
        return _milliseconds(self._write)

    def _write(self) -> None:
        import torch

        with (self._directory / "checkpoint.pt").open("wb") as file:
            torch.save(self._parts, file)
            file.flush()
            os.fsync(file.fileno())


def _parts(weights_bytes: int) -> dict[str, dict[str, Any]]:
    import torch

    count = weights_bytes // 4
    each = count // NUM_TENSORS
    small = {"best": {"epoch": 3}, "early_stopping": {"bad_epochs": 0}, "scheduler": {}}
    return {
        "model": {f"layers.{n}.weight": torch.randn(each) for n in range(NUM_TENSORS)},
        "optimizer": {"exp_avg": torch.randn(count), "exp_avg_sq": torch.randn(count)},
        "history": {"val_loss": torch.zeros(40, dtype=torch.float64)},
        "losses": {"values": torch.zeros(0)},
        "position": {"epoch": 3, "batch": 0},
        **small,
    }


def _running_operation() -> str:
    from operations import lifecycle

    operation = lifecycle.start(operation_type="training", request={}, queue="training")
    assert lifecycle.claim(operation.pk, 1, worker="w", device="cpu", token="t")
    return operation.pk


def _milliseconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def run(rounds: int) -> Iterator[Figure]:
    with benchmark_site() as servers:
        import torch

        for name, weights_bytes in WEIGHTS.items():
            torch.set_num_threads(2 if weights_bytes > TWO_THREADS_FROM else 1)
            training = Training(weights_bytes, servers.directory)
            training.save_beside()  # fills the memory that later ones use again
            yield _figure(name, training, rounds)


def _figure(name: str, training: Training, rounds: int) -> Figure:
    ways = {"beside": training.save_beside, SYNCHRONOUS: training.save_synchronously}
    measured = interleaved(ways, rounds=rounds)
    return Figure.of_rounds(
        measured["beside"],
        measured[SYNCHRONOUS],
        name=f"blocked by a save, {name} of weights",
        unit="ms",
        reference=SYNCHRONOUS,
        at_most=MOST_MILLISECONDS[name],
    )


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9)
    figures = list(run(parser.parse_args(arguments).rounds))
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table("Checkpoints", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
