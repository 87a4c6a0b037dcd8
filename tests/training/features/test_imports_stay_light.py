"""A process that only looks at strategies and bars does not pay for what computes features."""

import subprocess
import sys

IMPORT_EVERYTHING = """
import sys, django
django.setup()
from training.features import assembly, cache, history, plan
from training.features.indicators import compute
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_importing_the_feature_code_loads_neither_numba_nor_torch_nor_pandas() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "talib" in loaded
    assert not loaded & {"numba", "llvmlite", "torch", "pandas", "scipy"}
