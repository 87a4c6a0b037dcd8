"""What starting a training again takes over, and what is another than then. Free of torch."""

from collections.abc import Iterator, Mapping
from typing import Any

from operations.models import Operation
from training.launch.request import TrainingRequest, rows_version_of
from training.version import ROWS_VERSION

ANEW = "anew"


def plan_restart(operation: Operation, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Parts, and what becomes of each, of a request that `restart_request` has made."""
    then, now = TrainingRequest.of(operation), TrainingRequest.from_json(request)
    seed = now.strategy["training"]["seed"]
    yield "strategy and settings", "the same"
    yield "seed", f"the same, {seed}"
    yield "bars", _bars(then.data, now.data)
    version = rows_version_of(operation, then, current=ROWS_VERSION)
    yield "rows", "the same" if version == ROWS_VERSION else "others: this version makes them anew"
    if then.origin is None:
        yield "weights", f"{ANEW}, as the seed draws them"
    else:
        yield "weights", f"{ANEW}, as the seed draws them: not those that it went on from"
    yield "optimizer, history, checkpoints", ANEW


def _bars(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    others = sorted(name for name in {*then, *now} if then.get(name) != now.get(name))
    if not others:
        return f"the same: {', '.join(sorted(now))}"
    return f"others than then: {', '.join(others)}; the result will be another one"
