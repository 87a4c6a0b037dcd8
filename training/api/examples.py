"""Answers as they look, for the description. A test holds them to its shapes."""

from typing import Any

from operations.api.examples import ACCEPTED, ID

STRATEGY: dict[str, Any] = {
    "name": "sp500_daily",
    "description": "RSI, MACD and Bollinger position of the daily S&P 500.",
    "symbols": ["SP500"],
    "timeframes": ["1d"],
    "model": "mlp",
    "epochs": 40,
}

WHOLE_STRATEGY: dict[str, Any] = {
    **STRATEGY,
    "yaml": "name: sp500_daily\n…",
    "strategy": {"name": "sp500_daily", "training": {"epochs": 40, "seed": 42}},
}

BRANCHED: dict[str, Any] = {
    **ACCEPTED,
    "parent_id": ID,
    "carried_over": [{"part": "weights", "fate": "carried"}],
}

VALIDATION: dict[str, Any] = {
    "valid": False,
    "faults": [
        {
            "path": "training.epochs",
            "pointer": "#/training/epochs",
            "line": 31,
            "message": "must be 1 or more",
        }
    ],
    "warnings": [],
}

START: dict[str, Any] = {"strategy": "sp500_daily", "epochs": 100, "seed": 7, "name": "a hundred"}
SWEEP: dict[str, Any] = {
    "strategy": "sp500_daily",
    "epochs": 90,
    "space_yaml": "training.learning_rate: {log: [1e-4, 1e-2]}\n",
    "trials": 27,
    "rungs": [10, 30, 90],
}
WALK_FORWARD: dict[str, Any] = {
    "strategy": "sp500_daily",
    "epochs": 100,
    "train": "5y",
    "test": "1y",
}
CROSS_VALIDATION: dict[str, Any] = {
    "strategy": "sp500_daily",
    "epochs": 100,
    "groups": 6,
    "test_groups": 2,
    "embargo": 10,
}

LEDGER_LINE: dict[str, Any] = {
    "identity": "5f0c0f6f6d7c7f1c3b6b0c6a7e9b2f4d5f0c0f6f6d7c7f1c3b6b0c6a7e9b2f4d",
    "symbols": ["SP500"],
    "timeframe": "1d",
    "first_time": 1462320000,
    "end_time": 1546300800,
    "num_returns": 668,
    "sharpe": 0.031,
    "skewness": -0.4,
    "kurtosis": 7.2,
    "look": "5f0c0f6f6d7c7f1c3b6b0c6a7e9b2f4d5f0c0f6f6d7c7f1c3b6b0c6a7e9b2f4d",
    "times_scored": 1,
    "deflated_sharpe": 0.787,
    "minimum_track_record": 11.3,
    "operation_id": ID,
    "owner": "ada",
    "scored_at": "2026-11-22T02:03:00.000000Z",
}
MODEL: dict[str, Any] = {
    "id": 3,
    "operation_id": ID,
    "part_of": None,
    "name": "sp500_daily",
    "created_at": "2026-11-22T02:03:00.000000Z",
    "size_bytes": 20480,
    "weights_sha256": "9f86d081" * 8,
    "state_digest": "60303ae2" * 8,
    "metrics": {"accuracy": 0.41},
    "times_scored": 3,
    "seen_test": "",
    "training": {
        "best_epoch": 31,
        "epochs_trained": 40,
        "seed": 42,
        "learning_rate": 0.001,
        "data_from": "2006-01-03",
        "data_to": "2025-12-30",
        "warning": None,
    },
    "strategy": {"name": "sp500_daily"},
}

WHOLE_MODEL: dict[str, Any] = {
    **MODEL,
    "evaluation": {"metrics": {"accuracy": 0.41}},
    "artifacts": [{"name": "model.safetensors", "size_bytes": 10240, "sha256": "9f86d081" * 8}],
}

PREDICTIONS: dict[str, Any] = {
    "symbol": "SP500",
    "timeframe": "1d",
    "test_since": "2023-01-03",
    "notes": [
        {
            "code": "outside_fitted_range",
            "text": "Values lie outside the range of the training rows: 1d_width_raw on 20% of "
            "the bars.",
        }
    ],
    "predictions": [
        {
            "time": "2025-12-30",
            "decision": "hold",
            "position": 0,
            "is_event": True,
            "is_fitted": False,
            "probabilities": {"buy": 0.31, "hold": 0.42, "sell": 0.27},
        }
    ],
}

EXPLANATION: dict[str, Any] = {
    "symbol": "SP500",
    "timeframe": "1d",
    "time": "2018-11-05",
    "decision": "buy",
    "output": {"buy": 0.45, "hold": 0.3, "sell": 0.25},
    "at_medians": {"buy": 0.34, "hold": 0.36, "sell": 0.3},
    "changes": [
        {
            "group": "1d_rsi",
            "values": [{"name": "1d_rsi", "value": 31.5, "median": 54.2}],
            "change": {"buy": 0.12, "hold": -0.07, "sell": -0.05},
        }
    ],
    "together": {"buy": -0.01, "hold": 0.01, "sell": 0.0},
    "rules": [],
    "inputs": [
        {
            "id": "1d_momentum_low",
            "of": "rsi",
            "value": 31.5,
            "input": 0.85,
            "is_membership": True,
        }
    ],
    "rows": 1,
    "notes": [],
}

