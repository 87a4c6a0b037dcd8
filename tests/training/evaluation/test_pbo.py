"""The probability of backtest overfitting is the source's, whatever ties, drops or stands still."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.running.stack import PROJECT
from training.evaluation import pbo
from training.evaluation.pbo import blocks_of, probability_of_backtest_overfitting

Floats = NDArray[np.float64]


def noise(rows: int, columns: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(size=(rows, columns))


def ratio(column: Floats) -> float:
    return 0.0 if np.ptp(column) == 0 else float(column.mean() / column.std(ddof=1))


def step_by_step(returns: Floats, blocks: int) -> float:
    """As the source tells it: ranks, logits, and the share of those that are 0 or less."""
    cut = np.split(returns[len(returns) % blocks :], blocks)
    logits = []
    for chosen in combinations(range(blocks), blocks // 2):
        halves = [
            np.concatenate([cut[block] for block in range(blocks) if (block in chosen) is inside])
            for inside in (True, False)
        ]
        inside, outside = ([ratio(column) for column in half.T] for half in halves)
        own = outside[int(np.argmax(inside))]
        below, equal = sum(other < own for other in outside), outside.count(own)
        share = (below + (equal + 1) / 2) / (len(outside) + 1)
        logits.append(np.log(share / (1 - share)))
    return float(np.mean([logit <= 1e-12 for logit in logits]))


@pytest.mark.parametrize("blocks", [2, 4, 6, 8])
@pytest.mark.parametrize("columns", [2, 3, 9])
def test_it_is_the_sources_step_by_step(blocks: int, columns: int) -> None:
    returns = noise(43, columns, seed=blocks)
    found = probability_of_backtest_overfitting(returns, blocks)
    assert found == step_by_step(returns, blocks)


def test_flat_and_equal_columns_are_ranked_as_they_are() -> None:
    returns = noise(48, 5)
    returns[:, 1], returns[:, 3] = 0.0, returns[:, 0]
    returns[:24, 4] = 0.001  # flat in the first blocks alone
    for blocks in (4, 8):
        found = probability_of_backtest_overfitting(returns, blocks)
        assert found == step_by_step(returns, blocks)


def test_what_is_the_same_everywhere_tells_nothing_of_skill() -> None:
    assert probability_of_backtest_overfitting(np.zeros((64, 7)), 16) == 1.0
    assert probability_of_backtest_overfitting(np.full((64, 7), 0.01), 16) == 1.0


def test_columns_without_a_mean_are_overfit_in_every_half_and_one_that_leads_in_none() -> None:
    returns = noise(1000, 200)
    assert probability_of_backtest_overfitting(returns - returns.mean(axis=0), 16) == 1.0
    returns[:, 7] += 1.0
    assert probability_of_backtest_overfitting(returns, 16) == 0.0


def test_noise_is_overfit_in_half_of_the_halves() -> None:
    found = [probability_of_backtest_overfitting(noise(320, 40, seed), 8) for seed in range(60)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.08)


def test_the_first_rows_that_fill_no_block_are_left_out() -> None:
    returns = noise(67, 6)
    whole = probability_of_backtest_overfitting(returns[3:], 16)
    assert probability_of_backtest_overfitting(returns, 16) == whole


def test_how_much_is_in_memory_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = noise(64, 9)
    whole = probability_of_backtest_overfitting(returns, 8)
    monkeypatch.setattr(pbo, "AT_ONCE", 20)
    assert probability_of_backtest_overfitting(returns, 8) == whole


@pytest.mark.parametrize(
    ("rows", "blocks"), [(0, 0), (7, 0), (8, 4), (13, 6), (31, 14), (32, 16), (9999, 16)]
)
def test_few_rows_are_cut_into_few_blocks(rows: int, blocks: int) -> None:
    assert blocks_of(rows) == blocks


@pytest.mark.parametrize(("shape", "blocks"), [((64, 1), 8), ((64, 2), 7), ((15, 2), 8)])
def test_what_leaves_nothing_to_choose_is_refused(shape: tuple[int, int], blocks: int) -> None:
    with pytest.raises(ValueError, match="halves"):
        probability_of_backtest_overfitting(np.zeros(shape), blocks)


def test_the_example_of_the_documentation_is_right() -> None:
    """Three trials, four blocks of two days."""
    days = [
        (2, 0, 1),
        (4, 2, 0),
        (3, 1, 2),
        (1, -1, 0),
        (-1, 3, 1),
        (-3, 1, 2),
        (-2, 2, 0),
        (0, 4, 1),
    ]
    page = (PROJECT / "docs" / "EVALUATION.md").read_text(encoding="utf-8")
    for number, block in enumerate(zip(days[::2], days[1::2], strict=True), start=1):
        cells = " | ".join(", ".join(map(str, pair)) for pair in zip(*block, strict=True))
        assert f"| {number} | {cells} |" in page
    found = probability_of_backtest_overfitting(np.array(days) / 100.0, 4)
    assert found == pytest.approx(4 / 6)
    assert f"4 of 6, or {100 * found:.1f} %" in page
