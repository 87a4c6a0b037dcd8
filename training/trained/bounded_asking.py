"""Ask something of a model while a page waits: in the room for bounded work."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations.bounded.errors import OverLimit
from operations.bounded.visit import Visit
from operations.bounded.work import Work
from training.bounded_work import ROOM
from training.errors import AnswerTooLarge
from training.models import TrainedModel

ALONE: Mapping[str, Any] = MappingProxyType({})


def ask_of(
    model: TrainedModel,
    work: Work,
    asked: Mapping[str, Any] = ALONE,
    *,
    user: AbstractBaseUser | AnonymousUser,
    visit: Visit,
    command: str = "export {operation_id} --to csv",
) -> Any:
    """What the work's function answers, given this and `model_id`.

    `command` tells the same without limits. Raises `TooLargeHere`, and as `Room.run` and that
    function.
    """
    try:
        return ROOM.run(work, {**asked, "model_id": model.pk}, user=user.pk, visit=visit)
    except OverLimit as error:
        named = command.format(operation_id=model.operation_id, model_id=model.pk)
        raise AnswerTooLarge(reason=f"Here {error.reason}.", command=named) from error
