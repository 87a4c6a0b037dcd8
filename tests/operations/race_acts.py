"""What racers do: one call of the product each, answered in a word."""

import os
import secrets
import threading

from django.db import transaction

from operations import dispatch, lifecycle
from operations.decision import Decision
from operations.errors import DomainError, Superseded
from operations.lifecycle import Failure
from operations.resume import resume_operation
from operations.upkeep.sweeper import sweep
from training.explaining.start import start_importance
from training.models import Score, TrainedModel
from training.trained import ledger


def resume(operation_id: str) -> str:
    try:
        resume_operation(operation_id)
    except DomainError as error:
        return error.code
    return "resumed"


def claim(operation_id: str, attempt: int) -> str:
    worker = f"{os.getpid()}.{threading.get_ident()}"
    token = secrets.token_hex(8)
    won = lifecycle.claim(operation_id, attempt, worker=worker, device="cpu", token=token)
    return "claimed" if won else "-"


def request_cancel(operation_id: str) -> str:
    status = lifecycle.request_cancel(operation_id, reason="race")
    return {"cancelled": "cancelled at once", "running": "intent"}.get(status or "", "-")


def cancel_part(part_id: str, attempt: int) -> str:
    """By hand, and its worker answers at once."""
    if lifecycle.request_cancel(part_id, reason="race") is None:
        return "-"
    return cancel(part_id, attempt)


def force_cancel(operation_id: str, attempt: int) -> str:
    return "cancelled" if lifecycle.force_cancel(operation_id, attempt) else "-"


def cancel(operation_id: str, attempt: int) -> str:
    return "cancelled" if lifecycle.cancel(operation_id, attempt) else "-"


def complete(operation_id: str, attempt: int) -> str:
    try:
        with lifecycle.completing(operation_id, attempt, result={}):
            pass
    except Superseded:
        return "-"
    return "completed"


def fail(operation_id: str, attempt: int) -> str:
    won = lifecycle.fail(operation_id, attempt, Failure(code="race", message="lost the race"))
    return "failed" if won else "-"


def interrupt(operation_id: str, attempt: int) -> str:
    return "interrupted" if lifecycle.interrupt(operation_id, attempt) else "-"


def hold(part_id: str, attempt: int) -> str:
    return "held" if lifecycle.hold(part_id, attempt, value=(0.5).hex()) else "-"


def fail_as_result(part_id: str, attempt: int) -> str:
    failure = Failure(code="training_failed", message="It diverged.")
    return "failed" if lifecycle.fail(part_id, attempt, failure) else "-"


def park(family_id: str, attempt: int) -> str:
    return "parked" if lifecycle.park(family_id, attempt, Decision()) else "-"


def heartbeat(operation_id: str, attempt: int) -> str:
    return "alive" if lifecycle.heartbeat(operation_id, attempt, progress={}) else "-"


def ring(operation_id: str, attempt: int, after_ring: int) -> str:
    return "rung" if dispatch.ring(operation_id, attempt, after_ring=after_ring) else "-"


def look() -> str:
    swept = sweep(name=f"{os.getpid()}.{threading.get_ident()}")
    return f"recovered {swept.recovered}" if swept.recovered else "-"


def record_looks(*identities: str) -> str:
    """As two do that complete at once, and have looked at the same."""
    with transaction.atomic():
        ledger.record(_look(one) for one in identities)
    return "recorded"


def measure(model_id: int) -> str:
    return start_importance(TrainedModel.objects.get(pk=model_id)).pk


def complete_scored(operation_id: str, attempt: int, *identities: str) -> str:
    """As a family's completion does, whose windows have looked at what those of another have."""
    try:
        with lifecycle.completing(operation_id, attempt, result={}):
            ledger.record(_look(one) for one in identities)
    except Superseded:
        return "-"
    return "completed"


def _look(identity: str) -> Score:
    known = {"symbols": ["A", "B"], "timeframe": "1d", "first_time": 0, "end_time": 1}
    return Score(identity=identity, look=identity, operation_id="op", **known)