IMPORTANCE: dict[str, Any] = {
    "operation_id": "op_analysis_20261121_101500_1a2b3c4d",
    "status": "completed",
    "importance": {
        "model_id": 7,
        "part": "validation",
        "measure": "cross-entropy",
        "loss": 1.0312,
        "rows": 1320,
        "blocks": 132,
        "block_bars": 10,
        "repeats": 30,
        "seed": 42,
        "groups": [
            {"group": "1d_atr_14", "rise": 0.031, "standard_error": 0.006, "changed": 0.21},
            {"group": "1d_rsi_14", "rise": -0.001, "standard_error": 0.002, "changed": 0.04},
        ],
        "notes": [],
    },
}

FUZZY_SET_NUMBERS: dict[str, Any] = {
    "id": "1d_momentum",
    "of": "1d_rsi_14",
    "is_learned": True,
    "memberships": [
        {
            "name": "low",
            "type": "trapezoidal",
            "before": [0.0, 30.0, 30.0, 50.0],
            "after": [1.2, 31.4, 31.4, 48.8],
        }
    ],
}

RULE: dict[str, Any] = {
    "rule": "IF momentum is oversold AND trend is rising THEN buy 0.71 hold 0.22 sell 0.07",
    "premises": ["momentum is oversold", "trend is rising"],
    "is_otherwise": False,
    "outputs": {"buy": 0.71, "hold": 0.22, "sell": 0.07},
    "fires": 0.18,
    "decides": 0.11,
}

MEMBERSHIPS: dict[str, Any] = {
    "time": "2025-12-30T00:00:00Z",
    "symbol": "SP500",
    "rsi@1d": 31.5,
    "1d_momentum_low": 0.85,
    "1d_momentum_high": 0.0,
}

FEATURES: dict[str, Any] = {**MEMBERSHIPS, "width@1d": 0.031, "1d_width_raw": -0.42}

EQUITY: dict[str, Any] = {
    "time": "2025-12-30T00:00:00Z",
    "return": -0.0021,
    "equity": 1.118,
    "drawdown": 0.034,
    "buy_and_hold": 1.22,
}

TRADE: dict[str, Any] = {
    "symbol": "SP500",
    "side": "long",
    "entry_time": "2025-12-01T00:00:00Z",
    "exit_time": "2025-12-09T00:00:00Z",
    "entry_price": 6801.5,
    "exit_price": 6850.25,
    "bars": 6,
    "gross_return": 0.0072,
    "costs": 0.0005,
    "net_return": 0.0067,
}

DATA: dict[str, Any] = {
    "symbol": "SP500",
    "timeframe": "1d",
    "fingerprint": "9f86d081" * 8,
    "is_sample": True,
    "rows": 5031,
    "first": "2006-01-03",
    "last": "2025-12-30",
    "num_gaps": 0,
    "gaps": [],
    "duplicates_removed": 0,
    "rows_moved": 0,
    "day_ends": 0,
    "day_closes": 0,
    "first_written": None,
    "last_written": None,
    "reading": None,
    "notes": [],
}

BAR: dict[str, Any] = {
    "time": "2025-12-30T00:00:00Z",
    "open": 6901.5,
    "high": 6921.25,
    "low": 6893.0,
    "close": 6905.75,
    "volume": 2513840000.0,
}

IMPORT: dict[str, Any] = {
    "number": 3,
    "kind": "append",
    "symbol": "ACME",
    "timeframe": "1d",
    "fingerprint": "9f86d081" * 8,
    "rows": 5031,
    "words": ["21 bars after 2025-11-28, to 2025-12-30"],
    "based_on": 2,
    "back_to": None,
    "is_kept": True,
    "by": "anna",
    "at": "2026-11-22T02:03:00.000000Z",
}
UNDO: dict[str, Any] = {
    "number": 4,
    "kind": "undo",
    "rows": 5010,
    "words": ["back to the 5010 bars of import 2"],
    "based_on": 1,
    "back_to": 2,
}

UPLOAD: dict[str, Any] = {
    "id": "3ZqV0c1nQfS8v0Yx2m7P4A",
    "name": "prices.csv",
    "size_bytes": 314159,
    "created_at": "2026-11-22T02:03:00.000000Z",
    "expires_at": "2026-11-22T03:03:00.000000Z",
    "status": "received",
    "step": None,
    "problem": None,
    "imported": None,
}

UPLOAD_PREVIEW: dict[str, Any] = {
    "report": {"rows": 5031, "first": "2006-01-03", "last": "2025-12-30", "num_gaps": 0},
    "fingerprint": "9f86d081" * 8,
    "rows": [BAR],
    "others": [{"option": "stamps", "value": "close", "last": "2025-12-29", **BAR}],
    "plan": {
        "kind": "append",
        "words": ["21 bars after 2025-11-28, to 2025-12-30"],
        "rows": 5031,
        "refused": None,
    },
}
