"""An evaluation as pages show it: the curve, and the metrics beside what they must beat."""

from collections.abc import Mapping
from typing import Any

from training.views import metrics
from training.views.charts import Chart, Series


def shown(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """The context of `equity.html` and `metrics_table.html`; `evaluation` is as it is read now."""
    beside = {"buy_and_hold": evaluation["buy_and_hold"], **evaluation["baselines"]}
    return {
        "columns": [(name, metrics.COLUMN_WORDS.get(name, name)) for name in beside],
        "metrics": metrics.table([evaluation["metrics"], *beside.values()]),
        "equity": _equity(evaluation["equity_curve"]),
    }


def _equity(curve: Mapping[str, list[float]]) -> Chart:
    return Chart(
        axis="time",
        x=curve["times"],
        series=[
            Series(label="Model", values=curve["equity"], place=1),
            Series(label="Buy and hold", values=curve["buy_and_hold"], place=2),
        ],
    )
