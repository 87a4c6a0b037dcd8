"""Ask a model while a page or a program waits: in the room for bounded work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations.bounded.errors import OverLimit
from operations.bounded.visit import Visit
from training.bounded_work import PREDICTION, ROOM
from training.errors import TooLargeHere
from training.models import TrainedModel


@dataclass(frozen=True, kw_only=True)
class Answer:
    shown: Mapping[str, Any]
    """A forecast's `to_json`."""
    class_names: tuple[str, ...]
    """By class number; empty for a regression."""
    next_time: int | None
    """The first bar that the limit left out, Unix seconds."""


def ask(
    model: TrainedModel,
    *,
    user: AbstractBaseUser | AnonymousUser,
    visit: Visit,
    symbol: str | None = None,
    since: str | None = None,
    any_symbol: bool = False,
    limit: int,
) -> Answer:
    """What the model decides, as `training.trained.prediction.forecast` says it.

    A user's predictions wait for each other. Raises `TooLargeHere`, and as `Room.run`, `forecast`
    and `read_network`.
    """
    asked = {
        "model_id": model.pk,
        "symbol": symbol,
        "since": since,
        "any_symbol": any_symbol,
        "limit": limit,
    }
    try:
        found = ROOM.run(PREDICTION, asked, user=user.pk, visit=visit)
    except OverLimit as error:
        raise TooLargeHere(reason=f"Here {error.reason}.", model_id=model.pk) from error
    return Answer(**{**found, "class_names": tuple(found["class_names"])})
