"""Answers as they look, for the description. A test holds them to its shapes."""

from typing import Any

ID = "op_training_20261122_020000_1a2b3c4d"

LATEST_CHECKPOINT: dict[str, Any] = {
    "id": 7,
    "checkpoint_type": "cancellation",
    "attempt": 1,
    "epoch": 12,
    "batch": 3,
    "size_bytes": 61440,
    "created_at": "2026-11-22T02:00:41.120000Z",
    "verified_at": None,
}

OPERATION: dict[str, Any] = {
    "operation_id": ID,
    "operation_type": "training",
    "name": "sp500_daily",
    "status": "cancelled",
    "owner": "ada",
    "parent_id": None,
    "lineage": ID,
    "note": "Best so far on the older half.",
    "tags": ["candidate"],
    "labels": {"strategy": ["sp500_daily"], "symbol": ["SP500"], "tag": ["candidate"]},
    "figures": {},
    "part_of": None,
    "part_number": None,
    "part_value": "",
    "part_end": "",
    "hold_at": None,
    "held_at": None,
    "parts": None,
    "open_parts": None,
    "queue": "training",
    "created_at": "2026-11-22T02:00:00.000000Z",
    "started_at": "2026-11-22T02:00:01.250000Z",
    "completed_at": "2026-11-22T02:00:41.150000Z",
    "duration": 39.9,
    "cancel_requested_at": "2026-11-22T02:00:41.010000Z",
    "cancel_reason": "enough for today",
    "attempt": 1,
    "worker": "worker-1",
    "heartbeat_at": "2026-11-22T02:00:41.000000Z",
    "restarts": 0,
    "max_restarts": 3,
    "phase": None,
    "progress": {
        "percent": 32.6,
        "epoch": 12,
        "total_epochs": 40,
        "batch": 3,
        "total_batches": 50,
        "eta_seconds": 81.4,
        "samples_per_second": 5210.0,
        "train_loss": 0.912,
        "val_loss": 0.934,
        "learning_rate": 0.001,
        "step": None,
        "save_error": None,
    },
    "latest_checkpoint": LATEST_CHECKPOINT,
    "resumable": True,
    "allowed_actions": ["resume", "restart"],
    "error": None,
}

ATTEMPT: dict[str, Any] = {
    "number": 1,
    "worker": "worker-1",
    "device": "cpu",
    "created_at": "2026-11-22T02:00:00.000000Z",
    "claimed_at": "2026-11-22T02:00:01.250000Z",
    "ended_at": "2026-11-22T02:00:41.150000Z",
    "outcome": "cancelled",
    "resumed_from": None,
    "exact": True,
    "differences": [],
    "replayed_epochs": 0,
    "replay_verified": None,
    "error": None,
}

WHOLE_OPERATION: dict[str, Any] = {
    **OPERATION,
    "attempts": [ATTEMPT],
    "request": {"device": "auto", "priority": "normal", "strategy": {"name": "sp500_daily"}},
    "pinned": {"device": "cpu", "threads": 1},
    "result": None,
    "warnings": [],
}

ACCEPTED: dict[str, Any] = {
    **WHOLE_OPERATION,
    "status": "pending",
    "started_at": None,
    "completed_at": None,
    "cancel_requested_at": None,
    "cancel_reason": "",
    "worker": "",
    "heartbeat_at": None,
    "phase": "waiting for a worker",
    "progress": dict.fromkeys(OPERATION["progress"]),
    "latest_checkpoint": None,
    "resumable": False,
    "allowed_actions": ["cancel", "restart"],
    "attempts": [
        {**ATTEMPT, "worker": "", "device": "", "claimed_at": None, "ended_at": None}
        | {"outcome": "", "exact": None}
    ],
    "pinned": {},
}

CANCELLED: dict[str, Any] = {"operation_id": ID, "status": "running"}

DESCRIBED: dict[str, Any] = {
    "operation_id": ID,
    "tags": ["candidate"],
    "note": "Best so far on the older half.",
}

RESUMED: dict[str, Any] = {
    "operation_id": ID,
    "attempt": 2,
    "status": "running",
    "resumed_from": {
        "checkpoint_id": 7,
        "checkpoint_type": "cancellation",
        "created_at": "2026-11-22T02:00:41.120000+00:00",
        "epoch": 12,
        "batch": 3,
    },
}

CHECKPOINT: dict[str, Any] = {
    **LATEST_CHECKPOINT,
    "operation_id": ID,
    "quarantined_at": None,
    "quarantine_reason": "",
    "metrics": {"val_loss": 0.934},
    "artifacts": [{"name": "model.pt", "size_bytes": 20480, "sha256": "9f86d081" * 8}],
}

PRUNED: dict[str, Any] = {
    "dry_run": False,
    "pruned": [
        {key: CHECKPOINT[key] for key in LATEST_CHECKPOINT if key != "verified_at"}
        | {"operation_id": ID}
    ],
    "orphans": [f"checkpoints/{ID}-a1-e9-b0-1a2b3c4d"],
}

STORED: dict[str, Any] = {
    "total": {"count": 2, "size_bytes": 122880},
    "by_type": {
        "cancellation": {"count": 1, "size_bytes": 61440},
        "periodic": {"count": 1, "size_bytes": 61440},
    },
    "quarantined": {"count": 0, "size_bytes": 0},
}

VERIFIED: dict[str, Any] = {"id": 7, "operation_id": ID, "verdict": "whole", "reason": ""}

METRIC: dict[str, Any] = {
    "epoch": 12,
    "attempt": 1,
    "created_at": "2026-11-22T02:00:40.900000Z",
    "values": {"train_loss": 0.912, "val_loss": 0.934, "learning_rate": 0.001},
}

EVENT: dict[str, Any] = {
    "number": 9,
    "event_type": "cancelled",
    "attempt": 1,
    "created_at": "2026-11-22T02:00:41.150000Z",
    "actor_kind": "token",
    "actor_name": "anna (ktrdr_9fKc…)",
    "data": {},
}

LOG: dict[str, Any] = {
    "attempt": 1,
    "text": "2026-11-22T02:00:12Z INFO epoch 4 of 40: train_loss 0.99, val_loss 1.01, 0.8 s\n",
    "left_out_bytes": 0,
    "updated_at": "2026-11-22T02:00:12.500000Z",
}

WORKER: dict[str, Any] = {
    "name": "worker-1",
    "host": "laptop",
    "pid": 4711,
    "started_at": "2026-11-22T01:58:00.000000Z",
    "beat_at": "2026-11-22T02:00:40.000000Z",
    "details": {"device": "cpu", "queues": ["training-high", "training", "training-low"]},
    "operation_id": None,
}
