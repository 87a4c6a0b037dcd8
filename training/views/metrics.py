"""Metrics as people read them: in words, with units, side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from operations.reading.words import number, share_words
from training.evaluation import definitions
from training.market_data.report import as_text

Number = float | int | None
RUINED_AT = "ruined_at"
LARGEST_PERCENT = 1e6  # that is written out
MOST_YEARS = 1_000
DECADES = 20  # years that are told without a digit after the point
Metrics = Mapping[str, Number]


@dataclass(frozen=True, kw_only=True)
class MetricRow:
    name: str
    label: str
    cells: tuple[str, ...]
    """One for each column that was asked for."""
    is_detail: bool
    """Whether it is a metric of a single class: folded away."""

    @property
    def key(self) -> str:
        """Under which it is defined."""
        return definitions.metric_key(self.name)


def _signed_percent(value: float) -> str:
    """No sign on what rounds to 0, and no more digits than a return can have meant."""
    percent = round(100 * value, 1)
    if abs(percent) >= LARGEST_PERCENT:
        return f"{percent:+.1e} %"
    return f"{percent:+,.1f} %" if percent else "0.0 %"


def _ratio(value: float) -> str:
    return f"{value:+.2f}"


def _two_places(value: float) -> str:
    return f"{value:.2f}"


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _years(value: float) -> str:
    """No more digits than such a number can have meant."""
    if value > MOST_YEARS:
        return f"over {MOST_YEARS:,} years"
    return f"{value:.0f} years" if value >= DECADES else f"{value:.1f} years"


def _moment(value: float) -> str:
    return as_text(int(value))


_WORDS: dict[str, tuple[str, Callable[[float], str]]] = {
    "net_return": ("Net return", _signed_percent),
    "sharpe": ("Sharpe ratio, annual", _ratio),
    "sharpe_standard_error": ("… its standard error", _two_places),
    "deflated_sharpe": ("Deflated Sharpe ratio", share_words),
    "minimum_track_record": ("… track record for 95 %", _years),
    "max_drawdown": ("Deepest drawdown", share_words),
    RUINED_AT: ("Ruined on", _moment),
    "trades": ("Trades", _count),
    "exposure": ("Time in the market", share_words),
    "turnover": ("Turnover", number),
    "costs": ("Costs paid", share_words),
    "accuracy": ("Accuracy", share_words),
    "balanced_accuracy": ("Balanced accuracy", share_words),
    "macro_f1": ("F1, mean of the classes", number),
    "log_loss": ("Log loss", number),
    "mse": ("Mean squared error", number),
    "mae": ("Mean absolute error", number),
    "r2": ("R²", number),
    "correlation": ("Correlation", _ratio),
    "direction": ("Direction right", share_words),
}
_OF_A_CLASS = {"precision": "Precision", "recall": "Recall", "f1": "F1"}

COLUMN_WORDS = {
    "buy_and_hold": "Buy and hold",
    "class_prior": "Class prior",
    "logistic_regression": "Ridge logistic regression, last row, ≤ 100,000 rows",
    "mean_return": "Mean return",
    "linear_regression": "Ridge regression, last row, ≤ 100,000 rows",
}


def table(columns: Sequence[Metrics]) -> list[MetricRow]:
    """A row for each metric that any column has; those of single classes last.

    That of ruin is there only where any was ruined.
    """
    there = {
        name
        for column in columns
        for name, value in column.items()
        if name != RUINED_AT or value is not None
    }
    known = [name for name in _WORDS if name in there]
    return [_row(name, columns) for name in [*known, *sorted(there - set(known))]]


def known() -> tuple[str, ...]:
    """Every metric with words of its own; not those of a single class."""
    return tuple(_WORDS)


def words(name: str) -> str:
    if name in _WORDS:
        return _WORDS[name][0]
    kind, _, of_class = name.partition("_")
    return f"{_OF_A_CLASS[kind]}, {of_class}" if kind in _OF_A_CLASS else name.replace("_", " ")


def shown(name: str, value: Number) -> str:
    """With its unit; a number that is not defined is a dash."""
    if value is None:
        return "\N{EN DASH}"
    return _WORDS.get(name, ("", number))[1](value)


def told(column: Metrics, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """In words and shown, those of these that it has; that of ruin where there was one."""
    for name in names:
        if name in column and (name != RUINED_AT or column[name] is not None):
            yield words(name), shown(name, column[name])


def sharpe_words(told: Metrics, *, by: str) -> str:
    """`+0.50, deflated 41.2 % (3 looks)`: no ratio of a model stands alone."""
    ratio = shown("sharpe", told["sharpe"])
    if told["sharpe"] is None:
        return ratio
    return f"{ratio}, deflated {shown('deflated_sharpe', told['deflated_sharpe'])} ({by})"


def _row(name: str, columns: Sequence[Metrics]) -> MetricRow:
    cells = tuple(shown(name, column.get(name)) for column in columns)
    return MetricRow(name=name, label=words(name), cells=cells, is_detail=name not in _WORDS)
