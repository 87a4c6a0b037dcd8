"""Where numba cannot compile, autograd trains, and the operation says so."""

from collections.abc import Iterator

import numba
import pytest

from operations.models import Operation
from tests.acceptance import trainings
from training.attempt.conditions import choose_pinned
from training.features.cache import prepare_dataset
from training.jobs import run_training
from training.launch.start import StartRequest, start_training
from training.strategy import Strategy
from training.trainer.engines import kernel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operation() -> Operation:
    """Its features are prepared already: they are compiled too."""
    operation = start_training(StartRequest(strategy_yaml=trainings.STRATEGY, epochs=2))
    prepare_dataset(Strategy.from_snapshot(operation.request["strategy"]))
    return operation


@pytest.fixture
def no_compiler(operation: Operation, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    kernel.unavailable.cache_clear()
    yield
    kernel.unavailable.cache_clear()


def started_warnings(operation: Operation) -> list[str]:
    started = operation.events.filter(event_type="started").latest("number")
    return [warning for warning in started.data["warnings"] if warning.startswith("engine")]


def trained(operation: Operation) -> Operation:
    run_training(operation.pk, operation.attempt)
    operation.refresh_from_db()
    return operation


@pytest.mark.usefixtures("no_compiler")
def test_autograd_trains_and_the_operation_says_why(
    operation: Operation, caplog: pytest.LogCaptureFixture
) -> None:
    assert trained(operation).status == "completed"
    assert operation.pinned["training"]["engine"] == "autograd"
    [warning] = started_warnings(operation)
    assert "NUMBA_DISABLE_JIT" in warning
    assert warning in caplog.text


def test_where_it_compiles_the_kernel_trains_and_nothing_is_said(operation: Operation) -> None:
    assert trained(operation).pinned["training"]["engine"] == "kernel"
    assert started_warnings(operation) == []


def test_what_the_kernel_began_goes_on_with_autograd_where_nothing_else_can(
    operation: Operation, request: pytest.FixtureRequest
) -> None:
    pinned = trained(operation).pinned["training"]
    strategy = Strategy.from_snapshot(operation.request["strategy"])
    assert choose_pinned(operation, strategy).to_json() == pinned
    request.getfixturevalue("no_compiler")
    assert choose_pinned(operation, strategy).engine == "autograd"
