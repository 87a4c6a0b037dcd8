from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from rest_framework.fields import IntegerField

from operations.management.base import ExitCode, KtrdrCommand
from operations.management.lists import add_list_arguments, limit, ordering
from operations.reading.choosing import CREATED
from operations.reading.words import NOTHING, metric, ordinal
from training.api.serializers import ModelsQuery, TrainedModelSerializer
from training.market_data.report import as_text
from training.models import TrainedModel
from training.trained import choosing, looks
from training.trained.choosing import SORTS, Choice
from training.views.metrics import shown

COLUMNS = (
    *("OPERATION", "NET RETURN", "SHARPE", "DEFLATED", "DRAWDOWN"),
    *("TRADES", "ACCURACY", "LOOKS"),
)
METRICS = ("net_return", "sharpe", "deflated_sharpe", "max_drawdown", "trades", "accuracy")
REST = ("TRAINED", "MODEL", "NAME")
SPARE = ("MODEL", "TRADES", "ACCURACY", "TRAINED", "DRAWDOWN", "LOOKS", "DEFLATED")
OF_ALL_LISTS = ("since", "until", "ordering", "cursor", "page_size")
FILTERS = {name: it for name, it in ModelsQuery().fields.items() if name not in OF_ALL_LISTS}
"""As the API takes them."""


class Command(KtrdrCommand):
    help = (
        "List trained models: newest first, or by a figure of the test part, after costs. LOOKS is "
        "how often that part, or some of it, was looked at: the best of several is partly luck, "
        "and DEFLATED the probability that the Sharpe ratio is more than that."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        for name, field in FILTERS.items():
            kind = int if isinstance(field, IntegerField) else str
            parser.add_argument(f"--{name}", type=kind, help=str(field.help_text))
        add_list_arguments(parser, made="Trained", sorts=tuple(SORTS))

    def run(self, options: dict[str, Any]) -> ExitCode:
        models = choosing.page(None, _choice(options), page_size=limit(options)).rows
        looks.count(models)
        if options["json"]:
            self.print_json(TrainedModelSerializer(models, many=True).data)
            return ExitCode.DONE
        other = options["sort"] if _heading(options["sort"]) not in COLUMNS else CREATED
        sorted_by = () if other == CREATED else (_heading(other),)
        rows = [tuple(_cells(model, other)) for model in models]
        self.print_rows((*COLUMNS[:1], *sorted_by, *COLUMNS[1:], *REST), rows, spare=SPARE)
        for model in models:
            if model.seen_test:  # type: ignore[attr-defined]
                self.stderr.write(f"{model.operation_id}: tested on bars it was trained on.")
        return ExitCode.DONE


def _choice(options: dict[str, Any]) -> Choice:
    given = {name: options[name] for name in (*FILTERS, "since", "until")}
    wanted = {name: value for name, value in given.items() if value is not None}
    return Choice(**wanted, ordering=ordering(options))


def _heading(column: str) -> str:
    return {"max_drawdown": "DRAWDOWN"}.get(column, column.upper().replace("_", " "))


def _cells(model: TrainedModel, other: str) -> Iterator[object]:
    """`other` is what it is sorted by where the list has no column for it."""
    metrics = model.test_metrics  # type: ignore[attr-defined]
    yield model.operation_id
    if other != CREATED:
        yield _words_of(model, other)
    for name in METRICS:
        yield shown(name, metrics.get(name)) if name in metrics else NOTHING
    yield model.looks.times_scored
    yield from (model.created_at, model.pk, model.name)


def _words_of(model: TrainedModel, column: str) -> str:
    value = getattr(model, column)
    if value is None:
        return NOTHING
    return {"val_loss": metric, "best_epoch": ordinal, "test_first_time": as_text}[column](value)
