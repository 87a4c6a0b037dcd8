"""However a training is interrupted, it ends with the same bytes.

Every attempt is a process of its own; checkpoints travel as files; outcomes are compared by state
digest, metrics and the bundle's bytes, at tolerance zero. `EXACTNESS_INTERRUPTIONS` asks for
more than the sampled interruptions of every test run.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.training.trainer.attempt import Interruption
from tests.training.trainer.processes import (
    AttemptFailed,
    Outcome,
    train_in_processes,
    train_through,
)
from tests.training.trainer.synthetic import LEARNED, WRITTEN, make_strategy, mlp, recurrent, tsk
from training.strategy import Strategy
from training.trainer.state import REQUIRED_PARTS

OF_EVERY_RUN = 50
SAMPLED_INTERRUPTIONS = int(os.environ.get("EXACTNESS_INTERRUPTIONS", OF_EVERY_RUN))

ROWS = 120  # 72 of them training: 5 batches of 16, the last one shorter; 2 validation batches
EPOCHS = 3
BOUNDARIES = 8  # of an epoch: 5 batches, 2 validation batches, its end

MODELS: dict[str, dict[str, Any]] = {
    "mlp": mlp(),
    "mlp with dropout": mlp(dropout=0.3),
    "mlp on autograd": mlp(),
    "mlp with dropout on autograd": mlp(dropout=0.3),
    "lstm": recurrent("lstm"),
    "lstm with dropout": recurrent("lstm", dropout=0.3),
    "gru of two layers": recurrent("gru", num_layers=2),
    "gru with dropout": recurrent("gru", dropout=0.3),
    "lstm with dropout on autograd": recurrent("lstm", dropout=0.3),
    "gru of two layers on autograd": recurrent("gru", num_layers=2),
    "learned rules": tsk(rules=5),
    "written rules with linear consequents": tsk(rules=WRITTEN, consequent="linear"),
    "learned rules on autograd": tsk(rules=5, consequent="linear"),
}
PLACES = {
    "first batch": 8,
    "middle batch": 10,
    "last batch": 12,
    "during validation": 13,
    "epoch end": 15,
}
SCHEDULES: list[dict[str, Any]] = [
    {"type": "none"},
    {"type": "step", "step_size": 1, "gamma": 0.5},
    {"type": "exponential"},
    {"type": "plateau", "patience": 0},
    {"type": "cosine"},
    {"type": "one_cycle"},
]
OPTIMIZERS = ["adam", "adamw", "sgd", "rmsprop"]
WEIGHTED = {"source": "triple_barrier", "compute_weights": True}
RETURNS = {"source": "forward_return"}
VARIANTS: dict[str, dict[str, Any]] = {
    "shuffled": {},
    "weighted draw": {"sampling": "weighted", "labels": WEIGHTED},
    "weighted loss": {"labels": WEIGHTED, "class_weights": "inverse"},
    "sequential": {"sampling": "sequential"},
    "focal": {"loss": "focal", "class_weights": {"hold": 2.0}},
    "mse": {"loss": "mse", "labels": RETURNS},
    "huber": {"loss": "huber", "labels": RETURNS},
    "clipped": {"gradient_clip": 0.1, "weight_decay": 0.01},
    "patient for accuracy": {"early_stopping": {"patience": 1, "monitor": "val_accuracy"}},
    "patient for loss": {"early_stopping": {"patience": 1, "min_delta": 0.2}},
}


ENGINES = ("kernel", "autograd")
TWINS: dict[str, Outcome] = {}


def engine_of(model: str) -> str:
    """By rule, all networks of this size are the kernel's."""
    return "autograd" if model.endswith("on autograd") else "kernel"


def assert_exact(strategy: Strategy, *interruptions: Interruption, **pinned: Any) -> None:
    assert exact_through(strategy, interruptions, **pinned) == len(interruptions)


def exact_through(strategy: Strategy, interruptions: Sequence[Interruption], **pinned: Any) -> int:
    """How many of them came about; without one, nothing is shown."""
    undisturbed = undisturbed_twin(strategy, **pinned)
    outcome, happened = train_through(strategy, interruptions, rows=ROWS, **pinned)
    assert outcome == undisturbed
    return happened


def undisturbed_twin(strategy: Strategy, **pinned: Any) -> Outcome:
    """Trained once for all tests of this process that disturb the same training."""
    key = json.dumps([strategy.snapshot(), pinned], sort_keys=True)
    if key not in TWINS:
        TWINS[key] = train_in_processes(strategy, rows=ROWS, **pinned)
    return TWINS[key]


def by_day(model: str, place: str) -> bool:
    """Each model at two places, each place in four models; the others are left to the night."""
    return (list(MODELS).index(model) - list(PLACES).index(place)) % 5 < 2


@pytest.mark.parametrize(
    ("model", "place"),
    [
        pytest.param(model, place, marks=[] if by_day(model, place) else pytest.mark.repeats)
        for model in MODELS
        for place in PLACES
    ],
)
def test_stopped_at_every_kind_of_boundary(model: str, place: str) -> None:
    strategy = make_strategy(model=MODELS[model], epochs=EPOCHS, lr_scheduler={"type": "plateau"})
    assert_exact(strategy, Interruption(boundary=PLACES[place]), engine=engine_of(model))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule["type"])
