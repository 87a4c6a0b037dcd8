"""What a model's decisions on its test part came to: positions, trades, equity, bar by bar.

An evaluation keeps the totals, and a curve thinned for a chart. Here all of it is made again, from
the bars that the training stood on, with the rules that scored it: the totals are those numbers, to
the last digit, or a note says that they are not. Free of torch.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from operations.errors import DomainError
from training.errors import ScoredBarsGone
from training.evaluation.backtest import Backtest, drawdowns, grown
from training.evaluation.decisions import NO_DECISION, decide
from training.evaluation.fold_predictions import FILE, MODEL, FoldPredictions
from training.evaluation.trades import Trade, trades_of
from training.evaluation.trading import Trading
from training.features.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from training.features.assembly import load_histories
from training.features.dataset import Dataset
from training.features.history import History, data_fingerprints
from training.features.matrix import FeatureColumns
from training.features.normalization import Scaling
from training.features.plan import Feature
from training.features.splits import cut
from training.folds.stitching import Bars
from training.launch.request import TrainingRequest
from training.market_data.pinned import pinned_or_today
from training.models import TrainedModel
from training.strategy import Strategy
from training.trained import windows
from training.trained.bundle_reader import TrainedNetwork
from training.trained.inputs import features_of
from training.trained.stored_models import read_artifact, read_network

TOTALS = ("net_return", "max_drawdown", "trades", "turnover", "exposure", "costs", "ruined_at")
"""Of an evaluation's metrics, that have to come out the same."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """One symbol's bars of the test part."""

    symbol: str
    times: Int64Array
    """[bars]: opens of the bars at whose close it is decided, Unix seconds."""
    decisions: Int64Array
    """[bars]: class numbers; -1 on a bar that is no event."""
    outputs: Float64Array
    """[bars, classes]: probabilities, or of a regression [bars, 1]: returns; NaN where none is."""
    positions: Float64Array
    """[bars]: +1, 0 or -1, taken at the next bar's open; 0 after a ruin."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account that traded a test part."""

    symbols: tuple[str, ...]
    times: Int64Array
    """[periods]: when each begins, Unix seconds: positions are filled at its open."""
    returns: Float64Array
    """[periods]: net of costs, to the next open."""
    equity: Float64Array
    """[periods]: what 1 has become after each."""
    drawdown: Float64Array
    """[periods]: below the highest equity until then, as a fraction of it."""
    buy_and_hold: Float64Array
    """[periods]: what 1 has become that bought all symbols and held them, its costs paid too."""
    goes_on: BoolArray
    """[periods - 1]: whether some symbol's run goes on to the next; between runs lies no time."""
    trades: tuple[Trade, ...]
    """By entry."""
    decided: tuple[Decided, ...]
    """By symbol."""
    metrics: Mapping[str, Any]
    """Of what was traded, as `Backtest.metrics`."""
    of_stored: bool
    """Whether the predictions are those that scored it; else the bundle's reader made them anew."""
    notes: tuple[str, ...]
    """What differs from the numbers of its evaluation."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What a model was scored with, and what it said."""

    network: TrainedNetwork
    strategy: Strategy
    histories: tuple[History, ...]
    dataset: Dataset
    """The rows of all symbols, without features."""
    trading: Trading
    said: Float64Array
    """[decisions, classes], or [decisions] of a regression: of the rows `trading.decided`."""
    of_stored: bool
    """As `Account` has it."""


def scored(model: TrainedModel) -> Scored:
    """
    For a worker, a command, or the room for bounded work.

    Raises:
        ScoredBarsGone: its bars are no longer those that it was scored on.
        DomainError: as `load_bars`, `read_network`.
    """
    network = read_network(model)
    strategy = Strategy.from_snapshot(network.manifest["strategy"])
    histories = histories_of(model, network, strategy)
    bars = Bars(strategy, histories)
    part = cut([history.periods for history in histories], strategy.training.data_split)["test"]
    dataset = bars.dataset(part)
    trading = Trading(strategy, dataset, dataset.test_bars)
    stored = _stored(model, bars, trading.decided)
    said = stored if stored is not None else _predict(network, strategy, histories, trading.decided)
    return Scored(
        network=network,
        strategy=strategy,
        histories=histories,
        dataset=dataset,
        trading=trading,
        said=said,
        of_stored=stored is not None,
    )


def account_of(model: TrainedModel) -> Account:
    """Raises as `scored`."""
    return account(scored(model), model.evaluation["metrics"])


def account(of: Scored, metrics: Mapping[str, Any]) -> Account:
    """`metrics` are those that it was scored with, to be compared."""
    dataset, traded = of.dataset, of.trading.by(of.said)
    held = of.trading.of(np.ones(len(dataset.test_bars)))
    cost = of.strategy.decisions.cost_model.round_trip_cost
    return Account(
        symbols=dataset.symbol_names,
        times=traded.times,
        returns=traded.returns,
        equity=traded.equity,
        drawdown=drawdowns(traded.equity),
        buy_and_hold=held.equity,
        goes_on=traded.goes_on,
        trades=tuple(trades_of(dataset, traded, round_trip_cost=cost)),
        decided=tuple(_decided(of, traded)),
        metrics=traded.metrics(),
        of_stored=of.of_stored,
        notes=tuple(_differences(metrics, traded.metrics())),
    )


