"""The tables of a model, as links to their files; and the commands that write the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.urls import reverse
from django.utils.http import urlencode

from training.models import TrainedModel
from training.strategy import Strategy

EXPORTS = ("csv", "parquet", "tensorboard", "onnx")


@dataclass(frozen=True, kw_only=True)
class TableLink:
    title: str
    url: str
    """Which takes `format=…` at its end."""


def tables_of(model: TrainedModel) -> Iterator[TableLink]:
    strategy = Strategy.from_snapshot(model.strategy)
    yield _link("Trades", "trades", model)
    yield _link("Equity", "equity", model)
    metrics = reverse("api:metrics", args=[model.operation_id])
    yield TableLink(title="Epochs", url=f"{metrics}?")
    since = f"{datetime.fromtimestamp(model.evaluation['first_time'], UTC):%Y-%m-%dT%H:%M:%SZ}"
    names = ["features"]
    if any("fuzzy_set" in given for given in model.strategy["nn_inputs"]):
        names.append("memberships")
    for symbol in strategy.symbols:
        yield _link(f"Decisions, {symbol}", "predict", model, symbol=symbol, since=since)
        for name in names:
            yield _link(f"{name.capitalize()}, {symbol}", name, model, symbol=symbol)


def _link(title: str, name: str, model: TrainedModel, **query: str) -> TableLink:
    asked = f"{urlencode(query)}&" if query else ""
    return TableLink(title=title, url=f"{reverse(f'api:{name}', args=[model.pk])}?{asked}")
