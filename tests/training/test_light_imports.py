"""What a web process or the start of a training loads stays small."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "numpy", "polars", "pandas", "talib", "numba"}


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a new process has after some code."""
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    answer = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], check=True, capture_output=True, text=True
    )
    return set(answer.stdout.split())


def test_the_strategy_grammar_needs_no_numbers_and_no_database() -> None:
    loaded = loaded_by("from training.strategy import list_strategies; list_strategies()[0].load()")
    assert not loaded & (HEAVY | {"django"})


@pytest.mark.django_db
def test_loading_bars_needs_only_numpy() -> None:
    setup = "import os, django; django.setup()"
    code = (
        f"{setup}; from training.market_data.samples import load_sample; load_sample('SP500', '1d')"
    )
    loaded = loaded_by(f"{code}; import training.market_data.catalog")
    assert loaded & HEAVY == {"numpy"}


def test_a_prediction_needs_no_torch() -> None:
    code = "import django; django.setup(); import training.management.commands.predict"
    assert not loaded_by(code) & {"torch", "safetensors"}
