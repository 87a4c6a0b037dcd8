"""Started operations and stored models, without the minutes of a training."""

from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.test import Client

from operations import places
from operations.models import Metric, Operation
from tests.asking.commands import manage as manage
from training.evaluation import returns
from training.launch.start import StartRequest, start_training
from training.models import FINAL_STATE, ModelArtifact, Score, TrainedModel
from training.trained import ledger
from training.trained.columns import columns, places_of

SCORES = {"accuracy": 0.4, "precision_buy": 0.5, "net_return": 0.12, "sharpe": 0.5}
STATE_DIGEST = "12" * 32
HELD = {"net_return": 0.25, "sharpe": 0.8}


def started(owner: User, **changes: Any) -> Operation:
    return start_training(StartRequest(strategy="sp500_daily", **changes), owner=owner)


def trained_epochs(operation: Operation, losses: list[float], *, attempt: int = 1) -> None:
    """As if an attempt had recorded these validation losses, from the first epoch on."""
    for epoch, loss in enumerate(losses):
        values = {"val_loss": loss, "train_loss": loss / 2}
        Metric.objects.create(operation=operation, attempt=attempt, step=epoch, values=values)
    Operation.objects.filter(pk=operation.pk).update(progress={"epoch": len(losses) - 1})


def scored(operation_id: str, *, look: str | None = None, **looked_at: Any) -> Score:
    """A line of the ledger: another one for each operation."""
    usual = {"symbols": ("SP500",), "timeframe": "1d"}
    usual |= {"first_time": 1462320000, "end_time": 1544832000}
    seed = int.from_bytes(operation_id.encode())
    earned = np.random.default_rng(seed).normal(0.0004, 0.01, 600)
    score = ledger.as_score(
        ledger.TestRange(**(usual | looked_at)),
        returns.to_bytes(np.arange(600), earned),
        operation_id=operation_id,
        look=look,
    )
    ledger.record([score])
    return score


def stored_model(operation: Operation, **metrics: Any) -> TrainedModel:
    """As if the operation had completed, its fourth epoch the best."""
    strategy = operation.request["strategy"]
    trained = {"best_epoch": 3, "history": {"val_loss": [1.5, 1.4, 1.3, 1.1, 1.2]}}
    of_lists = columns({"metrics": {**SCORES, **metrics}}, trained, strategy)
    Operation.objects.filter(pk=operation.pk).update(result={"state_digest": STATE_DIGEST})
    model = TrainedModel.objects.create(
        operation=operation,
        name=operation.name,
        size_bytes=10,
        weights_sha256="ab" * 32,
        evaluation={
            "samples": 6,
            "first_time": 1462320000,
            "last_time": 1544745600,
            "metrics": {**SCORES, **metrics},
            "buy_and_hold": HELD,
            "baselines": {"class_prior": {"accuracy": 0.3, "net_return": -0.1}},
            "confusion": [[3, 1, 0], [0, 1, 0], [0, 0, 1]],
            "equity_curve": {
                "times": [1462320000, 1544745600],
                "equity": [1.0, 1.12],
                "buy_and_hold": [1.0, 1.25],
            },
            "notes": ["The Sharpe ratio's standard error is large."],
        },
        strategy=strategy,
        **of_lists,
        score=scored(operation.pk),
        test_first_time=1462320000,
    )
    places.tell(operation.pk, places_of(model))
    for name in ("model.safetensors", FINAL_STATE + "optimizer.pt"):
        ModelArtifact.objects.create(
            trained_model=model, name=name, file=f"models/x/{name}", size_bytes=5, sha256="cd" * 32
        )
    return model


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
