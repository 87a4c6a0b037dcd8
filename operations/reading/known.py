"""What operations are found by, and the figures of what came of them: a few queries for a page,
and of figures none where nobody asks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Model

from operations.labels import TAG, Label
from operations.models import Operation, Status
from operations.operation_types import Figure, beside_figures, figures


class PageFigures:
    """Of operations that are shown together: looked up once, when the first of them is told."""

    def __init__(self, ids: Sequence[str] = ()) -> None:
        self._ids = ids

    @cached_property
    def by_operation(self) -> Mapping[str, Mapping[str, Any]]:
        return _figures(self._ids) if self._ids else {}


@dataclass(frozen=True, kw_only=True)
class Known:
    """Of one operation."""

    operation_id: str = ""
    labels: Mapping[str, list[str]] = field(default_factory=dict)
    """By kind; without kinds of which it has none. Sorted."""
    of_page: PageFigures = field(default_factory=PageFigures)

    @property
    def figures(self) -> Mapping[str, Any]:
        """By name; empty before it has completed."""
        return self.of_page.by_operation.get(self.operation_id, {})

    @property
    def tags(self) -> list[str]:
        return self.labels.get(TAG, [])


def known_of(operations: Iterable[Operation]) -> dict[str, Known]:
    """By its id."""
    shown = list(operations)
    ids = [operation.pk for operation in shown]
    ended = [operation.pk for operation in shown if operation.status == Status.COMPLETED]
    labels, told = _labels(ids), PageFigures(ended)
    return {pk: Known(operation_id=pk, labels=labels.get(pk, {}), of_page=told) for pk in ids}


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


def _figures(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
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
