"""Several seeds of one strategy are one lineage, with a spread of their results."""

import pytest

from operations.models import Operation
from tests.acceptance import trainings
from training.errors import StartInvalid
from training.jobs import run_training
from training.launch.seeds import seed_statistics, start_seeds
from training.launch.start import StartRequest

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = StartRequest(strategy_yaml=trainings.STRATEGY, epochs=2)


def test_seeds_make_one_lineage_whose_results_have_a_mean_and_a_deviation() -> None:
    operations = start_seeds(REQUEST, seeds=3)
    assert [op.request["strategy"]["training"]["seed"] for op in operations] == [3, 4, 5]
    assert [operation.name for operation in operations] == [
        f"acceptance, seed {seed}" for seed in (3, 4, 5)
    ]
    for operation in operations[:2]:
        run_training(operation.pk, 1)
    statistics = seed_statistics(operations[2])
    assert statistics is not None
    assert (len(statistics.operations), statistics.completed) == (3, 2)
    values = [
        operation.trained_model.evaluation["metrics"]["accuracy"] for operation in operations[:2]
    ]
    accuracy = statistics.metrics["accuracy"]
    assert accuracy.mean == pytest.approx(sum(values) / 2)
    assert accuracy.deviation == pytest.approx(abs(values[0] - values[1]) / 2**0.5)


def test_relatives_with_other_settings_are_not_mixed_in() -> None:
    first, _ = start_seeds(REQUEST, seeds=2)
    run_training(first.pk, 1)
    statistics = seed_statistics(first)
    assert statistics is not None and statistics.completed == 1
    assert seed_statistics(trainings.start(epochs=3)) is None


@pytest.mark.parametrize("seeds", [0, -1, 10_000])
def test_a_wrong_number_of_seeds_starts_nothing(seeds: int) -> None:
    with pytest.raises(StartInvalid):
        start_seeds(REQUEST, seeds=seeds)
    assert not Operation.objects.exists()
