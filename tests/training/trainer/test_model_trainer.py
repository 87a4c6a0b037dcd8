from typing import Any

import pytest
import torch

from tests.training.trainer.synthetic import make_dataset, make_strategy, mlp
from tests.training.trainer.watching import Watcher, stop_at
from training.model_trainer import ModelTrainer, TrainingResult
from training.strategy import Strategy
from training.trainer.pinned import Pinned
from training.trainer.resume_context import TrainingResumeContext
from training.trainer.run import Request, TrainingRun
from training.trainer.state import Position, Snapshot

pytestmark = pytest.mark.usefixtures("engine")


def train(
    strategy: Strategy, run: TrainingRun | None = None, *, after: Snapshot | None = None
) -> TrainingResult:
    context = None
    if after is not None:
        context = TrainingResumeContext.from_artifacts(after.artifacts(), original_request={})
    trainer = ModelTrainer(strategy, run=run, resume_context=context)
    return trainer.train(make_dataset(strategy))


def stopped(strategy: Strategy, epoch: int, batch: int, **kwargs: Any) -> Snapshot:
    run = stop_at(epoch, batch)
    assert train(strategy, run, **kwargs).stopped_by_request
    assert run.final is not None
    return run.final


def test_two_trainings_are_the_same_bytes() -> None:
    strategy = make_strategy(model=mlp(dropout=0.5))
    torch.manual_seed(1)
    first = train(strategy)
    torch.manual_seed(2)
    assert train(strategy).digest == first.digest


def test_another_seed_is_another_training() -> None:
    assert train(make_strategy(seed=1)).digest != train(make_strategy(seed=2)).digest


def test_training_learns() -> None:
    history = train(make_strategy(epochs=20)).history
    assert history["train_loss"][-1] < 0.8 * history["train_loss"][0]


def test_every_boundary_is_offered_in_order() -> None:
    run = Watcher()
    train(make_strategy(epochs=2, batch_size=50), run)  # 120 rows: 3 batches
    epoch = [Position(-1, 1), Position(-1, 2), Position(-1, 3), Position(-1, 3), Position(0, 0)]
    assert run.boundaries == epoch + [Position(p.epoch + 1, p.batch) for p in epoch]


def test_a_stop_loses_no_batch() -> None:
    snapshot = stopped(make_strategy(epochs=3), epoch=0, batch=5)
    assert snapshot.position == Position(epoch=0, batch=5)


def test_a_resume_trains_exactly_the_remaining_epochs() -> None:
    strategy = make_strategy(epochs=5)
    run = Watcher()
    train(strategy, run, after=stopped(strategy, epoch=2, batch=0))
    assert [record.epoch for record in run.records] == [3, 4]


def test_start_epoch_is_the_checkpoints_epoch_plus_1() -> None:
    snapshot = stopped(make_strategy(epochs=5), epoch=2, batch=0)
    context = TrainingResumeContext.from_artifacts(snapshot.artifacts(), original_request={"a": 1})
    assert context.start_epoch == 3
    assert context.original_request == {"a": 1}
    assert context.best_val_loss == min(context.training_history["val_loss"])
    assert context.best_model_weights is not None
    assert context.scheduler_state is None


def test_a_resume_in_the_first_epoch_starts_from_epoch_0() -> None:
    snapshot = stopped(make_strategy(), epoch=-1, batch=2)
    context = TrainingResumeContext.from_artifacts(snapshot.artifacts(), original_request={})
    assert context.start_epoch == 0
    assert context.position == Position(epoch=-1, batch=2)
    assert context.best_val_loss == float("inf")
    assert context.best_model_weights is None


def test_a_resume_at_the_end_trains_nothing_and_has_the_whole_result() -> None:
    strategy = make_strategy(epochs=3)
    undisturbed = train(strategy)
    run = Watcher()
    result = train(strategy, run, after=stopped(strategy, epoch=2, batch=0))
    assert run.boundaries == []
    assert not result.stopped_by_request
    assert result.digest == undisturbed.digest
    assert result.history == undisturbed.history
    assert (result.best_epoch, result.best_value) == (
        undisturbed.best_epoch,
        undisturbed.best_value,
    )
    for name, tensor in undisturbed.best_model.items():
        assert torch.equal(result.best_model[name], tensor)


def test_a_resume_after_early_stopping_trains_nothing() -> None:
    strategy = make_strategy(epochs=50, early_stopping={"patience": 1, "min_delta": 10.0})
    result = train(strategy)
    assert result.stopped_early
    run = Watcher()
    again = train(strategy, run, after=result.final)
    assert run.boundaries == []
    assert again.stopped_early
    assert again.digest == result.digest


