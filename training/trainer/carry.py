"""Extend and fork: the state of one training as the beginning of another."""

from collections.abc import Sequence
from typing import Any

import torch

from training.launch.carry_plan import CarryPlan, Fate
from training.strategy import Strategy
from training.trainer.best_model import BestModel
from training.trainer.early_stopping import EarlyStopping
from training.trainer.schedules import Cycle, make_schedule
from training.trainer.state import Snapshot, State

MOVES = "sets.moves"


def carry(snapshot: Snapshot, plan: CarryPlan, now: Strategy) -> Snapshot:
    """The snapshot that a training by `now` starts from.

    Raises ValueError when it already has as many epochs as `now` asks for.
    """
    done = snapshot.position.epoch + 1
    if done >= now.training.epochs:
        raise ValueError(
            f"{done} epochs are done: ask for more than that, not {now.training.epochs}"
        )
    parts = dict(snapshot.parts)
    if plan.optimizer is Fate.RESET:
        parts["optimizer"] = {}
    if plan.moves is not None:
        parts["model"] = _with_moves(parts["model"], plan.moves)
    if plan.schedule is not Fate.CARRIED:
        parts["scheduler"] = _schedule_from(now, first_epoch=done)
    if plan.best_model is Fate.RESET:
        best = BestModel(monitor=now.training.monitored)
        parts["best_model"], parts["best"] = {}, best.state_dict()
    if plan.early_stopping is Fate.RESET:
        parts["early_stopping"] = EarlyStopping(now).state_dict()
    if parts["early_stopping"]["stopped"]:
        parts["early_stopping"] = _patient_again(parts["early_stopping"])
    if plan.epoch_under_way is Fate.RESET:
        parts["position"] = {"epoch": snapshot.position.epoch, "batch": 0}
        parts["losses"] = {"values": parts["losses"]["values"][:0]}
    return Snapshot(parts=parts)


def _with_moves(model: State, moves: Sequence[tuple[int | None, int]]) -> State:
    """The weights with the moves of other fuzzy sets before them."""
    layers = {name: tensor for name, tensor in model.items() if name != MOVES}
    if not moves:
        return layers
    known = model.get(MOVES)
    parts = [
        torch.zeros(count) if start is None or known is None else known[start : start + count]
        for start, count in moves
    ]
    return {MOVES: torch.cat(parts), **layers}


def _schedule_from(strategy: Strategy, *, first_epoch: int) -> dict[str, Any]:
    schedule = make_schedule(strategy, num_batches=1)  # which is no part of its state
    if isinstance(schedule, Cycle):
        schedule.first_epoch = first_epoch
        schedule.epochs = strategy.training.epochs - first_epoch
    return schedule.state_dict()


def _patient_again(state: State) -> State:
    return {**state, "bad_epochs": 0, "stopped": False}
