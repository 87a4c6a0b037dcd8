"""What a prediction does in its process. Free of torch."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from operations.bounded.work import Tell
from training.bounded_work import PREDICTION
from training.models import TrainedModel
from training.trained.allowance import Allowance
from training.trained.prediction import Forecast, forecast
from training.trained.stored_models import read_network

ALLOWANCE = Allowance(seconds=PREDICTION.seconds, memory_mb=PREDICTION.memory_mb)


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The forecast of `arguments["model_id"]` as plain JSON; the others are those of `forecast`.

    Raises `TooLargeHere`, and as `forecast` and `read_network`.
    """
    model = TrainedModel.objects.get(pk=arguments["model_id"])
    ALLOWANCE.require_memory(model)
    tell("reading the model")
    network = read_network(model)
    tell("deciding")
    return _as_json(
        forecast(
            network,
            symbol=arguments["symbol"],
            since=arguments["since"],
            limit=arguments["limit"],
            any_symbol=arguments["any_symbol"],
            before=partial(_require_time, network, model.pk),
        )
    )


def _require_time(network: Any, model_id: int, num_windows: int) -> None:
    ALLOWANCE.require_time(network, num_windows, model_id=model_id)


def _as_json(found: Forecast) -> dict[str, Any]:
    """As `training.trained.asking.Answer` reads it."""
    return {
        "shown": found.to_json(),
        "class_names": found.class_names,
        "next_time": found.next_time,
    }