def test_history_has_one_entry_per_epoch_after_any_number_of_resumes() -> None:
    strategy = make_strategy(epochs=4)
    snapshot = stopped(strategy, epoch=-1, batch=3)
    for position in ((0, 0), (0, 4), (1, 8), (2, 1)):
        snapshot = stopped(strategy, *position, after=snapshot)
    history = train(strategy, after=snapshot).history
    assert {len(values) for values in history.values()} == {4}
    assert history == train(strategy).history


def test_the_history_of_a_resume_holds_finished_epochs_only() -> None:
    snapshot = stopped(make_strategy(epochs=4), epoch=1, batch=3)
    assert len(snapshot.history["val_loss"]) == 2


def test_the_engine_of_these_tests_is_the_one_that_trains(engine: str) -> None:
    assert ModelTrainer(make_strategy()).pinned.engine == engine


def test_autograd_drops_something_else_in_every_batch() -> None:
    seeds = []

    def note(position: Position) -> Request:
        seeds.append(torch.default_generator.initial_seed())
        return Request.NONE

    strategy = make_strategy(model=mlp(dropout=0.3), epochs=2, batch_size=50)
    pinned = Pinned.with_autograd(strategy, torch.device("cpu"))
    ModelTrainer(strategy, run=Watcher(note), pinned=pinned).train(make_dataset(strategy))
    assert len(set(seeds)) == 6, "one seed for each of 2 x 3 batches"


def test_what_is_dropped_depends_on_epoch_and_batch_alone(engine: str) -> None:
    """With a learning rate of almost 0 and the rows in order, only dropout tells epochs apart."""
    strategy = make_strategy(
        model=mlp(dropout=0.5), learning_rate=1e-12, sampling="sequential", optimizer="sgd"
    )
    losses = train(strategy).history["train_loss"]
    assert len(set(losses)) == 3
    assert train(strategy).history["train_loss"] == losses


def test_a_save_in_passing_does_not_change_the_training() -> None:
    strategy = make_strategy(model=mlp(dropout=0.3))
    run = Watcher(lambda _: Request.SAVE | Request.REPORT)
    assert train(strategy, run).digest == train(strategy).digest
    assert len(run.saved) == len(run.boundaries)
    assert all(s.position == p for s, p in zip(run.saved, run.boundaries, strict=True))


def test_a_snapshot_does_not_change_while_the_training_goes_on() -> None:
    run = Watcher(lambda position: Request.SAVE if position == (0, 0) else Request.NONE)
    train(make_strategy(), run)
    at_epoch_0 = run.records[0].digest
    assert run.saved[0].digest() == at_epoch_0
    assert run.records[-1].digest != at_epoch_0


def test_each_epochs_record_carries_the_digest_of_its_end() -> None:
    strategy = make_strategy(epochs=3)
    run = Watcher()
    result = train(strategy, run)
    assert run.records[-1].digest == result.digest
    assert run.records[1].digest == stopped(strategy, epoch=1, batch=0).digest()
    assert run.records[1].metrics["val_loss"] == result.history["val_loss"][1]


def test_a_report_is_exact_and_does_not_depend_on_where_the_training_was_cut() -> None:
    strategy = make_strategy()
    everywhere = Watcher(lambda _: Request.REPORT)
    train(strategy, everywhere)
    resumed = Watcher(lambda _: Request.REPORT)
    train(strategy, resumed, after=stopped(strategy, epoch=0, batch=3))
    assert resumed.reports == [r for r in everywhere.reports if r.position > (0, 3)]


def test_the_epochs_loss_is_the_last_reports() -> None:
    strategy = make_strategy(epochs=1)
    run = Watcher(lambda _: Request.REPORT)
    result = train(strategy, run)
    last = next(r for r in reversed(run.reports) if r.position.batch)
    loss = float.fromhex(last.loss_sum) / float.fromhex(last.weight_sum)
    assert loss == result.history["train_loss"][0]


def test_the_learning_rate_of_every_epoch_survives_a_resume() -> None:
    strategy = make_strategy(epochs=4, lr_scheduler={"type": "one_cycle"})
    result = train(strategy, after=stopped(strategy, epoch=1, batch=4))
    assert result.history["learning_rate"] == train(strategy).history["learning_rate"]


def test_the_resume_contexts_bytes_are_dropped_once_they_are_loaded() -> None:
    strategy = make_strategy()
    snapshot = stopped(strategy, epoch=0, batch=0)
    context = TrainingResumeContext.from_artifacts(snapshot.artifacts(), original_request={})
    trainer = ModelTrainer(strategy, resume_context=context)
    trainer.train(make_dataset(strategy))
    assert context not in vars(trainer).values()


def test_a_checkpoint_of_another_network_names_the_file_that_does_not_fit() -> None:
    snapshot = stopped(make_strategy(), epoch=0, batch=0)
    with pytest.raises(ValueError, match=r"model\.pt"):
        train(make_strategy(model=mlp(hidden_layers=(9,))), after=snapshot)
