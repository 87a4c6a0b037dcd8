"""Ask what the bars make of a model's fuzzy sets while a page waits: in the bounded room."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations.bounded.errors import OverLimit
from operations.bounded.visit import Visit
from training.bounded_work import ROOM, SETS
from training.errors import TooLargeHere
from training.launch.preview import SetsOverBars
from training.models import TrainedModel


@dataclass(frozen=True, kw_only=True)
class ModelSets:
    fuzzy_sets: tuple[SetsOverBars, ...]
    are_its_bars: bool
    """Whether the bars are those that it was trained on: else they are today's."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        found = tuple(SetsOverBars.from_json(given) for given in data["fuzzy_sets"])
        return cls(fuzzy_sets=found, are_its_bars=data["are_its_bars"])


def ask_sets(
    model: TrainedModel, *, user: AbstractBaseUser | AnonymousUser, visit: Visit
) -> ModelSets:
    """Raises `TooLargeHere`, and as `Room.run` and `load_histories`."""
    try:
        found = ROOM.run(SETS, {"model_id": model.pk}, user=user.pk, visit=visit)
    except OverLimit as error:
        raise TooLargeHere(reason=f"Here {error.reason}.", model_id=model.pk) from error
    return ModelSets.from_json(found)
