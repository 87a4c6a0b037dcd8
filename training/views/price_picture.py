"""The picture of what a model did on its bars, and the page of one of them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from operations.bounded.visit import visit_of
from operations.errors import DomainError, InvalidInput
from operations.reading.words import quantity, share_words
from operations.views.base import PageView, refused
from training.explaining import words
from training.market_data.report import as_text
from training.models import TrainedModel
from training.presentation import price_picture as drawn
from training.presentation.account_pictures import WIDTH
from training.strategy.values import first_second, last_second
from training.trained import stored_models
from training.trained.account_asking import ask_bar, ask_price, ask_table
from training.views.account_pictures import SIDES, percent, source
from training.views.pictures import Drawing, Picture, Table, is_part

NEWEST_SHOWN = 50


def price(request: HttpRequest, model: TrainedModel) -> Picture:
    start, end = _moment(request, "from", first_second), _moment(request, "to", last_second)
    told = ask_price(
        model,
        symbol=request.GET.get("symbol") or None,
        start=start,
        end=end,
        user=request.user,
        visit=visit_of(request),
    )
    candles = told["candles"]
    each = candles["bars_each"]
    asked = {name: value for name in ("symbol", "from", "to") if (value := request.GET.get(name))}
    drawn_as = f", each point of {each:,} bars" if each > 1 else ""
    unmarked = (
        f" Its {told['num_trades']:,} trades in this time are too many to mark: ask for less of it."
        if told["num_trades"] > len(told["trades"])
        else ""
    )
    return Picture(
        source=source(
            told,
            f"{told['symbol']} {told['timeframe']}, {candles['num_bars']:,} bars{drawn_as}. A "
            "decision falls at a bar's close; entries and exits stand where they are filled, at "
            f"the open of the next one.{unmarked}",
        ),
        drawing=Drawing(
            width=WIDTH,
            height=drawn.HEIGHT,
            about=f"The price of {told['symbol']}, with the parts that were trained, validated and "
            f"tested on, and {len(told['trades']):,} trades; a table has its numbers.",
            body=drawn.body(told),
        ),
        keys=[
            *drawn.PART_KEYS,
            ("colour-4", "long, from ▲ to ○"),
            ("colour-2", "short, from ▼ to ○"),
        ],
        table=_candles(candles, told["decisions"]),
        file=_file(request, model),
        said=told["notes"],
        data=dict(told),
        query=f"{urlencode(asked)}&" if asked else "",
        above="training/price_options.html",
        more="training/price_bar.html",
    )


def _candles(candles: Mapping[str, Any], decisions: list[str]) -> Table:
    names = ("open", "high", "low", "close")
    rows = list(zip(candles["times"], *(candles[name] for name in names), strict=True))
    said = decisions or [""] * len(rows)
    return Table(
        heads=("Bar, UTC", "Open", "High", "Low", "Close", "Decision"),
        rows=[
            (as_text(row[0]), *(f"{value:,.6g}" for value in row[1:]), decision)
            for row, decision in list(zip(rows, said, strict=True))[: -NEWEST_SHOWN - 1 : -1]
        ],
        left_out="The newest of what is drawn. The file has every bar of the test part: what was "
        "said, decided and held.",
    )


def _file(request: HttpRequest, model: TrainedModel) -> str:
    if request.GET.get("format") != "csv":
        return ""
    return ask_table(model, "positions", user=request.user, visit=visit_of(request))


def _moment(request: HttpRequest, name: str, of: Callable[[str], int]) -> int | None:
    """Raises `InvalidInput`."""
    given = request.GET.get(name, "")[:40]
    try:
        return of(given) if given else None
    except (ValueError, OverflowError) as error:
        raise InvalidInput(reason=f"{name}: {error}") from error


class BarView(PageView):
    """What a model saw and said at the close of one bar: part of its page, or a page."""

    def is_counted(self, request: HttpRequest) -> bool:
        return True

    def get(self, request: HttpRequest, model_id: int) -> HttpResponse:
        model = stored_models.get_visible(request.user, model_id)
        template = f"training/price_bar{'' if is_part(request) else '_page'}.html"
        context: dict[str, Any] = {"model": model, "at": request.GET.get("at", "")}
        try:
            context |= _shown(request, model)
        except DomainError as error:
            page = render(request, template, {**context, "error": error})
            return page if is_part(request) else refused(page, error)
        return render(request, template, context)


def _shown(request: HttpRequest, model: TrainedModel) -> dict[str, Any]:
    at = _moment(request, "at", first_second)
    if at is None:
        raise InvalidInput(reason="at is the bar's open, a date or a UTC time.")
    told = ask_bar(
        model,
        symbol=request.GET.get("symbol") or None,
        at=at,
        user=request.user,
        visit=visit_of(request),
    )
    trade, why = told["trade"], told["why"]
    return {
        "why": why
        and {
            "heads": words.heads(why),
            "lines": [(*line[:3], line[3:]) for line in words.lines(why)],
            "fine_print": words.FINE_PRINT,
            "rule_heads": words.rule_heads(why),
            "rules": [(*line[:2], line[2:]) for line in words.rule_lines(why)],
            "about_rules": words.about_rules(why),
        },
        "bar": told,
        "time": as_text(told["time"]),
        "before": told["before"] and as_text(told["before"]),
        "after": told["after"] and as_text(told["after"]),
        "prices": [(name, quantity(value)) for name, value in told["prices"].items()],
        "inputs": [
            (
                it["id"],
                it["of"],
                f"{it['value']:.6g}",
                f"{it['input']:.4f}",
                "membership" if it["is_membership"] else "scaled",
            )
            for it in told["inputs"]
        ],
        "said": [(name, share_words(share)) for name, share in told["probabilities"].items()]
        or [("return", percent(told["predicted_return"], 3))],
        "label": told["label"] if isinstance(told["label"], str) else percent(told["label"], 3),
        "held": {1: "long", -1: "short", 0: "flat", None: ""}[told["position"]],
        "trade": trade
        and {
            "side": SIDES[trade["side"]],
            "entry": as_text(trade["entry_time"]),
            "exit": as_text(trade["exit_time"]),
            "net": percent(trade["net_return"], 2),
        },
    }
