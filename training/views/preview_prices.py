"""The price of a preview, with its parts and labels, as a page shows it and as files."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.launch.preview import LabelledPrice, Preview
from training.market_data.report import as_text
from training.presentation import price_picture as drawn
from training.presentation.account_pictures import WIDTH
from training.strategy.values import CLASSES
from training.views.pictures import Drawing, Picture, Table, as_svg

CSV_HEADS = (
    "symbol",
    "time",
    "low",
    "high",
    "close",
    "part",
    *(f"labelled_{it}" for it in CLASSES),
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    title: str
    picture: Picture


def shown(preview: Preview) -> list[Shown]:
    return [Shown(title=_title(price), picture=_picture(price)) for price in preview.prices]


def svg(preview: Preview) -> str:
    """Of the first symbol."""
    first = preview.prices[0]
    return as_svg(_picture(first), _title(first))


def table(preview: Preview) -> str:
    """CSV of what is drawn of every symbol that is."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_HEADS)
    for price in preview.prices:
        writer.writerows(_rows(price))
    return text.getvalue()


def _title(price: LabelledPrice) -> str:
    return f"{price.symbol} {price.timeframe}, its parts and labels"


def _rows(price: LabelledPrice) -> Iterator[Sequence[object]]:
    counts = list(zip(*price.labels, strict=True)) or [("", "", "")] * len(price.times)
    columns = zip(price.times, price.low, price.high, price.close, counts, strict=True)
    for time, low, high, close, labelled in columns:
        part = next((name for name, first, last in price.parts if first <= time <= last), "")
        yield price.symbol, as_text(time), low, high, close, part, *labelled


def _picture(price: LabelledPrice) -> Picture:
    each = f", each point of {price.bars_each:,}" if price.bars_each > 1 else ""
    of_labels = [("colour-4", "buy"), ("colour-soft", "hold"), ("colour-2", "sell")]
    return Picture(
        source=f"All {price.bars:,} rows of {price.symbol}{each}; what lies between two parts is "
        "left out."
        + (
            " Below, which share of its labelled bars is buy, hold and sell."
            if price.labels
            else ""
        ),
        drawing=Drawing(
            width=WIDTH,
            height=drawn.HEIGHT,
            about=f"The price of {price.symbol}, its parts and labels; the table has the dates.",
            body=drawn.labelled_body(price),
        ),
        keys=[*drawn.PART_KEYS, *(of_labels if price.labels else [])],
        table=_parts(price),
    )


def _parts(price: LabelledPrice) -> Table:
    """By run of a part; labels by where the pieces that are drawn begin."""
    rows = []
    for name, first, last in price.parts:
        inside = [first <= time <= last for time in price.times]
        counts = [
            sum(count for count, own in zip(of_class, inside, strict=True) if own)
            for of_class in price.labels
        ]
        rows.append((name, as_text(first), as_text(last), *(f"{it:,}" for it in counts)))
    return Table(heads=("Part", "From", "To", *(CLASSES if price.labels else ())), rows=rows)
