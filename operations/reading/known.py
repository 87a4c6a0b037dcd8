"""What operations are found by, and the figures of what came of them: a few queries for a page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from operations.labels import TAG, Label
from operations.models import Operation, Status
from operations.operation_types import Figure, beside_figures, figures


@dataclass(frozen=True, kw_only=True)
class Known:
    """Of one operation."""

    labels: Mapping[str, list[str]] = field(default_factory=dict)
    """By kind; without kinds of which it has none. Sorted."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """By name; empty before it has completed."""

    @property
    def tags(self) -> list[str]:
        return self.labels.get(TAG, [])


def known_of(operations: Iterable[Operation]) -> dict[str, Known]:
    """By its id."""
    shown = list(operations)
    ids = [operation.pk for operation in shown]
    ended = [operation.pk for operation in shown if operation.status == Status.COMPLETED]
    labels, told = _labels(ids), _figures(ended) if ended else {}
    return {pk: Known(labels=labels.get(pk, {}), figures=told.get(pk, {})) for pk in ids}


def related_to(figure: Figure) -> type[Model]:
    """The model whose rows have it."""
    related = Operation._meta.get_field(figure.relation).related_model
    assert isinstance(related, type) and issubclass(related, Model)
    return related


def _labels(ids: list[str]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = Label.objects.filter(operation__in=ids).order_by("kind", "value")
    for pk, kind, value in rows.values_list("operation_id", "kind", "value"):
        found[pk][kind].append(value)
    return found


def _figures(ids: list[str]) -> dict[str, dict[str, Any]]:
    by_relation: dict[type[Model], dict[str, str]] = defaultdict(dict)
    for name, figure in figures().items():
        by_relation[related_to(figure)][name] = figure.column
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for related, columns in by_relation.items():
        rows = related._default_manager.filter(operation__in=ids)
        for pk, *values in rows.values_list("operation_id", *columns.values()):
            found[pk] |= dict(zip(columns, values, strict=True))
    for pk, beside in beside_figures(sorted(found)).items():
        found[pk] |= beside
    return found
