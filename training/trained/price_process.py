"""What a model did on its bars, and what it saw on one of them: in a child. Free of torch."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from operations.bounded.work import Tell
from operations.errors import InvalidInput
from training.errors import TrainingBarsGone
from training.evaluation.decisions import NO_DECISION, decide
from training.evaluation.trades import Trade
from training.explaining.medians import medians_of
from training.explaining.one_bar import Seen, explain, inputs_of, values_of
from training.features.arrays import Float32Array
from training.features.history import History
from training.features.labels.labelling import label_bars
from training.features.matrix import FeatureColumns
from training.features.part_runs import part_rows, part_runs
from training.market_data.looking.candles import draw_candles
from training.models import TrainedModel
from training.strategy.values import CLASSES
from training.trained import windows
from training.trained.account import Account, Scored, account, matrix_of, scalings_of, scored
from training.trained.inputs import features_of

MOST_TRADES = 400
"""That are marked, as many as there are candles at most; of more none is."""


def price(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """
    The bars of `symbol` (None: the first) from `start` to `end`, Unix seconds, as candles; which
    part each belongs to, and what was decided, held and traded there.

    Raises `InvalidInput`, and as `scored`.
    """
    of, model = _scored(arguments, tell)
    number = _number(of, arguments["symbol"])
    history = of.histories[number]
    bars = history.bars[history.base]
    start, end = arguments["start"], arguments["end"]
    candles = draw_candles(
        bars, history.base, start=int(bars.times[0]) if start is None else start, end=end
    )
    made = account(of, model.evaluation["metrics"])
    first, last = (candles.times[0], candles.times[-1]) if candles.times else (0, 0)
    trades = [
        trade
        for trade in made.trades
        if trade.symbol == number and trade.exit_time >= first and trade.entry_time <= last
    ]
    return {
        "symbol": history.symbol,
        "symbols": list(made.symbols),
        "timeframe": history.base,
        "first": int(bars.times[0]),
        "last": int(bars.times[-1]),
        "of_stored": made.of_stored,
        "notes": list(made.notes),
        "candles": asdict(candles),
        "parts": list(part_runs(of.strategy, of.histories, number)),
        "decisions": _decisions(made, number, candles.times) if candles.bars_each == 1 else [],
        "trades": [asdict(trade) for trade in trades] if len(trades) <= MOST_TRADES else [],
        "num_trades": len(trades),
    }


def bar(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """
    What the network saw and said at the close of the bar of `symbol` that is open `at` a time, and
    what came of it.

    Raises `InvalidInput` where no row is, and as `scored`.
    """
    of, model = _scored(arguments, tell)
    number = _number(of, arguments["symbol"])
    history = of.histories[number]
    row = int(np.searchsorted(history.times, arguments["at"], side="right")) - 1
    if row < 0:
        raise InvalidInput(reason="The model has no row at that time: its first is later.")
    made = account(of, model.evaluation["metrics"])
    rows = history.rows
    time = int(history.times[row])
    held = _at(made, number, time)
    parts = part_rows(of.strategy, of.histories, number)
    return {
        "symbol": history.symbol,
        "timeframe": history.base,
        "time": time,
        "before": int(history.times[row - 1]) if row else None,
        "after": int(history.times[row + 1]) if row + 1 < len(history.times) else None,
        "prices": {
            name: float(getattr(rows, name)[row])
            for name in ("open", "high", "low", "close", "volume")
        },
        "part": next((name for name, own in parts if row in own), ""),
        **_said(of, model, number, row),
        "position": None if held is None else int(made.decided[number].positions[held]),
        "is_event": held is None or int(made.decided[number].decisions[held]) != NO_DECISION,
        "trade": _trade_at(made, number, history, row),
    }


def _scored(arguments: Mapping[str, Any], tell: Tell) -> tuple[Scored, TrainedModel]:
    model = TrainedModel.objects.select_related("operation").get(pk=arguments["model_id"])
    tell("deciding on the test part again")
    return scored(model), model


def _number(of: Scored, symbol: str | None) -> int:
    names = [history.symbol for history in of.histories]
    if symbol is not None and symbol not in names:
        raise InvalidInput(reason=f"The model was scored on {', '.join(names)}.")
    return names.index(symbol) if symbol is not None else 0


def _decisions(made: Account, number: int, times: Sequence[int]) -> list[str]:
    """Of each of these bars; empty where none was made."""
    own = made.decided[number]
    names = dict(zip(own.times.tolist(), own.decisions.tolist(), strict=True))
    classes = {NO_DECISION: "", **dict(enumerate(CLASSES))}
    return [classes[names.get(time, NO_DECISION)] for time in times]


def _at(made: Account, number: int, time: int) -> int | None:
    """Which of the bars that were decided on is of this time."""
    found = np.flatnonzero(made.decided[number].times == time)
    return int(found[0]) if found.size else None


def _said(of: Scored, model: TrainedModel, number: int, row: int) -> dict[str, Any]:
    """Inputs of a row, what the network says of the window that ends there, and why."""
    history = of.histories[number]
    features = features_of(of.strategy, of.network)
    columns = FeatureColumns(of.strategy, history, features)
    matrix = matrix_of(of.network, history, features, columns)
    window = of.network.manifest["sequence_length"]
    seen = Seen(
        features=features,
        window=matrix[max(0, row + 1 - window) : row + 1],
        values=values_of(features, columns, row),
        scalings=scalings_of(of.network, history, features),
    )
    return {
        "inputs": inputs_of(of.network, seen),
        "why": _why(of, model, history.symbol, seen) if len(seen.window) == window else None,
        "label": _label(of, history, row),
        **_output(of, matrix, number, row),
    }


def _why(of: Scored, model: TrainedModel, symbol: str, seen: Seen) -> dict[str, Any] | None:
    """What moved it there, by input; None where the bars of its training cannot tell."""
    try:
        medians = medians_of(model, of.network, seen.features, symbol)
    except TrainingBarsGone:
        return None
    return explain(of.network, of.strategy, seen, medians).to_json()


def _output(of: Scored, matrix: Float32Array, number: int, row: int) -> dict[str, Any]:
    """The very prediction that scored it, where there is one; else by the bundle's reader."""
    window, names = of.network.manifest["sequence_length"], of.network.manifest["class_names"]
    first = sum(own.times.size for own in of.histories[:number])
    place = int(np.searchsorted(of.trading.decided, first + row))
    if place < len(of.trading.decided) and of.trading.decided[place] == first + row:
        said = of.said[place : place + 1]
    elif row + 1 >= window:
        said = windows.outputs(of.network, matrix[row + 1 - window : row + 1], window)
    else:
        return {"probabilities": {}, "predicted_return": None, "decision": ""}
    decision = CLASSES[int(decide(of.strategy, said)[0])]
    if not names:
        return {"probabilities": {}, "predicted_return": float(said[0]), "decision": decision}
    values = dict(zip(names, said[0].tolist(), strict=True))
    return {"probabilities": values, "predicted_return": None, "decision": decision}


def _label(of: Scored, history: History, row: int) -> str | float | None:
    """What it would have been right to say; None where it is not known."""
    labels = label_bars(of.strategy.training.labels, history.bars[history.base])
    at = history.first_row + row
    if labels.end_rows[at] < 0:
        return None
    if of.network.manifest["class_names"]:
        return CLASSES[int(labels.values[at])]
    return float(labels.values[at])


def _trade_at(made: Account, number: int, history: History, row: int) -> dict[str, Any] | None:
    """The one that the position decided here belongs to."""
    if row + 1 >= len(history.times):
        return None
    filled = int(history.times[row + 1])

    def covers(trade: Trade) -> bool:
        return trade.symbol == number and trade.entry_time <= filled < trade.exit_time

    found = next((trade for trade in made.trades if covers(trade)), None)
    return None if found is None else asdict(found)
