"""A symbol that would not be trained is refused before anything is made, and by the same words."""

from pathlib import Path

import pytest

from operations.models import Operation, Status
from operations.restart import restart_operation
from tests.acceptance import trainings
from tests.training.jobs.scenes import write_csv
from training.features.errors import MissingClass, TooFewEvents, TooFewTrainingRows
from training.jobs import run_training
from training.launch.branching import fork_operation
from training.launch.preview_process import preview
from training.launch.start import StartRequest, start_training
from training.market_data.importing import import_market_data
from training.market_data.samples import load_sample
from training.models import TrainedModel

pytestmark = pytest.mark.django_db(transaction=True)

TWO = trainings.STRATEGY.replace(
    "symbols: {mode: single, symbol: SP500}", "symbols: {mode: multi_symbol, list: [SP500, LATE]}"
).replace("batch_size: 1", "batch_size: 64")


@pytest.fixture
def late(tmp_path: Path) -> None:
    """A symbol that is listed in June 2016, within the validation part, which begins in 2015."""
    write_csv(tmp_path / "late.csv", load_sample("NASDAQ", "1d").rows(slice(-640, None)))
    import_market_data(tmp_path / "late.csv", symbol="LATE", timeframe="1d")


@pytest.mark.usefixtures("late")
def test_a_start_and_its_preview_refuse_it_in_the_same_words() -> None:
    request = StartRequest(strategy_yaml=TWO)
    with pytest.raises(TooFewTrainingRows, match=r"LATE would not be .*LATE has 0") as start:
        start_training(request)
    with pytest.raises(TooFewTrainingRows) as previewed:
        preview(request)
    assert str(start.value) == str(previewed.value)
    assert not Operation.objects.exists()


@pytest.mark.usefixtures("late")
def test_a_fork_refuses_it() -> None:
    dates = "{validation_start: 2018-01-02, test_start: 2018-07-02}"
    text = TWO.replace("{train: 0.7, validation: 0.15, test: 0.15}", dates)
    operation = trainings.start(strategy_yaml=text, epochs=1)
    run_training(operation.pk, 1)
    earlier = {"training.data_split.validation_start": "2016-01-04", "training.epochs": 2}
    with pytest.raises(TooFewTrainingRows, match="LATE"):
        fork_operation(operation.pk, settings=earlier)
    assert restart_operation(operation.pk, owner=None).request["strategy"]


@pytest.mark.parametrize(
    ("labels", "refusal"),
    [
        ("{source: zigzag, threshold: 0.5, lookahead: 5}", MissingClass),
        ("{source: triple_barrier, cusum_threshold: 0.9}", TooFewEvents),
    ],
)
def test_what_needs_labels_ends_the_attempt_before_its_first_epoch_in_the_previews_words(
    labels: str, refusal: type[Exception]
) -> None:
    text = trainings.STRATEGY.replace("{source: triple_barrier, max_holding_period: 10}", labels)
    with pytest.raises(refusal) as previewed:
        preview(StartRequest(strategy_yaml=text))
    operation = trainings.start(strategy_yaml=text)
    run_training(operation.pk, 1)
    ended = Operation.objects.get(pk=operation.pk)
    assert ended.status == Status.FAILED
    assert ended.error_message == str(previewed.value)
    assert not ended.metrics.exists()


def test_every_symbols_samples_and_inputs_stand_in_the_result_and_one_unscored_is_noted(
    tmp_path: Path,
) -> None:
    write_csv(tmp_path / "dead.csv", load_sample("NASDAQ", "1d").rows(slice(0, 3400)))
    import_market_data(tmp_path / "dead.csv", symbol="DEAD", timeframe="1d")
    operation = trainings.start(strategy_yaml=TWO.replace("LATE", "DEAD"), epochs=1)
    run_training(operation.pk, 1)
    model = TrainedModel.objects.get(operation=operation)
    result = Operation.objects.get(pk=operation.pk).result
    assert result is not None
    for told in (model.evaluation, result["test"]):
        samples = told["symbol_samples"]
        assert samples["DEAD"]["train"] > samples["DEAD"]["validation"] == 0
        assert samples["SP500"]["test"] == told["samples"]
        assert "DEAD has no sample in the validation and the test part" in told["notes"][0]
        outside = told["outside_range"]
        assert outside["DEAD"] == {"1d_macd_std.histogram_raw": {}}
        shares = outside["SP500"]["1d_macd_std.histogram_raw"]
        assert shares.keys() == {"validation", "test"}
