"""A training goes on with the bars that it was started with, whatever is imported meanwhile."""

from pathlib import Path

import pytest

from operations.models import Operation, Status
from operations.resume import resume_operation
from tests.training.launch.attempts import (
    SAMPLE,
    STRATEGY,
    import_rows,
    now,
    run,
    run_until,
    sample_without_last,
    start,
)
from training.attempt.requests import StopReason
from training.errors import DataChanged
from training.launch.branching import extend_operation, fork_operation
from training.market_data.errors import MarketDataPinned
from training.models import Import, MarketData, Pin
from training.series.versions import forget_market_data, undo_import

pytestmark = pytest.mark.django_db(transaction=True)

OWN = STRATEGY.replace("symbol: SP500", "symbol: OWN")
HALVED = "\n".join(
    [
        SAMPLE.read_text().splitlines()[0],
        *(
            ",".join([date, *(f"{float(value) / 2:.6f}" for value in values)])
            for date, *values in (line.split(",") for line in SAMPLE.read_text().splitlines()[1:])
        ),
        "",
    ]
)


def import_own(folder: Path, text: str) -> None:
    import_rows(folder, text, symbol="OWN")


@pytest.fixture
def stopped(tmp_path: Path) -> Operation:
    import_own(tmp_path, SAMPLE.read_text())
    return run_until(start(epochs=4, strategy_yaml=OWN), 20, StopReason.CANCEL)


@pytest.fixture
def twin(stopped: Operation) -> Operation:
    """The same training, which nothing disturbed."""
    return run(start(epochs=4, strategy_yaml=OWN))


def digest(operation: Operation) -> str:
    state: str = now(operation).result["state_digest"]  # type: ignore[index]
    return state


def test_a_replace_under_a_training_stops_nothing(
    stopped: Operation, twin: Operation, tmp_path: Path
) -> None:
    assert stopped.request["imports"] == {"OWN/1d": 1}
    import_own(tmp_path, HALVED)
    resume_operation(stopped.pk)
    assert run(stopped).status == Status.COMPLETED
    assert digest(stopped) == digest(twin)
    assert start(epochs=4, strategy_yaml=OWN).request["imports"] == {"OWN/1d": 2}


def test_an_extension_stands_on_the_same_bars_and_a_fork_on_todays(
    twin: Operation, tmp_path: Path
) -> None:
    import_own(tmp_path, HALVED)
    child = extend_operation(twin.pk, epochs=6).operation
    assert child.request["imports"] == twin.request["imports"]
    assert child.request["data"] == twin.request["data"]
    assert run(child).status == Status.COMPLETED
    fork = fork_operation(twin.pk, settings={"training.epochs": 6}, accept_seen_test=True)
    assert fork.operation.request["imports"] == {"OWN/1d": 2}
    assert Pin.objects.filter(operation__in=[child, fork.operation]).count() == 2


def test_a_sample_is_pinned_too(tmp_path: Path) -> None:
    operation = run_until(start(epochs=4), 20, StopReason.CANCEL)
    assert operation.request["imports"] == {"SP500/1d": 0}
    import_rows(tmp_path, HALVED)
    resume_operation(operation.pk)
    assert run(operation).request["data"] == operation.request["data"]
    assert now(operation).status == Status.COMPLETED


def test_accepting_takes_todays_bars(stopped: Operation, tmp_path: Path) -> None:
    import_own(tmp_path, HALVED)
    resume_operation(stopped.pk, accept_changed_data=True)
    assert now(stopped).request["imports"] == {"OWN/1d": 2}
    assert run(stopped).status == Status.COMPLETED
    assert [pin.data.fingerprint for pin in Pin.objects.all()] == [
        Import.objects.get(number=2).fingerprint
    ]


def test_nothing_takes_the_bars_away(stopped: Operation, tmp_path: Path) -> None:
    for divisor in range(12):
        import_own(tmp_path, sample_without_last(divisor + 1))
    undo_import("OWN", "1d")
    with pytest.raises(MarketDataPinned, match=stopped.pk):
        forget_market_data("OWN", "1d")
    assert Import.objects.get(number=1).data is not None
    assert Import.objects.get(number=2).data is None
    resume_operation(stopped.pk)
    assert run(stopped).status == Status.COMPLETED
    with pytest.raises(MarketDataPinned, match=stopped.pk):  # its model stands on them
        forget_market_data("OWN", "1d")
    now(stopped).delete()
    assert forget_market_data("OWN", "1d") == 14


def test_bars_that_are_gone_come_again(stopped: Operation, twin: Operation, tmp_path: Path) -> None:
    import_own(tmp_path, HALVED)
    before = Operation.objects.filter(pk=stopped.pk).values().get()
    Pin.objects.all().delete()  # as if somebody had cleared the table by hand
    MarketData.objects.get(imports__number=1).delete()
    with pytest.raises(DataChanged, match="Import the old bars again") as refused:
        resume_operation(stopped.pk)
    assert refused.value.status == 409
    fingerprint = stopped.request["data"]["OWN/1d"]
    assert f"OWN/1d was {fingerprint}, is " in str(refused.value)
    assert Operation.objects.filter(pk=stopped.pk).values().get() == before
    import_own(tmp_path, SAMPLE.read_text())
    resume_operation(stopped.pk)
    assert run(stopped).status == Status.COMPLETED
    assert digest(stopped) == digest(twin)


def test_bars_that_go_before_an_attempt_are_not_replaced_by_others(
    stopped: Operation, tmp_path: Path
) -> None:
    import_own(tmp_path, HALVED)
    resume_operation(stopped.pk)
    Pin.objects.all().delete()
    MarketData.objects.get(imports__number=1).delete()
    failed = run(stopped)
    assert (failed.status, failed.error_code) == (Status.FAILED, "data_changed")
