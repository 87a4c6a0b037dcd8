"""The pages of trained models: what each is worth, beside what it must beat."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from operations.views.base import PageView
from training.launch.seeds import SeedStatistics, seed_statistics
from training.models import FINAL_STATE
from training.strategy.values import CLASSES
from training.trained import choosing, looks, stored_models
from training.trained.facts import training_facts
from training.views import evaluated, metrics, model_pictures, take_away
from training.views.coverage import coverage
from training.views.importance import importance_of
from training.views.models_list import ModelsList
from training.views.seed_rows import folded
from training.views.snapshots import as_yaml

PAGE_SIZE = 25


class ModelsView(PageView):
    """A view is its address: filters, order and page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = ModelsList.read(request.GET)
        page = choosing.page(
            request.user, wanted.choice, page_size=PAGE_SIZE, cursor=request.GET.get("cursor")
        )
        looks.count(page.rows)
        context = {
            "models": folded(page.rows) if wanted.folds_seeds else page.rows,
            "wanted": wanted,
            "headings": wanted.headings(),
            "next": page.next and wanted.url(cursor=page.next),
            "previous": page.previous and wanted.url(cursor=page.previous),
        }
        return render(request, "training/models.html", context)


class ModelView(PageView):
    def get(self, request: HttpRequest, model_id: int) -> HttpResponse:
        model = stored_models.get_visible(request.user, model_id)
        looks.count([model])
        evaluation = looks.as_read(model.evaluation, model.looks)
        seeds = seed_statistics(model.operation)
        context = {
            "model": model,
            "pictures": model_pictures.titles(model),
            "facts": training_facts(model),
            "evaluation": evaluation,
            **evaluated.shown(evaluation),
            "coverage": coverage(
                model.evaluation.get("symbol_samples", {}),
                model.evaluation.get("outside_range", {}),
            ),
            "confusion": _confusion(model.evaluation["confusion"]),
            "classes": CLASSES,
            "seeds": seeds,
            "spreads": _spreads(seeds),
            "artifacts": model.artifacts.exclude(name__startswith=FINAL_STATE),
            "taken_away": list(take_away.tables_of(model)),
            "exports": take_away.EXPORTS,
            "strategy_yaml": as_yaml(model.strategy),
            **importance_of(request, model),
        }
        return render(request, "training/model.html", context)


@dataclass(frozen=True, kw_only=True)
class ConfusionCell:
    count: int
    share: int
    """Share of its true class, in tenths: how dark the cell is."""


def _confusion(matrix: list[list[int]] | None) -> list[tuple[str, list[ConfusionCell]]]:
    """By true class; empty for a regression."""
    return [
        (name, [ConfusionCell(count=count, share=_tenths(count, sum(row))) for count in row])
        for name, row in zip(CLASSES, matrix or [], strict=False)
    ]


def _tenths(part: int, whole: int) -> int:
    return round(10 * part / whole) if whole else 0


def _spreads(seeds: SeedStatistics | None) -> list[dict[str, Any]]:
    """Mean and deviation of each metric over the seeds that have completed."""
    if seeds is None:
        return []
    spreads = seeds.metrics
    means = metrics.table([{name: spread.mean for name, spread in spreads.items()}])
    return [
        {
            "name": row.name,
            "label": row.label,
            "mean": row.cells[0],
            "deviation": metrics.shown(row.name, spreads[row.name].deviation).lstrip("+"),
            "count": spreads[row.name].count,
        }
        for row in means
        if not row.is_detail
    ]
