"""The return over the next bars, on series made by hand."""

import numpy as np
import pytest

from training.features.labels.forward_return import forward_return


def test_it_is_the_relative_change_over_the_horizon() -> None:
    labels = forward_return(np.array([100.0, 110.0, 120.0, 99.0]), horizon=2)
    assert labels.values[:2] == pytest.approx([0.2, -0.1])
    assert labels.end_rows.tolist() == [2, 3, -1, -1]


def test_the_last_bars_have_no_label() -> None:
    labels = forward_return(np.array([100.0, 110.0, 120.0]), horizon=1)
    assert np.isnan(labels.values).tolist() == [False, False, True]


@pytest.mark.parametrize("num_bars", [0, 1, 3])
def test_no_more_bars_than_the_horizon_have_no_label(num_bars: int) -> None:
    assert not forward_return(np.full(num_bars, 100.0), horizon=3).defined.any()


def test_a_price_of_zero_has_no_label() -> None:
    labels = forward_return(np.array([0.0, 100.0, 110.0, 0.0]), horizon=1)
    assert labels.defined.tolist() == [False, True, True, False]
    assert labels.values[2] == -1.0
