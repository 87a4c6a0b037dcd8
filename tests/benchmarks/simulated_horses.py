"""Horses that train nothing: they look, beat, and write what a real one would."""

import heapq
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

THREADS = 8
"""Of each process; every one has a connection to the database."""

LOOK_SECONDS = 1.0
BEAT_SECONDS = 5.0
EPOCH_SECONDS = 2.0
EPOCHS_PER_CHECKPOINT = 10

PROGRESS = {
    "phase": "training",
    "epoch": 12,
    "total_epochs": 400,
    "batch": 117,
    "total_batches": 391,
    "percent": 3.12,
    "eta_seconds": 812.5,
    "samples_per_second": 181_204,
    "train_loss": 0.9713642835617065,
    "val_loss": 0.9811242818832397,
    "learning_rate": 0.001,
    "best_epoch": 11,
    "best_value": 0.9801242818832397,
    "loss_sum": "0x1.8e2b1a3c40000p+15",
    "save_error": "",
}
METRICS = {
    "train_loss": 0.9713642835617065,
    "val_loss": 0.9811242818832397,
    "val_accuracy": 0.5213,
    "learning_rate": 0.001,
    "digest": secrets.token_hex(32),
    "seconds": 1.998123,
    "is_best": False,
    "replayed": False,
}
LOG_LINE = (
    "2026-11-22T02:15:{:02} INFO epoch {} of 400: train_loss {:.6g}, val_loss {:.6g}, "
    "val_accuracy 0.5213, learning_rate 0.001, 1.99 s\n"
)
LOG = "".join(LOG_LINE.format(n % 60, n, 1 / (n + 1), 2 / (n + 3)) for n in range(400))
"""Of some hours: 50 kB, which is close to the bound."""


@dataclass(kw_only=True)
class Player:
    """One simulated horse."""

    operation_id: str
    journal: Any
    epoch: int = 0
    beat_at: float = 0.0
    trained_at: float = 0.0
    logged_at: float = 0.0

    def look(self, now: float) -> list[float]:
        """What the side thread does in its second; the seconds that a heartbeat took, if due."""
        from operations import selectors
        from operations.reading import attempt_logs
        from training.attempt.captured_log import WRITTEN_BYTES_PER_SECOND

        assert selectors.standing(self.operation_id, 1) is selectors.Standing.HELD
        if now >= self.trained_at:
            self.trained_at += EPOCH_SECONDS
            self._end_epoch()
        if now >= self.logged_at:
            self.logged_at += len(LOG) / WRITTEN_BYTES_PER_SECOND
            attempt_logs.write(self.operation_id, 1, text=LOG)
        if now < self.beat_at:
            return []
        self.beat_at += BEAT_SECONDS
        return [_seconds(self._beat)]

    def _beat(self) -> None:
        from operations import lifecycle

        assert lifecycle.heartbeat(self.operation_id, 1, progress=PROGRESS | {"epoch": self.epoch})

    def _end_epoch(self) -> None:
        from training.attempt.journal import Measured

        self.journal.add(Measured(step=self.epoch, values=METRICS))
        self.journal.write_down()
        self.epoch += 1
        if self.epoch % EPOCHS_PER_CHECKPOINT == 0:
            self._commit_checkpoint()

    def _commit_checkpoint(self) -> None:
        from checkpoints import store
        from operations import lifecycle, restore_point
        from operations.models import EventType

        with lifecycle.fenced(self.operation_id, 1, EventType.CHECKPOINT_SAVED) as event:
            checkpoint = store.commit(self._staged(), keep=2, metrics={"val_loss": 0.98})
            event.update(restore_point.describe(checkpoint), size_bytes=checkpoint.size_bytes)

    def _staged(self) -> Any:
        """Rows as of a real save, of files that nobody wrote."""
        from checkpoints.models import CheckpointType
        from checkpoints.staging import StagedArtifact, StagedCheckpoint

        directory = f"checkpoints/{self.operation_id}-{self.epoch}-{secrets.token_hex(4)}"
        names = ("model.pt", "optimizer.pt", "scheduler.pt", "best_model.pt", "trainer_state.pt")
        return StagedCheckpoint(
            operation_id=self.operation_id,
            attempt=1,
            epoch=self.epoch,
            batch=0,
            checkpoint_type=CheckpointType.PERIODIC,
            directory=directory,
            artifacts=tuple(
                StagedArtifact(
                    name=name, path=f"{directory}/{name}", size_bytes=9000, sha256="0" * 64
                )
                for name in names
            ),
        )


@dataclass(kw_only=True)
class Played:
    """What some players did."""

    looks: int = 0
    late: int = 0
    """Looks that began more than a second behind the clock."""
    beats: list[float] = field(default_factory=list)
    """Seconds that each heartbeat took."""


def play(operation_ids: list[str], *, seconds: float) -> Played:
    """Let operations live for so many seconds of theirs, on this thread, in the order of time."""
    from django.db import connections

    from training.attempt.journal import Journal

    players = [Player(operation_id=pk, journal=Journal(pk, 1)) for pk in operation_ids]
    order = [(LOOK_SECONDS * index / len(players), index) for index in range(len(players))]
    for due, index in order:
        players[index].beat_at = due + BEAT_SECONDS * index / len(players)
        players[index].trained_at = due + EPOCH_SECONDS * index / len(players)
        players[index].logged_at = due + BEAT_SECONDS * index / len(players)
    heapq.heapify(order)
    played, began = Played(), time.monotonic()
    while order[0][0] < seconds:
        due, index = order[0]
        behind = time.monotonic() - began - due
        if behind < 0:
            time.sleep(-behind)
        played.late += behind > LOOK_SECONDS
        played.looks += 1
        played.beats += players[index].look(due)
        heapq.heapreplace(order, (due + LOOK_SECONDS, index))
    connections.close_all()
    return played


def play_in_threads(operation_ids: list[str], seconds: float) -> list[Played]:
    """In this process, which has been forked without any connection."""
    shares = [share for n in range(THREADS) if (share := operation_ids[n::THREADS])]
    with ThreadPoolExecutor(len(shares)) as threads:
        return list(threads.map(lambda share: play(share, seconds=seconds), shares))


def _seconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
