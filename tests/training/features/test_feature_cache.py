"""Prepared datasets are kept on disk, whole or not at all, checked at each load, and bounded."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.features.datasets import daily, dataset_of, make_strategy, serve
from training.features import cache as module
from training.features.cache import FeatureCache, cache_key, prepare_dataset
from training.features.dataset import Dataset
from training.features.history import LoadBars
from training.market_data.bars import Bars
from training.strategy import Strategy

BARS = daily(700)
WEIGHTED = {"source": "triple_barrier", "compute_weights": True}
PLENTY = 10**9


class Watched:
    """Prepares datasets in one directory and knows whether features were computed for it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def prepare(self, strategy: Strategy, *bars: Bars, **options: Any) -> tuple[Dataset, bool]:
        told: list[str] = []
        dataset = prepare_dataset(
            strategy,
            directory=self.directory,
            load_bars=loader(strategy, *(bars or (BARS,))),
            progress=told.append,
            **options,
        )
        return dataset, any(message.startswith("Computing") for message in told)

    @property
    def entries(self) -> list[Path]:
        return sorted(self.directory.iterdir())


def loader(strategy: Strategy, *bars: Bars) -> LoadBars:
    return serve(dict(zip(strategy.symbols, bars, strict=True)))


@pytest.fixture
def cache(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "cache")


def test_the_second_time_nothing_is_computed_and_everything_is_the_same(cache: Watched) -> None:
    strategy = make_strategy(labels=WEIGHTED)
    computed, was_computed = cache.prepare(strategy)
    loaded, was_computed_again = cache.prepare(strategy)
    assert (was_computed, was_computed_again) == (True, False)
    assert loaded.digest() == computed.digest()
    for name, value in vars(computed).items():
        other = getattr(loaded, name)
        if isinstance(value, np.ndarray):
            assert other.dtype == value.dtype
            assert np.array_equal(other, value, equal_nan=value.dtype.kind == "f")
        else:
            assert other == value


def test_loaded_arrays_are_mapped_and_writing_to_them_leaves_the_files_alone(
    cache: Watched,
) -> None:
    cache.prepare(make_strategy())
    loaded, _ = cache.prepare(make_strategy())
    assert isinstance(loaded.features.base, np.memmap)
    loaded.features[:] = 0.0
    again, was_computed = cache.prepare(make_strategy())
    assert not was_computed
    assert again.features.any()


def test_warnings_survive(cache: Watched) -> None:
    strategy = make_strategy(
        fuzzy_sets={
            "momentum": {
                "indicator": "rsi_5",
                "memberships": [
                    {"name": "low", "type": "triangular", "parameters": [0.0, 1.0, 20.0]}
                ],
            }
        }
    )
    computed, _ = cache.prepare(strategy)
    assert computed.warnings
    assert cache.prepare(strategy)[0].warnings == computed.warnings


@pytest.mark.parametrize(
    "changes",
    [
        {"sequence_length": 5},
        {"labels": {"source": "triple_barrier", "max_holding_period": 9}},
        {"data_split": {"embargo": 1}},
        {"training_data": {"start_date": "2005-06-01"}},
        {"nn_inputs": [{"fuzzy_set": "momentum"}]},
    ],
)
def test_what_changes_the_dataset_changes_the_key(changes: dict[str, Any]) -> None:
    assert cache_key(make_strategy(**changes), {}) != cache_key(make_strategy(), {})


def test_the_order_of_memberships_changes_the_key() -> None:
    low = {"name": "low", "type": "triangular", "parameters": [0.0, 0.0, 60.0]}
    high = {"name": "high", "type": "triangular", "parameters": [40.0, 100.0, 100.0]}
    keys = {
        cache_key(
            make_strategy(fuzzy_sets={"momentum": {"indicator": "rsi_5", "memberships": order}}), {}
        )
        for order in ([low, high], [high, low])
    }
    assert len(keys) == 2


def test_the_name_epochs_and_network_do_not_change_the_key() -> None:
    strategy = make_strategy()
    snapshot = strategy.snapshot()
    snapshot["name"] = "another"
    snapshot["training"]["epochs"] = 7
    snapshot["model"]["architecture"]["hidden_layers"] = [3]
    assert cache_key(Strategy.from_snapshot(snapshot), {}) == cache_key(strategy, {})


