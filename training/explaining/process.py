"""What an explanation does in its process. Free of torch."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from operations.bounded.work import Tell
from operations.errors import InvalidInput
from training.explaining.medians import medians_of
from training.explaining.one_bar import Seen, explain, values_of
from training.market_data.report import as_text
from training.models import TrainedModel
from training.trained.inputs import Inputs, read_inputs
from training.trained.notes import Note
from training.trained.stored_models import read_network


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Of `model_id`, `symbol` and `at`. Raises as `explained`."""
    model = TrainedModel.objects.select_related("operation").get(pk=arguments["model_id"])
    return explained(model, symbol=arguments["symbol"], at=arguments["at"])


def explained(model: TrainedModel, *, symbol: str | None, at: int) -> dict[str, Any]:
    """
    Of the stored bar that is open `at` a time, Unix seconds, or the last one before it; `symbol`
    may be left out of a model of one.

    Raises `InvalidInput`, and as `read_network`, `read_inputs`, `medians_of`.
    """
    network = read_network(model)
    inputs = read_inputs(network, symbol=symbol)
    history, window = inputs.history, network.manifest["sequence_length"]
    row = int(np.searchsorted(history.times, at, side="right")) - 1
    if row < window - 1:
        first = as_text(int(history.times[window - 1]))
        raise InvalidInput(reason=f"at: the first bar on which the model can decide is of {first}.")
    if not history.whole_windows(window)[row]:
        finer = f"no {' or '.join(history.missing)} bar had closed within the {history.base} before"
        raise InvalidInput(reason=f"at: {finer} its end, and the model decides nothing there.")
    rows = slice(row + 1 - window, row + 1)
    columns = inputs.columns(rows)
    matrix = inputs.matrix(columns, window)
    seen = Seen(
        features=inputs.features,
        window=matrix,
        values=values_of(inputs.features, columns, window - 1),
        scalings=inputs.knowledge.scalings(any_symbol=False),
    )
    medians = medians_of(model, network, inputs.features, inputs.symbol)
    told = explain(network, inputs.strategy, seen, medians)
    return {
        "symbol": inputs.symbol,
        "timeframe": inputs.strategy.base_timeframe,
        "time": as_text(int(history.times[row])),
        **told.to_json(),
        "notes": [note.to_json() for note in _notes(inputs, row)],
    }


def _notes(inputs: Inputs, row: int) -> Iterator[Note]:
    yield from inputs.supply.notes
    yield from inputs.knowledge.about_training_bars(inputs.supply)
    yield from inputs.knowledge.about_times(inputs.history, slice(row, row + 1))
