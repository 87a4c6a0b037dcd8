"""How important a model's inputs are: the panel of the analysis, and of the model's page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from operations.models import Operation
from operations.operation_types import Presentation
from operations.reading.words import share_words
from training.explaining.outcome import FINE_PRINT, basis, is_clear, share


def shown(told: Mapping[str, Any]) -> dict[str, Any]:
    """The context of `training/importance_table.html`, of a result."""
    groups, loss = told["groups"], told["loss"]
    largest = max((group["rise"] for group in groups), default=0.0)
    return {
        "basis": basis(told),
        "notes": told["notes"],
        "fine_print": FINE_PRINT,
        "largest": largest,
        "groups": [
            {
                "name": group["group"],
                "rise": f"{group['rise']:+.4g}",
                "error": f"{group['standard_error']:.2g}",
                "share": share(group, loss),
                "changed": share_words(group["changed"]),
                "bar": round(100 * max(group["rise"], 0.0) / largest) if largest > 0.0 else 0,
                "is_clear": is_clear(group),
            }
            for group in groups
        ],
    }


def panel(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    return {"importance": shown(operation.result) if operation.result else None}


ANALYSIS = Presentation(
    what_is_safe="What it has measured",
    restart_note="The same analysis of the same model, from the beginning.",
    panel_template="training/importance_panel.html",
    panel=panel,
)
"""The row `presentation` of `OPERATION_TYPES`."""
