"""Enter the models that are there into the ledger: by their weights, for their returns are in files.

The moments of their returns were not kept. Where the stored curve has every period, which it has up
to 399, the ratio of one return and their number follow from it; what else there is, is left out.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any

from django.db import migrations

BATCH = 500
POINTS = 400
YEAR = 365.25 * 86_400


def fill(apps: Any, schema_editor: Any) -> None:
    trained = apps.get_model("training", "TrainedModel")
    columns = (
        *("pk", "operation_id", "operation__owner__username", "created_at", "weights_sha256"),
        *("test_symbols", "test_first_time", "test_end_time", "strategy__training_data__timeframes"),
        *("evaluation__equity_curve__times", "evaluation__metrics__sharpe"),
    )
    known = trained.objects.filter(test_symbols__isnull=False)
    for batch in _batches(known.values_list(*columns)):
        _enter(apps, dict(_score(*row) for row in batch))


def _enter(apps: Any, scores: dict[int, dict[str, Any]]) -> None:
    """By key of a model. In the order of their identities, as whoever writes several does."""
    score, by_symbol = (apps.get_model("training", name) for name in ("Score", "ScoredSymbol"))
    rows = {told["identity"]: told for told in scores.values()}
    ordered = [rows[identity] for identity in sorted(rows)]
    score.objects.bulk_create([score(**told) for told in ordered], ignore_conflicts=True)
    by_symbol.objects.bulk_create(
        [
            by_symbol(
                score_id=told["identity"],
                symbol=symbol,
                **{name: told[name] for name in ("timeframe", "first_time", "end_time")},
            )
            for told in ordered
            for symbol in told["symbols"]
        ],
        ignore_conflicts=True,
    )
    trained = apps.get_model("training", "TrainedModel")
    models = [trained(pk=key, score_id=told["identity"]) for key, told in scores.items()]
    trained.objects.bulk_update(models, ["score"])


def _score(
    key: int,
    operation_id: str,
    owner: str | None,
    made: Any,
    weights: str,
    symbols: list[str],
    first: int,
    end: int,
    timeframes: dict[str, Any],
    times: Any,
    sharpe: Any,
) -> tuple[int, dict[str, Any]]:
    base = timeframes.get("base_timeframe") or timeframes["timeframe"]
    told = [symbols, base, first, end, weights]
    identity = hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()
    return key, {
        "identity": identity,
        "operation_id": operation_id,
        "owner_name": owner or "",
        "symbols": symbols,
        "timeframe": base,
        "first_time": first,
        "end_time": end,
        "scored_at": made,
        **_of_a_return(times, sharpe),
    }


def _of_a_return(times: Any, sharpe: Any) -> dict[str, Any]:
    if not isinstance(times, list) or not 2 <= len(times) < POINTS:
        return {}
    if not isinstance(sharpe, float | int) or times[-1] <= times[0]:
        return {}
    per_year = (len(times) - 1) / ((times[-1] - times[0]) / YEAR)
    return {"num_returns": len(times), "sharpe": sharpe / math.sqrt(per_year)}


def _batches(rows: Any) -> Iterator[list[Any]]:
    """By their key, which is the first column: no cursor stays open while rows are written."""
    batch = list(rows.order_by("pk")[:BATCH])
    while batch:
        yield batch
        batch = list(rows.order_by("pk").filter(pk__gt=batch[-1][0])[:BATCH])


class Migration(migrations.Migration):
    dependencies = [("training", "0010_ledger"), ("operations", "0012_families")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