def test_every_schedule_goes_on_where_it_was(schedule: dict[str, Any], engine: str) -> None:
    strategy = make_strategy(model=mlp(dropout=0.2), epochs=EPOCHS, lr_scheduler=schedule)
    assert_exact(strategy, Interruption(boundary=7), Interruption(boundary=18), engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_goes_on_where_it_was(optimizer: str, engine: str) -> None:
    strategy = make_strategy(epochs=EPOCHS, optimizer=optimizer, weight_decay=0.01)
    assert_exact(strategy, Interruption(boundary=10), Interruption(boundary=15), engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_loss_sampling_and_stopping_goes_on_where_it_was(variant: str, engine: str) -> None:
    strategy = make_strategy(epochs=EPOCHS, **VARIANTS[variant])
    interruptions = Interruption(boundary=3), Interruption(boundary=12, how="kill")
    assert_exact(strategy, *interruptions, engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("model", "optimizer"), [("mlp with dropout", "adamw"), ("gru of two layers", "rmsprop")]
)
def test_sets_that_are_learned_go_on_where_they_were(
    model: str, optimizer: str, engine: str
) -> None:
    strategy = make_strategy(
        model=MODELS[model], epochs=EPOCHS, optimizer=optimizer, fuzzy_sets=LEARNED
    )
    interruptions = Interruption(boundary=10), Interruption(boundary=15, how="kill")
    assert_exact(strategy, *interruptions, engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_rules_go_on_where_they_were(optimizer: str, engine: str) -> None:
    strategy = make_strategy(
        model=tsk(rules=6, consequent="linear"),
        epochs=EPOCHS,
        optimizer=optimizer,
        fuzzy_sets=LEARNED,
        learning_rate=0.1,
        weight_decay=0.01,
    )
    interruptions = Interruption(boundary=10), Interruption(boundary=15, how="kill")
    assert_exact(strategy, *interruptions, engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_killed_between_two_saves_three_times(engine: str) -> None:
    strategy = make_strategy(model=mlp(dropout=0.3), epochs=EPOCHS)
    kills = [Interruption(boundary=at, how="kill", save_every=3) for at in (4, 11, 20)]
    assert_exact(strategy, *kills, engine=engine)


def test_killed_before_the_first_save() -> None:
    kill = Interruption(boundary=4, how="kill", save_every=1000)
    assert_exact(make_strategy(epochs=EPOCHS), kill)


@pytest.mark.parametrize("model", [model for model in MODELS if model.endswith("on autograd")])
def test_two_threads_are_as_exact_as_one(model: str) -> None:
    strategy = make_strategy(model=MODELS[model], epochs=2)
    interruptions = Interruption(boundary=3), Interruption(boundary=9)
    assert_exact(strategy, *interruptions, threads=2, engine=engine_of(model))


@st.composite
def interrupted_trainings(draw: st.DrawFn) -> tuple[Strategy, list[Interruption], str]:
    model = draw(st.sampled_from(sorted(MODELS)))
    strategy = make_strategy(
        model=MODELS[model],
        epochs=EPOCHS,
        optimizer=draw(st.sampled_from(OPTIMIZERS)),
        lr_scheduler=draw(st.sampled_from(SCHEDULES)),
        seed=draw(st.integers(0, 2**32 - 1)),
        fuzzy_sets=draw(st.sampled_from([None, LEARNED])),
        **VARIANTS[draw(st.sampled_from(sorted(VARIANTS)))],
    )
    boundaries = st.integers(0, EPOCHS * BOUNDARIES - 1)
    interruption = st.builds(
        Interruption,
        boundary=boundaries,
        how=st.sampled_from(["stop", "kill"]),
        save_every=st.integers(1, 5),
    )
    interruptions = draw(st.lists(interruption, min_size=1, max_size=3))
    in_order = sorted(interruptions, key=lambda interruption: interruption.boundary)
    return strategy, in_order, engine_of(model)


@pytest.mark.timeout(900)
def test_sampled_interruptions_change_no_byte() -> None:
    interruptions = 0

    @settings(
        max_examples=2 * SAMPLED_INTERRUPTIONS,
        deadline=None,
        derandomize=SAMPLED_INTERRUPTIONS == OF_EVERY_RUN,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(interrupted_trainings())
    def check(case: tuple[Strategy, list[Interruption], str]) -> None:
        nonlocal interruptions
        if interruptions < SAMPLED_INTERRUPTIONS:
            interruptions += exact_through(case[0], case[1], engine=case[2])

    check()
    assert interruptions >= SAMPLED_INTERRUPTIONS


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("part", sorted(REQUIRED_PARTS))
def test_forgetting_any_part_of_the_state_is_noticed(part: str, engine: str) -> None:
    """Otherwise the tests above could not fail."""
    strategy = make_strategy(
        model=mlp(dropout=0.2),
        epochs=EPOCHS,
        learning_rate=0.3,
        lr_scheduler={"type": "plateau", "patience": 1},
        early_stopping={"patience": 10},
    )
    interruption = Interruption(boundary=BOUNDARIES * 2 + 2)  # in the third epoch
    undisturbed = undisturbed_twin(strategy, engine=engine)
    assert undisturbed["best_epoch"] < EPOCHS - 1, "the best epoch must be one that can be lost"
    again = train_in_processes(strategy, [interruption], rows=ROWS, engine=engine)
    assert again == undisturbed
    with suppress(AttemptFailed):  # a state without this part cannot even go on
        forgetful = train_in_processes(
            strategy, [interruption], rows=ROWS, forget=part, engine=engine
        )
        assert forgetful != undisturbed
