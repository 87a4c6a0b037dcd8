"""Extend and fork: what is taken over, what is reset, and that an extension is exact."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.training.trainer.synthetic import LEARNED, make_dataset, make_strategy, mlp, tsk
from tests.training.trainer.watching import Watcher, stop_at
from training.launch.carry_plan import Fate, plan_carry
from training.model_trainer import ModelTrainer, TrainingResult
from training.strategy import Strategy
from training.trainer.carry import carry
from training.trainer.resume_context import TrainingResumeContext
from training.trainer.state import Position, Snapshot


def train(strategy: Strategy, *, after: Snapshot | None = None, **kwargs: Any) -> TrainingResult:
    context = None
    if after is not None:
        context = TrainingResumeContext.from_artifacts(after.artifacts(), original_request={})
    return ModelTrainer(strategy, resume_context=context, **kwargs).train(make_dataset(strategy))


def final_of(strategy: Strategy) -> Snapshot:
    return train(strategy).final


def carried(snapshot: Snapshot, before: Strategy, now: Strategy) -> Snapshot:
    return carry(snapshot, plan_carry(before, now), now)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"lr_scheduler": {"type": "step", "step_size": 2}},
        {"lr_scheduler": {"type": "exponential"}},
        {"lr_scheduler": {"type": "plateau", "patience": 0}, "learning_rate": 0.1},
        {"early_stopping": {"patience": 3}, "learning_rate": 0.1},
        {"model": tsk(rules=5, consequent="linear"), "fuzzy_sets": LEARNED},
    ],
    ids=["none", "step", "exponential", "plateau", "patient", "rules"],
)
def test_extending_from_a_to_b_epochs_is_a_training_of_b(settings: dict[str, Any]) -> None:
    settings = {"model": mlp(dropout=0.3), **settings}
    short = make_strategy(epochs=3, **settings)
    long = make_strategy(epochs=6, **settings)
    whole = train(long)
    assert not whole.stopped_early
    run = Watcher()
    extended = train(long, after=carried(final_of(short), short, long), run=run)
    assert extended.digest == whole.digest
    assert [record.epoch for record in run.records] == [3, 4, 5]  # it did not start over


@pytest.mark.parametrize("kind", ["cosine", "one_cycle"])
def test_a_cycle_starts_again_over_the_added_epochs(kind: str) -> None:
    short = make_strategy(epochs=3, lr_scheduler={"type": kind})
    long = make_strategy(epochs=6, lr_scheduler={"type": kind})
    assert plan_carry(short, long).schedule is Fate.NEW_CYCLE
    rates = train(long, after=carried(final_of(short), short, long)).history["learning_rate"]
    assert rates[3:] == pytest.approx(rates[:3])


def test_an_extension_that_was_interrupted_keeps_its_cycle() -> None:
    short = make_strategy(epochs=3, lr_scheduler={"type": "one_cycle"})
    long = make_strategy(epochs=6, lr_scheduler={"type": "one_cycle"})
    start = carried(final_of(short), short, long)
    run = stop_at(epoch=3, batch=2)
    train(long, after=start, run=run)
    assert run.final is not None
    assert train(long, after=run.final).digest == train(long, after=start).digest


def test_a_training_that_stopped_early_is_patient_again() -> None:
    settings = {"early_stopping": {"patience": 2, "min_delta": 10.0}}
    short, long = make_strategy(epochs=20, **settings), make_strategy(epochs=30, **settings)
    final = train(short)
    assert final.stopped_early
    state = carried(final.final, short, long).parts["early_stopping"]
    assert (state["stopped"], state["bad_epochs"]) == (False, 0)


def test_history_and_best_model_are_carried() -> None:
    short, long = make_strategy(epochs=3), make_strategy(epochs=5)
    final = final_of(short)
    start = carried(final, short, long)
    for part in ("model", "optimizer", "best_model", "best", "history", "position"):
        assert start.parts[part] is final.parts[part]


def test_asking_for_no_more_epochs_is_refused() -> None:
    strategy = make_strategy(epochs=3)
    with pytest.raises(ValueError, match="3 epochs are done"):
        carried(final_of(strategy), strategy, strategy)


@pytest.mark.parametrize("change", [{"model": mlp(hidden_layers=(9,))}, {"num_features": 5}])
def test_another_network_can_carry_nothing(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="nothing can be carried over"):
        plan_carry(make_strategy(), make_strategy(**change))


RESETS = [
    ({"gradient_clip": 1.0}, set()),
    ({"weight_decay": 0.1}, set()),
    ({"learning_rate": 0.5}, {"schedule"}),
    ({"optimizer": "sgd"}, {"optimizer"}),
    ({"lr_scheduler": {"type": "plateau"}}, {"schedule"}),
    ({"early_stopping": {"patience": 3}}, {"early_stopping"}),
    (
        {"early_stopping": {"patience": 3, "monitor": "val_accuracy"}},
        {"early_stopping", "best_model"},
    ),
    ({"loss": "focal"}, {"best_model", "early_stopping", "epoch_under_way"}),
    ({"class_weights": "inverse"}, {"best_model", "early_stopping", "epoch_under_way"}),
    ({"labels": {"source": "zigzag"}}, {"best_model", "early_stopping", "epoch_under_way"}),
    ({"seed": 9}, {"epoch_under_way"}),
    ({"batch_size": 8}, {"epoch_under_way"}),
    ({"sampling": "sequential"}, {"epoch_under_way"}),
]


@pytest.mark.parametrize(("change", "resets"), RESETS, ids=[str(c)[:40] for c, _ in RESETS])
def test_a_fork_resets_what_its_change_makes_meaningless(
    change: dict[str, Any], resets: set[str]
) -> None:
    plan = plan_carry(make_strategy(), make_strategy(**change))
    assert {part for part, fate in vars(plan).items() if fate is Fate.RESET} == resets


@pytest.mark.parametrize(("change", "resets"), RESETS, ids=[str(c)[:40] for c, _ in RESETS])
def test_a_fork_from_the_middle_of_an_epoch_trains_to_its_end(
    change: dict[str, Any], resets: set[str]
) -> None:
    before, now = make_strategy(epochs=4), make_strategy(epochs=4, **change)
    run = stop_at(epoch=1, batch=3)
    train(before, run=run)
    assert run.final is not None
    start = carried(run.final, before, now)
    expected = Position(1, 0) if "epoch_under_way" in resets else Position(1, 3)
    assert start.position == expected
    result = train(now, after=start)
    assert result.position == Position(3, 0)
    assert len(result.history["val_loss"]) == 4


def test_a_fork_takes_its_new_settings_and_not_the_old_ones() -> None:
    before = make_strategy(epochs=2)
    now = make_strategy(epochs=3, learning_rate=0.5, weight_decay=0.2)
    start = carried(final_of(before), before, now)
    after = train(now, after=start)
    assert after.history["learning_rate"] == [0.01, 0.01, 0.5]
    without_decay = make_strategy(epochs=3, learning_rate=0.5)
    assert after.digest != train(without_decay, after=start).digest


def test_the_snapshot_itself_is_not_changed() -> None:
    before = make_strategy(epochs=2)
    final = final_of(before)
    digest = final.digest()
    carried(final, before, make_strategy(epochs=3, optimizer="sgd", loss="focal"))
    assert final.digest() == digest
    assert replace(final).position == Position(1, 0)
    assert isinstance(final.parts["losses"]["values"], torch.Tensor)


def test_the_table_names_every_part_and_its_fate() -> None:
    table = plan_carry(make_strategy(), make_strategy(loss="focal")).table()
    assert {"part": "weights", "fate": "carried"} in table
    assert {"part": "best model", "fate": "reset"} in table
    assert len(table) == 7


FIXED = {name: {**given, "learn": False} for name, given in LEARNED.items()}
OTHER = {**LEARNED, "wave": {**LEARNED["wave"], "middle": [-0.7, 0.0, 0.9]}}


def moves_of(snapshot: Snapshot) -> Any:
    return snapshot.parts["model"].get("sets.moves")


def test_learned_sets_are_carried_where_the_file_is_equal() -> None:
    before = make_strategy(epochs=3, fuzzy_sets=LEARNED)
    final = final_of(before)
    longer = make_strategy(epochs=6, fuzzy_sets=LEARNED)
    assert plan_carry(before, longer).moves is None
    assert torch.equal(moves_of(carried(final, before, longer)), moves_of(final))
    other = make_strategy(epochs=6, fuzzy_sets=OTHER)
    plan = plan_carry(before, other)
    assert plan.optimizer is Fate.RESET
    fate = "carried where the file's sets are equal"
    assert {"part": "learned fuzzy sets", "fate": fate} in plan.table()
    moves = moves_of(carried(final, before, other))
    assert not moves[:8].any()
    assert torch.equal(moves[8:], moves_of(final)[8:])
    train(other, after=carried(final, before, other))


def test_learning_begins_at_the_file_and_ends_there() -> None:
    off, on = make_strategy(epochs=3, fuzzy_sets=FIXED), make_strategy(epochs=6, fuzzy_sets=LEARNED)
    began = carried(final_of(off), off, on)
    assert not moves_of(began).any()
    assert {"part": "learned fuzzy sets", "fate": "reset"} in plan_carry(off, on).table()
    train(on, after=began)
    short = make_strategy(epochs=3, fuzzy_sets=LEARNED)
    fixed = make_strategy(epochs=6, fuzzy_sets=FIXED)
    ended = carried(final_of(short), short, fixed)
    assert moves_of(ended) is None
    train(fixed, after=ended)


def test_another_rate_changes_no_row_and_no_score() -> None:
    faster = {**LEARNED, "wave": {**LEARNED["wave"], "learn": {"rate": 0.2}}}
    plan = plan_carry(make_strategy(fuzzy_sets=LEARNED), make_strategy(epochs=9, fuzzy_sets=faster))
    assert (plan.best_model, plan.optimizer, plan.moves) == (Fate.CARRIED, Fate.CARRIED, None)


def test_extending_learned_sets_is_exact() -> None:
    short = make_strategy(epochs=3, fuzzy_sets=LEARNED)
    long = make_strategy(epochs=6, fuzzy_sets=LEARNED)
    extended = train(long, after=carried(final_of(short), short, long))
    assert extended.digest == train(long).digest
