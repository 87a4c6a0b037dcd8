"""Every table of an operation and its model, each made when its turn comes."""

from collections.abc import Callable, Mapping
from functools import cache, partial

import polars as pl

from training.export.subject import Subject
from training.models import TrainedModel
from training.strategy import Strategy
from training.tables import inputs
from training.tables.inputs import Part, Span
from training.tables.metrics import metrics
from training.tables.predictions import predictions
from training.trained.account import Account, account_of
from training.trained.account_tables import (
    equity_table,
    months_table,
    positions_table,
    trades_table,
)
from training.trained.bundle_reader import TrainedNetwork
from training.trained.prediction import forecast
from training.trained.stored_models import read_network

Table = Callable[[], pl.DataFrame]
FROM_THE_FIRST_BAR = "1700-01-01"

OF_THE_ACCOUNT: Mapping[str, Callable[[Account], pl.DataFrame]] = {
    "positions": positions_table,
    "trades": trades_table,
    "equity": equity_table,
    "months": months_table,
}


def tables(subject: Subject) -> dict[str, Table]:
    """By name; each may raise a domain error, as one that needs bars that are no longer there."""
    reported: dict[str, Table] = {"metrics": partial(metrics, subject.operation.pk)}
    if subject.model is None:
        return reported
    return {**reported, **_of_model(subject.model)}


def _of_model(model: TrainedModel) -> dict[str, Table]:
    network, account = cache(lambda: read_network(model)), cache(lambda: account_of(model))
    tables: dict[str, Table] = {
        name: partial(lambda table: table(account()), table)
        for name, table in OF_THE_ACCOUNT.items()
    }
    tables["predictions"] = lambda: _of_all_symbols(network(), _predictions)
    tables["features"] = lambda: _of_all_symbols(network(), _whole(inputs.features))
    if any("fuzzy_set" in given for given in model.strategy["nn_inputs"]):
        tables["memberships"] = lambda: _of_all_symbols(network(), _whole(inputs.memberships))
    return tables


def _of_all_symbols(
    network: TrainedNetwork, table: Callable[[TrainedNetwork, str], pl.DataFrame]
) -> pl.DataFrame:
    symbols = Strategy.from_snapshot(network.manifest["strategy"]).symbols
    return pl.concat([table(network, symbol) for symbol in symbols])


def _whole(table: Callable[[TrainedNetwork, Span], Part]) -> Callable[..., pl.DataFrame]:
    return lambda network, symbol: table(network, Span(symbol=symbol)).table


def _predictions(network: TrainedNetwork, symbol: str) -> pl.DataFrame:
    return predictions(forecast(network, symbol=symbol, since=FROM_THE_FIRST_BAR))
