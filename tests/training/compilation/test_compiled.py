"""Loops are compiled once, and wherever they can be kept they are kept."""

import subprocess
import sys

import numpy as np

from training.compilation import compiled
from training.features.labels.volatility import log_returns

SOURCE = """
def doubled(values):
    return values * 2.0
"""

CALL_TWICE = """
import sys, numpy as np, django
django.setup()
from training.features.labels.volatility import log_returns
assert "numba" not in sys.modules
log_returns(np.array([1.0, 2.0]))
import gc
[code] = [d for d in gc.get_objects() if type(d).__name__ == "CPUDispatcher"
          and d.py_func.__name__ == "log_returns"]
print(sum(code.stats.cache_hits.values()), sum(code.stats.cache_misses.values()))
"""


def test_a_function_whose_code_cannot_be_kept_is_compiled_all_the_same() -> None:
    names: dict[str, object] = {}
    exec(SOURCE, names)
    doubled = compiled(names["doubled"])  # type: ignore[arg-type]
    assert doubled(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]  # type: ignore[attr-defined]


def test_another_process_loads_the_code_instead_of_compiling_it() -> None:
    log_returns(np.array([1.0, 2.0]))
    done = subprocess.run(
        [sys.executable, "-c", CALL_TWICE], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", "0"]
