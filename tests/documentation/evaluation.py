"""The tables of docs/EVALUATION.md, as the definitions in the code say them."""

from collections.abc import Mapping

from tests.documentation.table import table
from training.evaluation import definitions
from training.evaluation.definitions import Definition
from training.views import metrics


def tables() -> list[str]:
    """Of the metrics, of what a model must beat, and of the other fields."""
    return [
        table(
            ("metric", "on pages", "definition", "source"),
            (
                (f"`{name}`", _label(name), told.text, told.source)
                for name, told in _metrics().items()
            ),
        ),
        _of(definitions.BESIDE, "column"),
        _of(_other_fields(), "field"),
    ]


def _metrics() -> dict[str, Definition]:
    found = {name: definitions.definition_of(name) for name in definitions.metric_names()}
    return {name: told for name, told in found.items() if told}


def _other_fields() -> dict[str, Definition]:
    """Without what the table before has."""
    fields = definitions.FIELDS.items()
    return {name: told for name, told in fields if name not in definitions.BESIDE}


def _label(name: str) -> str:
    if name in definitions.OF_A_CLASS:
        return f"{metrics.words(f'{name}_buy').removesuffix('buy')}buy, hold, sell"
    return metrics.words(name)


def _of(told: Mapping[str, Definition], head: str) -> str:
    return table((head, "definition"), ((f"`{name}`", it.text) for name, it in told.items()))
