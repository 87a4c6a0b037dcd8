"""How much of a Sharpe ratio may be luck: that of one look, and that of the best of several.

Ratios are per return, never annual; the kurtosis of a normal distribution is 3. Returns are taken
as independent of each other, and so are looks: correlated ones are judged too strictly.

Sources: D. H. Bailey, M. López de Prado: The Sharpe Ratio Efficient Frontier, Journal of Risk 15
(2012); The Deflated Sharpe Ratio, Journal of Portfolio Management 40 (2014).
"""

import math
from statistics import NormalDist

from training.evaluation.sharpe import Moments

EULER_MASCHERONI = 0.5772156649015329
_NORMAL = NormalDist()


def probabilistic_sharpe(of: Moments, benchmark: float = 0.0) -> float | None:
    """
    The probability that the true ratio is above a benchmark, both per return (2012, eq. 11).

    None where the moments leave no error at all: returns of two values.
    """
    variance = _variance(of)
    if variance <= 0:
        return None
    return _NORMAL.cdf((of.sharpe - benchmark) * math.sqrt((of.count - 1) / variance))


def expected_maximum(looks: int) -> float:
    """Mean of the largest of so many independent standard normal draws (2014, eq. 1); of one 0."""
    if looks <= 1:
        return 0.0
    first, second = _NORMAL.inv_cdf(1 - 1 / looks), _NORMAL.inv_cdf(1 - 1 / (looks * math.e))
    return (1 - EULER_MASCHERONI) * first + EULER_MASCHERONI * second


def deflated_sharpe(of: Moments, looks: int, *, variance: float | None = None) -> float | None:
    """
    The probability that the true ratio is above what the best of so many looks has without skill
    (2014, eq. 2).

    Args:
        looks: how many ratios were looked at, this one among them.
        variance: of those ratios, per return; by itself that of ratios without any skill.
    """
    spread = 1 / (of.count - 1) if variance is None else variance
    return probabilistic_sharpe(of, math.sqrt(spread) * expected_maximum(looks))


def _variance(of: Moments) -> float:
    """Of the ratio's error, times the number of returns less 1."""
    return 1 - of.skewness * of.sharpe + (of.kurtosis - 1) / 4 * of.sharpe**2
