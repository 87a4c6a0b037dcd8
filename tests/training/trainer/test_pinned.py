"""Engine, threads, optimizer flavour and validation batch: a fixed rule, never a measurement."""

import json
from typing import Any

import pytest
import torch

from tests.training.trainer.synthetic import make_strategy, mlp, recurrent
from training.trainer.engines import rule
from training.trainer.networks import make_network
from training.trainer.pinned import Pinned

CPU = torch.device("cpu")


def test_the_kernel_has_one_thread_and_an_optimizer_of_its_own() -> None:
    pinned = Pinned.by_rule(make_strategy(model=mlp(hidden_layers=(64, 32))), CPU)
    assert (pinned.engine, pinned.optimizer_flavour, pinned.threads) == ("kernel", "kernel", 1)


@pytest.mark.parametrize(
    ("model", "batch_size", "engine"),
    [
        (mlp(hidden_layers=(512, 256)), 1024, "kernel"),
        (mlp(hidden_layers=(512, 256)), 2048, "autograd"),
        (mlp(hidden_layers=(256, 128)), 2048, "kernel"),
        (mlp(hidden_layers=(1024, 1024)), 32, "autograd"),
        (recurrent("gru", hidden_size=64), 32, "kernel"),
        (recurrent("lstm", hidden_size=64), 32, "kernel"),
        (recurrent("gru", hidden_size=64), 256, "kernel"),
        (recurrent("lstm", hidden_size=96), 127, "kernel"),
        (recurrent("lstm", hidden_size=96), 128, "autograd"),
        (recurrent("gru", hidden_size=256), 32, "autograd"),
    ],
)
def test_small_networks_are_trained_by_the_kernel(
    model: dict[str, Any], batch_size: int, engine: str
) -> None:
    strategy = make_strategy(model=model, batch_size=batch_size)
    assert Pinned.by_rule(strategy, CPU).engine == engine


def test_a_gpu_trains_by_autograd() -> None:
    pinned = Pinned.by_rule(make_strategy(), torch.device("cuda"))
    assert (pinned.engine, pinned.optimizer_flavour) == ("autograd", "fused")


@pytest.mark.parametrize("name", ["OPTIMIZERS", "LOSSES"])
def test_what_the_kernel_lacks_is_trained_by_autograd(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule, name, ())
    assert Pinned.by_rule(make_strategy(), CPU).engine == "autograd"


def test_without_a_compiler_only_engine_flavour_and_threads_are_others() -> None:
    strategy = make_strategy(optimizer="rmsprop")
    by_rule, without = Pinned.by_rule(strategy, CPU), Pinned.with_autograd(strategy, CPU)
    assert (without.engine, without.optimizer_flavour) == ("autograd", "single")
    assert without.validation_batch == by_rule.validation_batch


def test_what_was_pinned_before_there_were_two_engines_stays_on_autograd() -> None:
    pinned = Pinned.by_rule(make_strategy(), CPU).to_json()
    del pinned["engine"]
    assert Pinned.from_json(pinned).engine == "autograd"


def test_small_networks_train_on_one_thread() -> None:
    assert Pinned.by_rule(make_strategy(model=mlp(hidden_layers=(64, 32))), CPU).threads == 1


def test_a_megabyte_of_weights_pays_for_two_threads() -> None:
    strategy = make_strategy(model=mlp(hidden_layers=(1024, 1024)))
    assert Pinned.by_rule(strategy, CPU).threads == 2


@pytest.mark.parametrize(("batch_size", "threads"), [(127, 1), (128, 2)])
def test_large_recurrent_batches_pay_for_two_threads(batch_size: int, threads: int) -> None:
    model = recurrent("lstm", hidden_size=150)  # more weights than the kernel trains
    strategy = make_strategy(model=model, batch_size=batch_size)
    assert Pinned.by_rule(strategy, CPU).threads == threads


def test_long_windows_are_validated_in_smaller_batches() -> None:
    short = Pinned.by_rule(make_strategy(model=recurrent("gru", sequence_length=2)), CPU)
    long = Pinned.by_rule(make_strategy(model=recurrent("gru", sequence_length=1000)), CPU)
    assert short.validation_batch == 8192
    assert long.validation_batch == 500


def test_it_survives_json() -> None:
    pinned = Pinned.by_rule(make_strategy(), CPU)
    assert Pinned.from_json(json.loads(json.dumps(pinned.to_json()))) == pinned


def test_counting_weights_makes_none() -> None:
    """A parent that is about to fork must not run a tensor operation."""
    before = torch.get_rng_state()
    Pinned.by_rule(make_strategy(model=mlp(hidden_layers=(4096, 4096))), CPU)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    "model",
    [mlp(), mlp(hidden_layers=()), recurrent("lstm", num_layers=3), recurrent("gru")],
    ids=["mlp", "regression", "lstm", "gru"],
)
def test_as_many_weights_are_counted_as_the_network_has(model: dict[str, Any]) -> None:
    strategy = make_strategy(model=model)
    network = make_network(strategy, inputs=4, outputs=3)
    assert strategy.num_weights() == sum(weights.numel() for weights in network.parameters())
