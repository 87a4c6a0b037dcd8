"""What is said of a result in one line: from stored numbers, and no number that means nothing."""

from dataclasses import replace
from typing import Any

import pytest

from training.trained.looks import Looks
from training.trained.verdict import verdict
from training.views import metrics

MODEL = {
    "net_return": 0.12,
    "sharpe": 0.5,
    "sharpe_standard_error": 0.62,
    "trades": 12,
    "exposure": 0.4,
    "turnover": 24.0,
    "costs": 0.024,
    "accuracy": 0.41,
    "log_loss": 1.05,
}
HELD = {"net_return": 0.25, "trades": 1, "exposure": 1.0, "turnover": 2.0, "costs": 0.002}
PRIOR = {"accuracy": 0.4, "log_loss": 1.06}
THREE = Looks(times_scored=3, deflated_sharpe=0.412)
AS_HELD = {name: HELD[name] for name in ("net_return", "trades", "exposure", "turnover", "costs")}


def told(
    *,
    best_epoch: int | None = 3,
    looks: Looks = THREE,
    test: dict[str, Any] | None = None,
    **own: Any,
) -> str:
    """Of a model with these metrics in place of the usual ones; `test`: of the rest."""
    stored = {
        "metrics": {**MODEL, **own},
        "buy_and_hold": HELD,
        "baselines": {"class_prior": PRIOR},
        "notes": [],
        **(test or {}),
    }
    result = {"test": stored, "best_epoch": best_epoch, "epochs_trained": 200}
    return verdict(result, looks)


def test_the_whole_line() -> None:
    assert told() == (
        "Net return +12.0 %; buy and hold +25.0 %; Sharpe ratio +0.50 ± 0.62, which cannot be told "
        "from 0; 41.2 % sure to be more than the luck of 3 looks at its test range; the best epoch "
        "is the 4th of 200"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (AS_HELD, "; it decides buy on every bar: it is buy and hold;"),
        (
            {"trades": 0, "sharpe": None, "looks": Looks(times_scored=3)},
            "; no Sharpe ratio; 3 looks by now at its test range; it never trades;",
        ),
        ({"accuracy": 0.4, "log_loss": 1.06}, "; no better than the class prior;"),
        ({"sharpe": 1.3}, "; Sharpe ratio +1.30 ± 0.62; 41.2 % sure"),
        (
            {"looks": Looks(deflated_sharpe=0.79)},
            "; 79.0 % sure to be above 0, at the first look at its test range;",
        ),
        (
            {"looks": replace(THREE, years=3.0, minimum_track_record=7.2)},
            "3 looks at its test range; 95.0 % sure if it went on like this for 4.2 more years;",
        ),
        (
            {"looks": replace(THREE, years=3.0, minimum_track_record=1e9)},
            " for over 1,000 more years;",
        ),
        (
            {"looks": Looks(deflated_sharpe=0.97, years=3.0, minimum_track_record=2.9)},
            "97.0 % sure to be above 0, at the first look at its test range; the best epoch",
        ),
        ({"looks": Looks(times_scored=1234)}, "; 1,234 looks by now at its test range;"),
        ({"looks": Looks()}, "; the first look at its test range;"),
        (
            {"test": {"notes": ["The model says sell on each of the 70 bars: it predicts."]}},
            "; it says sell on every bar;",
        ),
        (
            {"test": {"seen_test": "Its weights were trained on A"}},
            "; it was trained on bars that score it: these scores are no test;",
        ),
        (
            {"mse": 2.0, "test": {"baselines": {"mean_return": {"mse": 2.0}}}},
            "; no better than the mean return;",
        ),
        ({"ruined_at": 1544745600, "net_return": -1.0}, "; ruined on 2018-12-14"),
    ],
)
def test_what_a_model_does_is_said_in_words(changes: dict[str, Any], words: str) -> None:
    assert words in told(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"accuracy": 0.41, "log_loss": 1.07},
        {"accuracy": 0.39, "log_loss": 1.05},
        {"accuracy": None, "log_loss": 1.07},
    ],
)
def test_one_score_above_the_prior_or_one_that_is_not_there_condemns_no_model(
    changes: dict[str, Any],
) -> None:
    assert "no better" not in told(**changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"net_return": None}, "Net return not stored; buy and hold +25.0 %;"),
        ({"test": {"buy_and_hold": None}}, "; buy and hold not stored;"),
        ({"sharpe": None}, "; no Sharpe ratio, for its returns never vary;"),
        ({"sharpe_standard_error": None}, "; no Sharpe ratio, for its standard error is not"),
        ({"best_epoch": None}, "; its best epoch is not stored"),
    ],
)
def test_a_figure_that_is_not_there_is_left_out_with_a_word(
    changes: dict[str, Any], words: str
) -> None:
    assert words in told(**changes)


def test_no_ratio_of_a_year_is_told_of_a_few_weeks() -> None:
    line = told(sharpe=11.3, sharpe_standard_error=4.6)
    assert "no Sharpe ratio, for the test part is too short (its error would be 4.6);" in line
    assert "3 looks by now at its test range" in line
    assert not {"11.3", "41.2"} & set(line.split())


def test_what_was_not_scored_has_no_line() -> None:
    assert verdict({"state_digest": "12"}, THREE) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [(-0.0004, "0.0 %"), (-1.0, "-100.0 %"), (123.456, "+12,345.6 %"), (1e300, "+1.0e+302 %")],
)
def test_a_return_is_written_as_one_reads_it(value: float, words: str) -> None:
    assert metrics.shown("net_return", value) == words
