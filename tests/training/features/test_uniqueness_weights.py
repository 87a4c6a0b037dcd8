"""Weights of overlapping labels: López de Prado 2018, snippets 4.1 and 4.2."""

import numpy as np
import pytest

from training.features.labels.uniqueness import average_uniqueness


def test_a_label_that_overlaps_no_other_weighs_one() -> None:
    weights = average_uniqueness(np.array([0, 5]), np.array([3, 9]))
    assert weights.tolist() == [1.0, 1.0]


def test_labels_share_the_bars_they_have_in_common() -> None:
    # bar:      0  1  2  3  4          first label 0-2, second 2-4: only bar 2 is shared
    weights = average_uniqueness(np.array([0, 2]), np.array([2, 4]))
    assert weights == pytest.approx([(1 + 1 + 0.5) / 3, (0.5 + 1 + 1) / 3])


def test_weights_follow_the_definition_bar_by_bar() -> None:
    generator = np.random.default_rng(1)
    rows = np.flatnonzero(generator.random(300) < 0.6)
    ends = rows + generator.integers(1, 20, rows.size)
    concurrency = np.zeros(400)
    for row, end in zip(rows, ends, strict=True):
        concurrency[row : end + 1] += 1
    expected = [
        (1 / concurrency[row : end + 1]).mean() for row, end in zip(rows, ends, strict=True)
    ]
    assert average_uniqueness(rows, ends) == pytest.approx(expected, rel=1e-12)


def test_no_labels_have_no_weights() -> None:
    empty = np.empty(0, np.int64)
    assert average_uniqueness(empty, empty).size == 0
