"""How much of a Sharpe ratio may be luck: that of one look, and that of the best of several.

Ratios are per return, unless they are said to be annual; the kurtosis of a normal distribution is
3. Returns are taken as independent of each other, and so are looks: correlated ones are judged too
strictly.

Sources: D. H. Bailey, M. López de Prado: The Sharpe Ratio Efficient Frontier, Journal of Risk 15
(2012); The Deflated Sharpe Ratio, Journal of Portfolio Management 40 (2014); with J. M. Borwein,
Q. J. Zhu: Pseudo-Mathematics and Financial Charlatanism, Notices of the AMS 61 (2014).
"""

import math
from statistics import NormalDist

from training.evaluation.sharpe import Moments

EULER_MASCHERONI = 0.5772156649015329
CONFIDENCE = 0.95
"""From which on a ratio is told from luck."""
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


def minimum_track_record(
    of: Moments, benchmark: float = 0.0, *, looks: int = 1, confidence: float = CONFIDENCE
) -> float | None:
    """
    How many returns of this shape it takes until their ratio is told from a benchmark (2012,
    eq. 13); and from the luck of so many looks at them, if there are several.

    So many returns have a `deflated_sharpe` of the confidence. None where no number is enough: the
    ratio is not above the benchmark; or their moments leave no error at all.
    """
    variance, above = _variance(of), of.sharpe - benchmark
    if variance <= 0 or above <= 0:
        return None
    sure = math.sqrt(variance) * _NORMAL.inv_cdf(confidence)
    return 1 + ((sure + expected_maximum(looks)) / above) ** 2


def minimum_backtest_length(looks: int, annual_sharpe: float = 1.0) -> float:
    """
    Years below which the best of so many looks is expected to have this annual ratio without any
    skill (Notices of the AMS 2014, theorem 1).
    """
    return (expected_maximum(looks) / annual_sharpe) ** 2


def _variance(of: Moments) -> float:
    """Of the ratio's error, times the number of returns less 1."""
    return 1 - of.skewness * of.sharpe + (of.kurtosis - 1) / 4 * of.sharpe**2
