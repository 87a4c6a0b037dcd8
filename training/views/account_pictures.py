"""The pictures of a model's account: equity, months, trades."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.http import HttpRequest

from operations.bounded.visit import visit_of
from operations.errors import DomainError
from training.errors import ScoredBarsGone, TooLargeHere
from training.evaluation.backtest import drawdowns
from training.market_data.report import as_text
from training.models import TrainedModel
from training.presentation import account_pictures as drawn
from training.trained.account_asking import ask_account, ask_table
from training.views.pictures import Drawing, Picture, Table

SIDES = {1: "long", -1: "short"}
TRADE_HEADS = (
    *("Entry", "Symbol", "Side", "Exit", "Bars", "Entry price", "Exit price"),
    *("Gross", "Costs", "Net"),
)
DIGITS = ".6g"
"""Of numbers that are drawn; a file has all."""
FALLS = ("drawdown", "equity", "buy_and_hold")


def equity(request: HttpRequest, model: TrainedModel) -> Picture:
    try:
        told = _told(request, model)
    except (ScoredBarsGone, TooLargeHere) as error:
        told = _of_evaluation(model.evaluation["equity_curve"], error)
    curve = _curve(told)
    last, held, deepest = told["equity"][-1], told["buy_and_hold"][-1], max(told["drawdown"])
    return Picture(
        source=told.get("source")
        or source(told, f"Its {told['num_periods']:,} periods are in the file."),
        drawing=Drawing(
            width=drawn.WIDTH,
            height=348,
            about=f"1 became {last:.3f}, and {held:.3f} by buying and holding; below it the "
            f"drawdown, at its deepest {100 * deepest:.1f} %.",
            body=drawn.equity_body(curve),
        ),
        keys=[
            ("colour-1", "the model, after costs"),
            ("colour-soft", "buy and hold"),
            ("colour-2", "drawdown of the model"),
        ],
        table=_years(told["months"]),
        file=_file(request, model, "equity"),
        said=told["notes"],
        data=curve,
        above="training/equity_options.html",
    )


def months(request: HttpRequest, model: TrainedModel) -> Picture:
    told = _told(request, model)
    by_year = drawn.months_by_year(told["months"])
    return Picture(
        source=source(told, "In percent, compounded; a period is of the month it begins in, UTC."),
        drawing=Drawing(
            width=drawn.MONTHS_WIDTH,
            height=drawn.months_height(len(by_year)),
            about=f"Returns of {len(told['months'])} months, a row a year; the table has the same.",
            body=drawn.months_body(by_year),
        ),
        table=Table(
            heads=("Year", *drawn.MONTH_NAMES, "Year's"),
            rows=[
                (
                    year,
                    *(percent(earned.get(number)) for number in range(1, 13)),
                    percent(drawn.compounded(earned.values())),
                )
                for year, earned in by_year.items()
            ],
        ),
        file=_file(request, model, "months"),
    )


def trades(request: HttpRequest, model: TrainedModel) -> Picture:
    told = _told(request, model)
    listed, count = told["trades"], told["num_trades"]
    left_out = f"The newest {len(listed):,} of {count:,}; the file has all." if listed else ""
    return Picture(
        source=source(
            told,
            "Entry and exit are filled at the open of the bar after the decision; half a round "
            "trip's cost is paid at each."
            + (f" The newest {len(listed):,} of {count:,}." if count > len(listed) else ""),
        ),
        drawing=Drawing(
            width=drawn.WIDTH,
            height=232,
            about=f"{len(listed):,} trades: the net return of each by its entry, and a table.",
            body=drawn.trades_body(listed),
        ),
        keys=[("colour-4", "long"), ("colour-2", "short")],
        table=Table(
            heads=TRADE_HEADS,
            rows=[_trade(trade, told["symbols"]) for trade in reversed(listed)],
            left_out=left_out if count > len(listed) else "",
        ),
        file=_file(request, model, "trades"),
        is_open=True,
    )


def _trade(trade: Mapping[str, Any], symbols: Sequence[str]) -> Sequence[str]:
    return (
        as_text(trade["entry_time"]),
        symbols[trade["symbol"]],
        SIDES[trade["side"]],
        as_text(trade["exit_time"]),
        f"{trade['bars']:,}",
        f"{trade['entry_price']:,.6g}",
        f"{trade['exit_price']:,.6g}",
        percent(trade["gross_return"], 2),
        f"{100 * trade['costs']:.2f} %",
        percent(trade["net_return"], 2),
    )


def _told(request: HttpRequest, model: TrainedModel) -> Mapping[str, Any]:
    return ask_account(model, user=request.user, visit=visit_of(request))


def _file(request: HttpRequest, model: TrainedModel, table: str) -> str:
    """The whole of it, where that is asked for."""
    if request.GET.get("format") != "csv":
        return ""
    return ask_table(model, table, user=request.user, visit=visit_of(request))


def source(told: Mapping[str, Any], more: str) -> str:
    names = ", ".join(told["symbols"])
    made = (
        "the predictions that scored it"
        if told["of_stored"]
        else "predictions that the bundle's reader made again"
    )
    return f"From the test part's bars of {names} and {made}, with the strategy's own rules. {more}"


def _of_evaluation(curve: Mapping[str, Sequence[float]], why: DomainError) -> Mapping[str, Any]:
    """What was kept of the curve, where it cannot be made again."""
    values = np.array(curve["equity"])
    return {
        **curve,
        "drawdown": drawdowns(values).tolist(),
        "breaks": [],
        "num_periods": len(values),
        "months": [],
        "notes": [
            f"{why} This is the curve as it was kept, thinned: the drawdown between its "
            "points was deeper."
        ],
        "source": "From the curve that was kept with the evaluation.",
    }


def _curve(told: Mapping[str, Any]) -> dict[str, list[Any]]:
    """With a point that is none before each run: no line leads over what lies between."""
    curve: dict[str, list[Any]] = {"times": [], **{name: [] for name in FALLS}}
    breaks = set(told["breaks"])
    for place, time in enumerate(told["times"]):
        if place in breaks:
            curve["times"].append(time - 1)
            for name in FALLS:
                curve[name].append(None)
        curve["times"].append(time)
        for name in FALLS:
            curve[name].append(float(format(told[name][place], DIGITS)))
    return curve


def _years(by_month: Sequence[Sequence[Any]]) -> Table:
    years: dict[str, list[Sequence[Any]]] = {}
    for row in by_month:
        years.setdefault(row[0][:4], []).append(row)
    return Table(
        heads=("Year", "Model, net", "Buy and hold"),
        rows=[
            (
                year,
                percent(drawn.compounded(row[1] for row in rows)),
                percent(drawn.compounded(row[2] for row in rows)),
            )
            for year, rows in years.items()
        ],
    )


def percent(value: float | None, digits: int = 1) -> str:
    return "" if value is None else f"{100 * value:+.{digits}f} %"
