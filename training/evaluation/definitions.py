"""What each number of an evaluation is: the one text that pages, the API's description and
docs/EVALUATION.md show. Free of torch."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Definition:
    text: str
    """Its formula, in words that need no other page."""
    source: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.source})" if self.source else self.text


_METRICS = {
    "net_return": Definition(
        text="What 1 has gained by the end, after costs: the product of (1 + r) over all periods, "
        "less 1."
    ),
    "sharpe": Definition(
        text="Mean of r, over its sample deviation (T - 1), times √(periods per year). The "
        "risk-free rate is 0. Null where the returns do not vary.",
        source="Sharpe 1994",
    ),
    "sharpe_standard_error": Definition(
        text="√((1 + S²/2) / T) times √(periods per year), S the ratio per period, T the number "
        "of periods: of one ratio, for independent returns. Of a difference of two independent "
        "ratios it is √(a² + b²), √2 times that of one where both are equal.",
        source="Lo 2002, eq. 9",
    ),
    "deflated_sharpe": Definition(
        text="Probability that the true Sharpe ratio is above E / √(T - 1), which the best of N "
        "looks has without any skill: Z((S - E / √(T - 1)) √(T - 1) / √(1 - g S + (k - 1) / 4 "
        "S²)), S the ratio per period, T the number of periods, g and k skewness and kurtosis of "
        "their returns, N how often the test range was looked at, E the mean of the largest of N "
        "standard normal draws, 0 of one. Null where the returns do not vary, or were not kept "
        "(by 0.1.0).",
        source="Bailey, López de Prado 2014",
    ),
    "minimum_track_record": Definition(
        text="Years that returns like these would have to last, all in all, until their deflated "
        "Sharpe ratio is 95 %: the years of the test range, times n / T, n = 1 + ((1.645 √(1 - g S "
        "+ (k - 1) / 4 S²) + E) / S)², with the letters of that ratio. Null where S is not above "
        "0, for no time is enough, and where that ratio is null.",
        source="Bailey, López de Prado 2012, eq. 13",
    ),
    "max_drawdown": Definition(
        text="The largest of 1 - equity / highest equity before, the start counting as 1. From "
        "open to open: what happens within a bar is not seen."
    ),
    "ruined_at": Definition(
        text="Beginning of the period in which the equity would have been 0 or less, Unix seconds; "
        "null if it never was."
    ),
    "trades": Definition(
        text="Positions opened, summed over the symbols; a turn from long to short opens one."
    ),
    "exposure": Definition(text="Share of the bars with a position, mean over the symbols."),
    "turnover": Definition(
        text="Units by which the position changed, 1 to open, 1 to close, 2 to turn, summed over "
        "the bars, mean over the symbols."
    ),
    "costs": Definition(
        text="Half of round_trip_cost times the turnover, as a fraction of equity: a sum over the "
        "bars, mean over the symbols."
    ),
    "accuracy": Definition(
        text="Share of the samples whose most probable class is their label. Ignores the "
        "confidence threshold."
    ),
    "balanced_accuracy": Definition(
        text="Mean of the recalls of the classes that occur. Ignores the confidence threshold."
    ),
    "macro_f1": Definition(
        text="Mean of the classes' F1. Ignores the confidence threshold.",
    ),
    "log_loss": Definition(
        text="Mean of -ln(probability of the label), each probability at least 1e-15. Ignores the "
        "confidence threshold."
    ),
    "mse": Definition(text="Mean of (prediction - label)², the labels forward returns."),
    "mae": Definition(text="Mean of abs(prediction - label)."),
    "r2": Definition(
        text="1 - Σ(prediction - label)² / Σ(label - mean label)². Null where the labels do not "
        "vary."
    ),
    "correlation": Definition(
        text="Pearson's, of predictions and labels. Null where either does not vary."
    ),
    "direction": Definition(
        text="Share of the samples whose label is not 0 in which the prediction has its sign."
    ),
    "precision": Definition(
        text="Of the samples whose most probable class it is, the share whose label it is. Null "
        "where there are none. Ignores the confidence threshold."
    ),
    "recall": Definition(
        text="Of the samples whose label it is, the share whose most probable class it is. Null "
        "where there are none. Ignores the confidence threshold."
    ),
    "f1": Definition(
        text="2 · right / (predicted + occurred). Null where both are 0. Ignores the confidence "
        "threshold."
    ),
}

BESIDE = {
    "buy_and_hold": Definition(
        text="Long in every symbol from the test part's first bar to its last, after costs."
    ),
    "class_prior": Definition(
        text="The class frequencies of the training part, as the prediction for every bar."
    ),
    "mean_return": Definition(
        text="The mean label of the training part, as the prediction for every bar."
    ),
    "logistic_regression": Definition(
        text="Multinomial, with an L2 penalty of ½ · ‖w‖² on inputs standardised and clipped to "
        "±10, fitted on at most 100,000 evenly spaced training rows. Of a window it sees the last "
        "row only."
    ),
    "linear_regression": Definition(
        text="Ridge: half the squared error, with an L2 penalty of ½ · ‖w‖² on inputs standardised "
        "and clipped to ±10, fitted on at most 100,000 evenly spaced training rows. Of a window it "
        "sees the last row only."
    ),
}
"""What a model must beat, by the name of its column."""

FIELDS = {
    "samples": Definition(
        text="Labelled bars of the test part: what accuracy and the like are of."
    ),
    "first_time": Definition(
        text="Open of the test part's first bar, Unix seconds, UTC; positions start flat there."
    ),
    "last_time": Definition(text="Open of its last bar, Unix seconds, UTC."),
    "metrics": Definition(text="Of the model."),
    "buy_and_hold": BESIDE["buy_and_hold"],
    "baselines": Definition(text="The same metrics of what the model must beat, by name."),
    "confusion": Definition(
        text="Samples by label (rows) and most probable class (columns), in the order buy, hold, "
        "sell; null for a regression. Ignores the confidence threshold."
    ),
    "equity_curve": Definition(
        text="What 1 has become after each period, of the model and of buy and hold, thinned to at "
        "most 400 points; times are the periods' beginnings, Unix seconds. test_returns.npy of "
        "the bundle has every return."
    ),
    "symbol_samples": Definition(
        text="Samples of every symbol in every part, by symbol, then part."
    ),
    "outside_range": Definition(
        text="Share of the rows of validation and test that lie outside the range on which an "
        "input was fitted, the training part's: by symbol, input, part."
    ),
    "notes": Definition(text="What to keep in mind when reading the numbers."),
    "times_scored": Definition(
        text="How often anybody of this site looked at a result on a shared symbol and an "
        "overlapping test range of the same timeframe by now, this time among them, up to 10,000. "
        "Equal returns are one look, and what was deleted since has been looked at."
    ),
    "seen_test": Definition(
        text="In words, that the weights were trained on bars that score them, which its user "
        "accepted; empty where they were not. Models of 0.1.0 lack it."
    ),
}
"""The fields of an evaluation, beside single metrics."""

OF_A_CLASS = ("precision", "recall", "f1")


def metric_names() -> tuple[str, ...]:
    """Every one; those of a single class without the class."""
    return tuple(_METRICS)


def metric_key(name: str) -> str:
    """Under which a metric is defined: `precision` for `precision_buy`."""
    kind = name.partition("_")[0]
    return kind if kind in OF_A_CLASS else name


def definition_of(name: str) -> Definition | None:
    """The definition of a metric as evaluations name it; None for one that no version had."""
    return _METRICS.get(metric_key(name))
