"""Ask for a model's account while a page waits: in the room for bounded work."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations.bounded.visit import Visit
from training.bounded_work import ACCOUNT, ACCOUNT_TABLE, BAR, PRICE
from training.models import TrainedModel
from training.trained.bounded_asking import ask_of

KEPT = 16
"""Answers of some 0.1 MB: the pictures of a page are of one account, which never changes."""

User = AbstractBaseUser | AnonymousUser

_kept: dict[str, Mapping[str, Any]] = {}
"""By id of the operation: no other one ever has it."""
_lock = Lock()


def ask_account(model: TrainedModel, *, user: User, visit: Visit) -> Mapping[str, Any]:
    """As `account_process.answer`. Raises `TooLargeHere`, and as `Room.run` and `account_of`."""
    with _lock:
        known = _kept.get(model.operation_id)
    if known is None:
        known = ask_of(model, ACCOUNT, user=user, visit=visit)
        with _lock:
            _kept[model.operation_id] = known
            while len(_kept) > KEPT:
                del _kept[next(iter(_kept))]
    return known


def ask_table(model: TrainedModel, table: str, *, user: User, visit: Visit) -> str:
    """CSV, whole; as `account_process.table`. Raises as `ask_account`."""
    text: str = ask_of(model, ACCOUNT_TABLE, {"table": table}, user=user, visit=visit)
    return text


def ask_price(
    model: TrainedModel,
    *,
    symbol: str | None,
    start: int | None,
    end: int | None,
    user: User,
    visit: Visit,
) -> Mapping[str, Any]:
    """As `price_process.price`. Raises as `ask_account`, and `InvalidInput`."""
    asked = {"symbol": symbol, "start": start, "end": end}
    found: Mapping[str, Any] = ask_of(model, PRICE, asked, user=user, visit=visit)
    return found


def ask_bar(
    model: TrainedModel, *, symbol: str | None, at: int, user: User, visit: Visit
) -> Mapping[str, Any]:
    """As `price_process.bar`. Raises as `ask_price`."""
    found: Mapping[str, Any] = ask_of(
        model, BAR, {"symbol": symbol, "at": at}, user=user, visit=visit
    )
    return found
