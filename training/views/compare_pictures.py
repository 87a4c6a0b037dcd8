"""The pictures of a comparison: any two metrics against each other, and seeds as mean and band."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.html import format_html

from operations.errors import InvalidInput
from operations.models import Operation
from operations.reading.words import epochs_done, metric
from training.launch.seeds import shared_name, without_seed
from training.presentation.account_pictures import Scale, joined, path, words
from training.snapshots import training_of
from training.views import metrics
from training.views.comparison import CURVES, Comparison
from training.views.pictures import Drawing, Picture, Table

WIDTH, HEIGHT = 900.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 80.0, 880.0, 24.0, 284.0
COLOURS = 5
ACROSS, UP = "max_drawdown", "net_return"
"""What is drawn against each other unless the address says otherwise."""
MOST_ROWS = 50
"""Of a table on the page."""
BAND_HEADS = ("Epoch", "Validation loss", "± deviation", "Training loss", "± deviation")
LINES = {"val_loss": "colour-1", "train_loss": "colour-2"}


def scatter(comparison: Comparison, query: QueryDict) -> Picture | None:
    """`x` and `y` in the address are metrics; None of fewer than two that have both.

    Raises `InvalidInput` of what is none of their metrics.
    """
    names = offered(comparison)
    across, up = (query.get(key) or default for key, default in (("x", ACROSS), ("y", UP)))
    if not names:
        return None
    for name in (across, up):
        if name not in names and name not in (ACROSS, UP):
            raise InvalidInput(reason=f"{name!r} is no metric of these models.")
    points = list(_points(comparison, across, up))
    return _scatter(across, up, points) if len(points) > 1 else None


def offered(comparison: Comparison) -> list[str]:
    """The metrics that any of them has a number of."""
    there = {name for own in comparison.tested.values() for name in _numbers(own)}
    return [name for name in metrics.known() if name in there]


def _numbers(own: metrics.Metrics) -> Iterator[str]:
    return (name for name, value in own.items() if value is not None)


Point = tuple[int, str, float, float]
"""Place on the page, name, and both metrics."""


def _points(comparison: Comparison, across: str, up: str) -> Iterator[Point]:
    for place, operation in enumerate(comparison.operations, 1):
        own = comparison.tested.get(operation.pk, {})
        x, y = own.get(across), own.get(up)
        if x is not None and y is not None:
            yield place, operation.name, x, y


def _scatter(across: str, up: str, points: Sequence[Point]) -> Picture:
    x_scale = Scale([x for _, _, x, _ in points], LEFT + 16, RIGHT - 16)
    y_scale = Scale([y for _, _, _, y in points], BOTTOM - 12, TOP + 8)
    dots = [
        joined(
            [
                format_html(
                    '<path class="dots colour-{}" d="M{} {}h0"></path>',
                    (place - 1) % COLOURS + 1, f"{x_scale(x):.1f}", f"{y_scale(y):.1f}",
                ),
                words(x_scale(x) + 7, y_scale(y) + 4, str(place)),
            ]
        )
        for place, _, x, y in points
    ]  # fmt: skip
    ends = [
        words(LEFT, 14, metrics.words(up)),
        words(LEFT - 6, y_scale(y_scale.low) + 4, metrics.shown(up, y_scale.low), "end"),
        words(x_scale(x_scale.low), BOTTOM + 18, metrics.shown(across, x_scale.low), "middle"),
        words((LEFT + RIGHT) / 2, BOTTOM + 34, metrics.words(across), "middle"),
    ]
    if y_scale.high > y_scale.low:
        highest = metrics.shown(up, y_scale.high)
        ends.append(words(LEFT - 6, y_scale(y_scale.high) + 4, highest, "end"))
    if x_scale.high > x_scale.low:
        highest = metrics.shown(across, x_scale.high)
        ends.append(words(x_scale(x_scale.high), BOTTOM + 18, highest, "middle"))
    frame = f"M{LEFT:.0f} {TOP:.0f}V{BOTTOM:.0f}H{RIGHT:.0f}"
    body = joined([format_html('<path class="axis" d="{}"></path>', frame), *dots, *ends])
    about = f"{metrics.words(up)} by {metrics.words(across)} of {len(points)} models"
    return Picture(
        source="Of each one's test part, by its number on this page. To choose by it is a look at "
        "the test part.",
        drawing=Drawing(width=WIDTH, height=HEIGHT, about=f"{about}; a table follows.", body=body),
        table=Table(
            heads=("Model", metrics.words(across), metrics.words(up)),
            rows=[
                (f"{place} {name}", metrics.shown(across, x), metrics.shown(up, y))
                for place, name, x, y in points
            ],
        ),
        file=f"place,name,{across},{up}\n"
        + "".join(f"{place},{_cell(name)},{x!r},{y!r}\n" for place, name, x, y in points),
    )


def seed_bands(comparison: Comparison) -> list[tuple[str, Picture]]:
    """Title and picture of each two or more that differ in their seed only, and have epochs."""
    alike: dict[str, list[Operation]] = {}
    for operation in comparison.operations:
        if "strategy" in training_of(operation.request) and comparison.epochs[operation.pk]:
            alike.setdefault(without_seed(operation), []).append(operation)
    return [
        (f"{shared_name(own[0].name) or own[0].pk}: {len(own)} seeds", _band(own, comparison))
        for own in alike.values()
        if len(own) > 1
    ]


def _band(operations: Sequence[Operation], comparison: Comparison) -> Picture:
    of_each = [comparison.epochs[operation.pk] for operation in operations]
    epochs = sorted(set.intersection(*(set(own) for own in of_each)))
    rows = {name: list(_spreads(name, epochs, of_each)) for name in CURVES}
    ends = [
        end for row in rows.values() for _, mean, off in row for end in (mean - off, mean + off)
    ]
    across = Scale([float(epochs_done(epoch)) for epoch in epochs] or [0.0], LEFT, RIGHT)
    up = Scale(ends or [0.0], BOTTOM, TOP)
    drawn = []
    for name, row in rows.items():
        xs = [across(epochs_done(epoch)) for epoch, _, _ in row]
        upper = path(xs, [up(mean + off) for _, mean, off in row])
        lower = path(xs[::-1], [up(mean - off) for _, mean, off in reversed(row)])
        area = f"{upper}L{lower[1:]}z" if row else ""
        drawn.append(format_html('<path class="area {}" d="{}"></path>', LINES[name], area))
        line = path(xs, [up(mean) for _, mean, _ in row])
        drawn.append(format_html('<path class="line {}" d="{}"></path>', LINES[name], line))
    by_epoch = _by_epoch(rows)
    shown = by_epoch[:: max(1, len(by_epoch) // MOST_ROWS)]
    frame = f"M{LEFT:.0f} {TOP:.0f}V{BOTTOM:.0f}H{RIGHT:.0f}"
    body = joined(
        [
            format_html('<path class="axis" d="{}"></path>', frame),
            *drawn,
            words(LEFT - 6, TOP + 4, metric(up.high), "end"),
            words(LEFT - 6, BOTTOM + 4, metric(up.low), "end"),
            words(LEFT, BOTTOM + 18, f"epoch {across.low:,.0f}"),
            words(RIGHT, BOTTOM + 18, f"{across.high:,.0f}", "end"),
        ]
    )
    return Picture(
        source=f"Mean of {len(operations)} trainings that differ in their seed only, and one "
        "standard deviation on each side, over the epochs that all of them have.",
        drawing=Drawing(
            width=WIDTH,
            height=HEIGHT,
            about=f"Validation and training loss of {len(operations)} seeds by epoch, as mean and "
            "band; a table follows.",
            body=body,
        ),
        keys=[("colour-1", "validation loss"), ("colour-2", "training loss")],
        table=Table(
            heads=BAND_HEADS,
            rows=[[f"{epochs_done(epoch):,}", *map(_written, own)] for epoch, own in shown],
            left_out="" if len(shown) == len(by_epoch) else "Some epochs; the file has all drawn.",
        ),
        file=_as_csv(by_epoch),
    )


def _spreads(
    name: str, epochs: Sequence[int], of_each: Sequence[Mapping[int, Mapping[str, Any]]]
) -> Iterator[tuple[int, float, float]]:
    """Epoch, mean and deviation, where each has a value."""
    for epoch in epochs:
        values = [own[epoch].get(name) for own in of_each]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            mean = sum(known) / len(known)
            off = math.sqrt(sum((value - mean) ** 2 for value in known) / (len(known) - 1))
            yield epoch, mean, off


Told = list[float | None]
"""Mean and deviation of each of `CURVES`."""


def _by_epoch(rows: Mapping[str, Sequence[tuple[int, float, float]]]) -> list[tuple[int, Told]]:
    by_name = {name: {epoch: (mean, off) for epoch, mean, off in row} for name, row in rows.items()}
    epochs = sorted({epoch for own in by_name.values() for epoch in own})
    none = (None, None)
    return [
        (epoch, [value for own in by_name.values() for value in own.get(epoch, none)])
        for epoch in epochs
    ]


def _written(value: float | None) -> str:
    return "" if value is None else metric(value)


def _as_csv(by_epoch: Sequence[tuple[int, Told]]) -> str:
    names = (f"{name}_{of}" for name in CURVES for of in ("mean", "deviation"))
    lines = [",".join(["epoch", *names])]
    for epoch, told in by_epoch:
        cells = ("" if value is None else repr(value) for value in told)
        lines.append(",".join([str(epochs_done(epoch)), *cells]))
    return "\n".join(lines) + "\n"


def _cell(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
