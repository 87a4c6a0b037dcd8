"""Trained models of real bars, and files of bars to predict from."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from tests.acceptance import trainings
from training.jobs import run_training
from training.market_data.bars import Bars
from training.models import TrainedModel

CLASSES = trainings.STRATEGY
ONE_DAY = "timeframes: {mode: single, timeframe: 1d}"
ONE_SYMBOL = "symbols: {mode: single, symbol: SP500}"
MLP = "model: {type: mlp, architecture: {hidden_layers: [32, 16], activation: relu, dropout: 0.1}}"
LSTM = CLASSES.replace(
    MLP, "model: {type: lstm, architecture: {sequence_length: 12, hidden_size: 6}}"
)
TWO_SYMBOLS = CLASSES.replace(ONE_SYMBOL, "symbols: {mode: multi_symbol, list: [SP500, NASDAQ]}")
WEEKS = CLASSES.replace(
    ONE_DAY, "timeframes: {mode: multi_timeframe, list: [1d, 1w], base_timeframe: 1d}"
)


def trained(text: str, *, epochs: int = 2) -> TrainedModel:
    operation = trainings.start(strategy_yaml=text, epochs=epochs)
    run_training(operation.pk, 1)
    return TrainedModel.objects.get(operation=operation)


def iso(time: int) -> str:
    """Unix seconds as a time with its offset."""
    return datetime.fromtimestamp(time, UTC).isoformat()


def write_csv(path: Path, bars: Bars) -> Path:
    """Days as dates, other times with their offset."""
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "open", "high", "low", "close", "volume"])
        for row, time in enumerate(bars.times.tolist()):
            text = iso(time).removesuffix("T00:00:00+00:00")
            writer.writerow([text, *(repr(float(column[row])) for column in columns)])
    return path
