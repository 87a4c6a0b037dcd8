"""What is done for a table in the room for bounded work."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from operations.bounded.work import Tell
from training.bounded_work import PREDICTION_TABLE
from training.errors import TableTooLarge
from training.models import TrainedModel
from training.tables import inputs
from training.tables.inputs import MOST_CELLS, Part, Span, TooManyCells
from training.tables.metrics import metrics as metrics_of
from training.tables.predictions import predictions as predictions_of
from training.tables.writing import as_rows, written
from training.trained.account import Account, account_of
from training.trained.account_tables import equity_table, trades_table
from training.trained.allowance import Allowance
from training.trained.prediction import forecast
from training.trained.stored_models import read_network

ALLOWANCE = Allowance(seconds=PREDICTION_TABLE.seconds, memory_mb=PREDICTION_TABLE.memory_mb)


def _of_inputs(table: Callable[..., Part], model: TrainedModel, span: Span) -> Part:
    ALLOWANCE.require_memory(model)
    return table(read_network(model), span)


def _of_account(table: Callable[[Account], pl.DataFrame], model: TrainedModel, span: Span) -> Part:
    ALLOWANCE.require_memory(model)
    return cut_after(table(account_of(model)), span)


def cut_after(whole: pl.DataFrame, span: Span) -> Part:
    rows = whole.slice(span.after, span.limit)
    after = span.after + rows.height
    return Part(table=rows, next=after if after < whole.height else None)


OF_MODELS: Mapping[str, Callable[[TrainedModel, Span], Part]] = {
    "features": partial(_of_inputs, inputs.features),
    "memberships": partial(_of_inputs, inputs.memberships),
    "equity": partial(_of_account, equity_table),
    "trades": partial(_of_account, trades_table),
}
"""By the name of the table."""


def page(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Some rows of `table` of `model_id`, as `span` says, and where it goes on."""
    found = _found(arguments, tell, Span(**arguments["span"]))
    return {"rows": as_rows(found.table), "next": found.next}


def file(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """All of it, written to `path` in a `format`; size and SHA-256 of what was written.

    Raises `TableTooLarge`.
    """
    try:
        found = _found(arguments, tell, Span(**arguments["span"], most_cells=MOST_CELLS))
    except TooManyCells as error:
        raise TableTooLarge(
            reason=f"It has {error}.", what=arguments["model_id"], format=arguments["format"]
        ) from error
    return _written(found.table, arguments, tell)


def predictions(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The decisions of `model_id`, written likewise. Raises as `forecast`."""
    model = TrainedModel.objects.get(pk=arguments["model_id"])
    ALLOWANCE.require_memory(model)
    tell("reading the model")
    network = read_network(model)
    tell("deciding")
    found = forecast(
        network,
        **arguments["asked"],
        before=lambda count: ALLOWANCE.require_time(network, count, model_id=model.pk),
    )
    return _written(predictions_of(found), arguments, tell)


def metrics(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """What `operation_id` reported, written likewise."""
    tell("reading the metrics")
    found = metrics_of(arguments["operation_id"], after_step=arguments["after_step"])
    return _written(found, arguments, tell)


def _found(arguments: Mapping[str, Any], tell: Tell, span: Span) -> Part:
    tell("reading the bars")
    model = TrainedModel.objects.select_related("operation").get(pk=arguments["model_id"])
    return OF_MODELS[arguments["table"]](model, span)


def _written(table: Any, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    tell("writing the file")
    return written(table, Path(arguments["path"]), format=arguments["format"])
