"""What may help after a training that failed: said with its operation's id."""

from checkpoints.models import Checkpoint
from operations.errors import pasteable
from operations.reading.words import done_words
from training.launch.changes import START_AGAIN
from training.trainer.state import Position, Snapshot

DIVERGED = 2.0
"""Times the best epoch's training loss: nothing that goes on from there comes back by itself."""


def after_failure(operation_id: str, last_good: Snapshot) -> str:
    """Whether to go on from the last good state, and if not, why."""
    losses = _training_losses(last_good)
    if last_good.position.epoch < 0:
        return f"No epoch was finished before it. {START_AGAIN}"
    if losses[-1] > DIVERGED * min(losses) and losses[-1] > losses[0]:
        return (
            f"Its newest finite state has diverged: the training loss there is {losses[-1]:.4g}, "
            f"after its best epoch it was {min(losses):.4g}. {START_AGAIN}"
        )
    return pasteable(
        "The last good state is kept: go on from it with other settings, such as "
        f"`manage.py fork_operation {operation_id} --set training.learning_rate=1e-4`."
    )


def after_lost_save(stopped: Position, newest: Checkpoint | None, reason: str) -> str:
    """What a cancel lost whose save failed, and from where it can go on."""
    there = (
        f"it goes on after {done_words(newest.epoch, newest.batch)}, from its newest checkpoint"
        if newest
        else "it has no checkpoint to go on from"
    )
    done = done_words(stopped.epoch, stopped.batch)
    return f"It stopped after {done}, and could not save them ({reason.rstrip('.')}): {there}."


def _training_losses(state: Snapshot) -> list[float]:
    """The mean of each finished epoch, then of the batches of the one under way."""
    under_way = state.parts["losses"]["values"]
    now = [float(under_way.double().mean())] if len(under_way) else []
    return state.history.get("train_loss", []) + now
