"""A training that holds and goes on ends with the bytes of one that never held."""

import pytest

from tests.training.trainer.synthetic import make_dataset, make_strategy
from tests.training.trainer.watching import Watcher, stop_at
from training.model_trainer import ModelTrainer, TrainingResult
from training.strategy import Strategy
from training.trainer.resume_context import TrainingResumeContext
from training.trainer.run import TrainingRun
from training.trainer.state import Position, Snapshot

pytestmark = pytest.mark.usefixtures("engine")

SCHEDULES = {
    "constant": {},
    "cosine": {"lr_scheduler": {"type": "cosine"}},
    "one cycle": {"lr_scheduler": {"type": "one_cycle"}},
    "plateau": {"lr_scheduler": {"type": "plateau", "patience": 1}},
    "early stopping": {"early_stopping": {"patience": 30}},
}


def train(
    strategy: Strategy,
    run: TrainingRun | None = None,
    *,
    after: Snapshot | None = None,
    until: int | None = None,
) -> TrainingResult:
    context = None
    if after is not None:
        context = TrainingResumeContext.from_artifacts(after.artifacts(), original_request={})
    trainer = ModelTrainer(strategy, run=run, resume_context=context)
    return trainer.train(make_dataset(strategy), until=until)


@pytest.mark.parametrize("settings", SCHEDULES.values(), ids=SCHEDULES)
def test_a_training_that_holds_at_every_rung_ends_with_the_same_bytes(
    settings: dict[str, object],
) -> None:
    strategy = make_strategy(epochs=9, **settings)
    held: Snapshot | None = None
    for until in (1, 3):
        result = train(strategy, after=held, until=until)
        assert (result.holds, result.position) == (True, Position(until - 1, 0))
        held = result.final
    assert train(strategy, after=held).digest == train(strategy).digest


@pytest.mark.parametrize("done", [3, 5])
def test_a_state_at_or_beyond_its_hold_trains_no_batch(done: int) -> None:
    strategy = make_strategy(epochs=9)
    state = train(strategy, until=done).final
    run = Watcher()
    result = train(strategy, run, after=state, until=3)
    assert (result.holds, result.digest, run.boundaries) == (True, state.digest(), [])


def test_a_training_that_is_finished_before_it_was_to_hold_holds_all_the_same() -> None:
    strategy = make_strategy(epochs=3)
    result = train(strategy, until=3)
    assert result.holds
    goes_on = train(strategy, after=result.final)
    assert (goes_on.holds, goes_on.digest) == (False, result.digest)
    early = make_strategy(
        epochs=9, learning_rate=1e-12, early_stopping={"patience": 2, "min_delta": 0.5}
    )
    result = train(early, until=3)
    assert (result.stopped_early, result.holds) == (True, True)
    goes_on = train(early, after=result.final)
    assert (goes_on.stopped_early, goes_on.digest) == (True, result.digest)


def test_a_stop_on_the_way_to_a_hold_is_a_stop() -> None:
    strategy = make_strategy(epochs=9)
    run = stop_at(1, 2)
    result = train(strategy, run, until=4)
    assert (result.stopped_by_request, result.holds) == (True, False)
    assert run.final is not None
    goes_on = train(strategy, after=run.final, until=4)
    assert goes_on.digest == train(strategy, until=4).digest
