from dataclasses import replace

import numba.core.registry
import numpy as np
import pytest
import torch

from tests.training.trainer.synthetic import make_dataset, make_strategy
from training.trainer.engines import kernel
from training.trainer.fingerprint import Fingerprint, take_fingerprint
from training.trainer.pinned import Pinned


def fingerprint(seed: int = 0, rows: int = 200) -> Fingerprint:
    strategy = make_strategy(seed=seed)
    pinned = Pinned.by_rule(strategy, torch.device("cpu"))
    return take_fingerprint(strategy, make_dataset(strategy, rows=rows), pinned)


def test_the_same_training_in_the_same_place_has_the_same_fingerprint() -> None:
    assert fingerprint().differences(fingerprint()) == ()


def test_a_difference_says_which_part_and_both_values() -> None:
    before = replace(fingerprint(), torch="2.0", threads=2)
    differences = fingerprint().differences(before)
    assert {difference.part for difference in differences} == {"torch", "threads"}
    assert f"torch was 2.0, is {torch.__version__}" in map(str, differences)


def test_strategy_and_dataset_belong_to_it() -> None:
    assert {d.part for d in fingerprint(seed=1).differences(fingerprint())} == {"strategy"}
    assert {d.part for d in fingerprint(rows=300).differences(fingerprint())} == {"dataset"}


def test_it_survives_json() -> None:
    assert Fingerprint.from_json(fingerprint().to_json()) == fingerprint()


def test_a_part_that_was_not_recorded_differs() -> None:
    recorded = fingerprint().to_json()
    del recorded["cpu_numpy"]
    differences = fingerprint().differences(Fingerprint.from_json(recorded))
    assert [difference.before for difference in differences] == ["unknown"]


def test_it_names_what_numerical_libraries_choose_kernels_by() -> None:
    taken = fingerprint()
    assert taken.numpy == np.__version__
    assert taken.cpu_torch == torch.backends.cpu.get_cpu_capability()
    assert taken.cpu
    assert taken.cpu_numpy


def test_what_the_environment_forces_on_them_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint()
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    assert [d.part for d in fingerprint().differences(before)] == ["cpu_switches"]


def test_the_kernels_compiler_and_processor_belong_to_it() -> None:
    compiler = fingerprint().compiler
    assert "llvmlite" in compiler
    assert kernel.compiler() == compiler
    assert numba.core.registry.cpu_target.target_context.codegen().magic_tuple()[1] in compiler


def test_autograd_does_not_depend_on_a_compiler() -> None:
    strategy = make_strategy()
    pinned = Pinned.with_autograd(strategy, torch.device("cpu"))
    assert take_fingerprint(strategy, make_dataset(strategy), pinned).compiler == ""


def test_trainings_from_before_there_was_a_kernel_are_still_exact() -> None:
    strategy = make_strategy()
    pinned = Pinned.with_autograd(strategy, torch.device("cpu"))
    now = take_fingerprint(strategy, make_dataset(strategy), pinned)
    recorded = now.to_json()
    del recorded["compiler"]
    assert now.differences(Fingerprint.from_json(recorded)) == ()


def test_another_engine_is_a_difference() -> None:
    strategy = make_strategy()
    pinned = Pinned.with_autograd(strategy, torch.device("cpu"))
    other = take_fingerprint(strategy, make_dataset(strategy), pinned)
    different = {difference.part for difference in other.differences(fingerprint())}
    assert different == {"engine", "optimizer_flavour", "compiler"}
