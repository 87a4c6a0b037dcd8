"""A training stands on the strategy and the bars it was started with."""

from pathlib import Path

import pytest

from operations.cancel import cancel_operation
from operations.models import Operation, Status
from operations.resume import resume_operation
from tests.acceptance import trainings
from tests.acceptance.trainings import now, wait_for_end, wait_for_epoch
from tests.running.stack import Stack
from training.market_data import samples
from training.market_data.importing import import_market_data

SAMPLE = Path(samples.__file__).parent / "sp500.csv"


@pytest.fixture
def cancelled(stack: Stack) -> Operation:
    stack.worker()
    operation = trainings.start(epochs=40)
    wait_for_epoch(operation, 5)
    cancel_operation(operation.pk)
    return wait_for_end(operation)


def import_changed(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "sp500.csv"
    path.write_text("\n".join(lines) + "\n")
    import_market_data(path, symbol="SP500", timeframe="1d", replace=True)


def test_bars_that_arrive_later_change_nothing(cancelled, tmp_path: Path, twin) -> None:
    undisturbed = twin(40)
    later = "1/2/2030,5000,5010,4990,5005,5005,1000000"
    import_changed(tmp_path, [*SAMPLE.read_text().splitlines(), later])
    resume_operation(cancelled.pk)
    assert wait_for_end(cancelled).status == Status.COMPLETED
    assert trainings.digests(cancelled) == undisturbed


def test_changed_rows_are_taken_where_they_are_accepted(cancelled, tmp_path: Path) -> None:
    *head, _ = SAMPLE.read_text().splitlines()
    import_changed(tmp_path, head)
    before = now(cancelled)
    resume_operation(cancelled.pk, accept_changed_data=True)
    assert wait_for_end(cancelled).status == Status.COMPLETED, trainings.story(cancelled)
    resumed_at = cancelled.attempts.get(number=2).resumed_from["epoch"]
    assert now(cancelled).result["best_epoch"] > resumed_at  # scores on other data do not compare
    assert len(now(cancelled).request["accepted_data_changes"]) == 1
    second = cancelled.attempts.get(number=2)
    assert second.exact is False
    # The parts are cut at the dates of the start, not at fractions of other rows.
    assert {words.split()[0] for words in second.differences} == {"strategy", "dataset"}
    split = now(cancelled).request["strategy"]["training"]["data_split"]
    assert split["test_start"] == before.request["cuts"]["test_start"]
