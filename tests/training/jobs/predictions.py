"""Strategies and files that tests of predictions share."""

from tests.training.jobs.scenes import CLASSES, iso
from training.models import TrainedModel

LABELS = "labels: {source: triple_barrier, max_holding_period: 10}"
RETURNS = CLASSES.replace(LABELS, "labels: {source: forward_return, horizon: 5}") + (
    "decisions: {output_format: regression, cost_model: {round_trip_cost: 0.0005}}\n"
)


def since_of(model: TrainedModel) -> str:
    return iso(model.evaluation["first_time"])