def test_other_bars_are_prepared_anew(cache: Watched) -> None:
    cache.prepare(make_strategy())
    other, was_computed = cache.prepare(make_strategy(), daily(700, seed=9))
    assert was_computed
    assert other.digest() == dataset_of(make_strategy(), daily(700, seed=9)).digest()


def test_another_version_of_the_code_prepares_anew(
    cache: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.prepare(make_strategy())
    monkeypatch.setattr(module, "code_version", lambda: "another")
    assert cache.prepare(make_strategy())[1]


def damaged_in(path: Path) -> Iterator[str]:
    """Damage one file of an entry in every way there is."""
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    yield "one bit"
    path.write_bytes(content[: len(content) // 2])
    yield "truncated"
    path.write_bytes(b"")
    yield "empty"
    path.unlink()
    yield "missing"


def test_a_damaged_entry_is_dropped_and_prepared_anew(
    cache: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    expected = cache.prepare(make_strategy(labels=WEIGHTED))[0].digest()
    (entry,) = cache.entries
    for name in sorted(path.name for path in entry.iterdir()):
        damages = damaged_in(entry / name)
        for damage in damages:
            dataset, was_computed = cache.prepare(make_strategy(labels=WEIGHTED))
            assert was_computed, (name, damage)
            assert dataset.digest() == expected
            assert "damaged" in caplog.text
            assert cache.entries == [entry]


def test_the_least_recently_used_entries_go_when_the_cache_is_full(cache: Watched) -> None:
    first, second, third = (make_strategy(data_split={"embargo": n}) for n in range(3))
    cache.prepare(first)
    (oldest,) = cache.entries
    size = sum(path.stat().st_size for path in oldest.iterdir())
    room_for_two = {"max_bytes": int(2.5 * size)}
    cache.prepare(second)
    for entry in cache.entries:
        then = 1_000_000 if entry == oldest else 2_000_000
        os.utime(entry, (then, then))
    cache.prepare(first)  # used again
    cache.prepare(third, **room_for_two)
    assert len(cache.entries) == 2
    assert not cache.prepare(first)[1]
    assert not cache.prepare(third)[1]
    assert cache.prepare(second)[1]


def test_an_entry_larger_than_the_whole_cache_is_not_kept(cache: Watched) -> None:
    dataset, _ = cache.prepare(make_strategy(), max_bytes=100)
    assert dataset.features.size
    assert cache.entries == []


def test_nothing_but_entries_is_ever_removed(cache: Watched) -> None:
    cache.directory.mkdir()
    (cache.directory / "notes").mkdir()
    (cache.directory / "notes" / "mine.txt").write_text("keep")
    cache.prepare(make_strategy(), max_bytes=100)
    assert [entry.name for entry in cache.entries] == ["notes"]


def test_what_a_dead_process_left_behind_goes_after_a_day(cache: Watched) -> None:
    for name, age in (("tmp-old", 2 * 86_400), ("tmp-new", 60)):
        path = cache.directory / name
        path.mkdir(parents=True)
        then = path.stat().st_mtime - age
        os.utime(path, (then, then))
    cache.prepare(make_strategy())
    names = {entry.name for entry in cache.entries}
    assert "tmp-new" in names
    assert "tmp-old" not in names


def test_a_cache_that_cannot_be_written_costs_no_training(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    dataset, was_computed = Watched(blocked / "cache").prepare(make_strategy())
    assert was_computed
    assert dataset.features.size
    assert "not kept" in caplog.text


PROCESS = """
import django
django.setup()
from tests.training.features.test_feature_cache import *
watched = Watched(Path(input()))
print(watched.prepare(make_strategy())[0].digest())
"""


def test_processes_that_prepare_the_same_at_once_leave_one_whole_entry(cache: Watched) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    found = set()
    for process in processes:
        assert process.stdin is not None
        print(cache.directory, file=process.stdin, flush=True)
    for process in processes:
        found.add(process.communicate(timeout=120)[0].strip())
        assert process.returncode == 0
    (entry,) = cache.entries
    loaded = FeatureCache(cache.directory, max_bytes=PLENTY).load(entry.name)
    assert loaded is not None
    assert found == {loaded.digest()}
