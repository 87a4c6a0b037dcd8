"""`compile_loops` leaves nothing to compile for a worker: every loop, with its types."""

import json
import subprocess
import sys
from functools import cache

LOOPS = """
import gc, json, pkgutil
from importlib import import_module

import django
django.setup()

import training.features
from tests.training.features.datasets import daily, dataset_of, make_strategy
from training.compilation import compiled
from training.features.compile_loops import compile_loops

def signatures():
    codes = [code for code in gc.get_objects() if type(code).__name__ == "CPUDispatcher"]
    return {
        f"{code.py_func.__module__}.{code.py_func.__name__}": [str(s) for s in code.signatures]
        for code in codes
        if code.py_func.__module__.startswith("training.features")
    }

compile_loops()
compiled_loops = signatures()
for options in ({}, {"timeframes": ("1d", "1w"), "sequence_length": 3}):
    dataset_of(make_strategy(**options), daily(1000))

loops = {
    f"{value.__module__}.{name}"
    for module in pkgutil.walk_packages(training.features.__path__, "training.features.")
    for name, value in vars(import_module(module.name)).items()
    if getattr(value, "__code__", None) is compiled(len).__code__
}
print(json.dumps({"loops": sorted(loops), "first": compiled_loops, "then": signatures()}))
"""


@cache
def in_another_process() -> dict[str, dict[str, list[str]]]:
    done = subprocess.run(
        [sys.executable, "-c", LOOPS], capture_output=True, text=True, check=True, timeout=300
    )
    answer: dict[str, dict[str, list[str]]] = json.loads(done.stdout)
    return answer


def test_every_loop_is_compiled() -> None:
    answer = in_another_process()
    assert len(answer["loops"]) > 10
    assert list(answer["loops"]) == sorted(answer["first"])


def test_a_strategy_that_is_prepared_then_compiles_nothing_more() -> None:
    answer = in_another_process()
    assert answer["then"] == answer["first"]