def histories_of(
    model: TrainedModel,
    network: TrainedNetwork,
    strategy: Strategy,
    *,
    gone: type[DomainError] = ScoredBarsGone,
) -> tuple[History, ...]:
    """The bars that it was trained and scored on. Raises `gone` where they are others now."""
    request = TrainingRequest.of(model.operation)
    pinned = pinned_or_today(request.imports, strategy.symbols, strategy.timeframes)
    histories = load_histories(strategy, load_bars=pinned.load_bars)
    was, now = network.manifest["data_fingerprints"], data_fingerprints(histories)
    if changed := sorted(name for name in was if was[name] != now.get(name)):
        raise gone(series=", ".join(changed), model_id=model.pk)
    return histories


def _stored(model: TrainedModel, bars: Bars, decided: Int64Array) -> Float64Array | None:
    """The predictions that scored it; None of a bundle without them."""
    data = read_artifact(model, FILE)
    if data is None:
        return None
    said = FoldPredictions.from_bytes(data)
    rows = bars.rows_at(said)
    order = np.argsort(rows, kind="stable")
    own: Float64Array = said.by[MODEL][order]
    return own if np.array_equal(rows[order], decided) else None


def _predict(
    network: TrainedNetwork,
    strategy: Strategy,
    histories: Sequence[History],
    decided: Int64Array,
) -> Float64Array:
    """[decisions, classes], or [decisions] of a regression: by the bundle's reader."""
    features = features_of(strategy, network)
    found, first = [], 0
    for history in histories:
        after = first + history.times.size
        own = decided[(decided >= first) & (decided < after)] - first
        if own.size:
            found.append(_of_symbol(network, strategy, history, features, own))
        first = after
    return np.concatenate(found)


def _of_symbol(
    network: TrainedNetwork,
    strategy: Strategy,
    history: History,
    features: Sequence[Feature],
    rows: Int64Array,
) -> Float64Array:
    """Of some rows, each with a whole window up to it."""
    window = network.manifest["sequence_length"]
    columns = FeatureColumns(strategy, history, features)
    matrix = matrix_of(network, history, features, columns)
    first = int(rows[0]) - window + 1
    outputs = windows.outputs(network, matrix[first : int(rows[-1]) + 1], window)
    wanted: Float64Array = outputs[rows - rows[0]]
    return wanted


def matrix_of(
    network: TrainedNetwork,
    history: History,
    features: Sequence[Feature],
    columns: FeatureColumns,
) -> Float32Array:
    """[rows, features]: memberships, and raw inputs scaled as the manifest says."""
    matrix = np.empty((history.times.size, len(features)), np.float32)
    columns.fill(matrix, scalings_of(network, history, features))
    return matrix


def scalings_of(
    network: TrainedNetwork, history: History, features: Sequence[Feature]
) -> dict[str, Scaling]:
    """By feature id, of all of them."""
    fits = network.manifest["normalization"].get(history.symbol, {})
    scalings = {feature.id: Scaling(method="none") for feature in features}
    return scalings | {name: Scaling(**values) for name, values in fits.items()}


def _decided(of: Scored, traded: Backtest) -> Iterator[Decided]:
    """What was decided on every bar of the test part, and held from its next open on."""
    dataset, rows = of.dataset, of.trading.decided
    columns = of.said.reshape(len(of.said), -1)
    outputs = np.full((len(dataset.times), columns.shape[1]), np.nan)
    outputs[rows] = columns
    decisions = np.full(len(dataset.times), NO_DECISION)
    decisions[rows] = decide(of.strategy, of.said)
    held = np.zeros(len(dataset.times))
    for symbol in traded.symbols:
        held[symbol.bars] = symbol.held
    for number, name in enumerate(dataset.symbol_names):
        rows = dataset.test_bars[dataset.symbols[dataset.test_bars] == number]
        yield Decided(
            symbol=name,
            times=dataset.times[rows],
            decisions=decisions[rows],
            outputs=outputs[rows],
            positions=held[rows],
        )


def _differences(scored: Mapping[str, Any], made: Mapping[str, Any]) -> Iterator[str]:
    """Where the network's own arithmetic decided otherwise than NumPy's on some bar."""
    other = [name for name in TOTALS if name in scored and scored[name] != made[name]]
    if other:
        told = ", ".join(f"{name} {made[name]} for {scored[name]}" for name in other)
        yield (
            "These numbers were computed anew, by the bundle's reader, and its last digits decided "
            f"otherwise than the network did when it was scored: {told}."
        )


def months_of(times: Int64Array, returns: Float64Array) -> tuple[Int64Array, Float64Array]:
    """Months as `12 * year + month - 1`, and the return of each, compounded: nothing of months
    without a period. A period belongs to the month in which it begins, UTC."""
    months = times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) + 12 * 1970
    firsts = np.flatnonzero(np.diff(months, prepend=months[:1] - 1))
    ends = np.append(firsts[1:], len(months))
    parts = [grown(returns[first:end])[-1] for first, end in zip(firsts, ends, strict=True)]
    return months[firsts], np.array(parts) - 1.0
