"""Ask why a model decided as it did, while somebody waits: in the room for bounded work."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations.bounded.visit import Visit
from training.bounded_work import EXPLANATION
from training.models import TrainedModel
from training.trained.bounded_asking import ask_of


def ask_why(
    model: TrainedModel,
    *,
    symbol: str | None,
    at: int,
    user: AbstractBaseUser | AnonymousUser,
    visit: Visit,
) -> Mapping[str, Any]:
    """As `process.explained`. Raises `TooLargeHere`, and as `Room.run` and that function."""
    asked = {"symbol": symbol, "at": at}
    found: Mapping[str, Any] = ask_of(
        model, EXPLANATION, asked, user=user, visit=visit, command="explain {model_id}"
    )
    return found
