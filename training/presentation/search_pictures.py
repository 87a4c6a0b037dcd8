"""Pictures of a search: which settings its trials had beside what came of them, and their values
in the order in which they were tried.

Trials are drawn by their value at the first rung: only there has each trained as far as any other.
What those came to that were trained to the end is drawn apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from statistics import median
from typing import NamedTuple

from operations.models import Operation, PartEnd, Status
from operations.reading.words import metric
from training.market_data.reading.words import counted
from training.strategy.training_settings import HIGHER_IS_BETTER, cost
from training.sweep.decided import Decided
from training.sweep.outcome import words_of
from training.sweep.repeats import mean_of
from training.sweep.request import Search, SweepRequest
from training.sweep.samplers import Point, suggestions
from training.sweep.space import Choice, Values, values_of

MOST_DRAWN = 1000
"""Trials, the first ones."""
FEWEST_DRAWN = 2
TOP, BOTTOM = 40.0, 240.0
"""Of every axis."""
WIDTH = 900.0
MARGIN, AXIS_GAP = 60.0, 140.0
MOST_LETTERS = 19
"""Of a word beside an axis, so that it does not meet the next one."""
MOST_CHOICES = 8
"""Words beside one axis; of more choices only the first and the last are told."""
CLIPPED = 4
"""An axis of values ends where one is so many times as far from the best as the median is: a trial
that diverged would press all others into one line."""


class Part(NamedTuple):
    """A training of a trial, as far as it is drawn and ranked: columns of its operation."""

    pk: str
    status: str
    hold_at: int | None
    held_at: datetime | None
    part_value: str
    part_end: str
    part_number: int

    @property
    def is_there(self) -> bool:
        """Where it was to be compared, or at its end."""
        is_out = self.part_end == PartEnd.OUT_AT_RUNG
        return self.status == Status.COMPLETED or self.held_at is not None or is_out


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A trial with a value."""

    number: int
    first: float
    """At the first rung."""
    last: float | None
    """At the end; None for one that is out, or has not come there."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    x: float
    name: str
    path: str
    words: Sequence[tuple[float, str]]
    """Beside it: how high, and what."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Lines and dots of a kind are one path, as SVG writes it: empty where there are none."""

    kind: str
    """`lines` or `dots`."""
    name: str
    about: str
    """For who does not see it."""
    keys: Sequence[tuple[str, str]]
    """What each kind of line or dot is: its class, and words."""
    width: float
    axes: Sequence[Axis]
    out: str
    finished: str
    best: str
    below: Sequence[tuple[float, str]] = ()
    """Words under it: where, and what."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """From values of what is monitored to heights."""

    low: float
    high: float
    beyond: str
    """What is added to the worst value's words."""
    monitored: str

    @classmethod
    def of(cls, values: Iterable[float], monitored: str) -> "Scale":
        costs = [cost(monitored, value) for value in values]
        best, worst = min(costs), max(costs)
        most = best + CLIPPED * (median(costs) - best)
        is_clipped = best < most < worst
        low, high = sorted(cost(monitored, end) for end in (best, most if is_clipped else worst))
        beyond = " and worse" if is_clipped else ""
        return cls(low=low, high=high, beyond=beyond, monitored=monitored)

    def y(self, value: float) -> float:
        return _y((value - self.low) / (self.high - self.low) if self.high > self.low else 0.5)

    def axis(self, x: float, name: str) -> Axis:
        low, high = metric(self.low), metric(self.high)
        if self.monitored in HIGHER_IS_BETTER:
            low += self.beyond
        else:
            high += self.beyond
        ends = [(BOTTOM, low), (TOP, high)] if self.high > self.low else [(self.y(self.low), low)]
        return Axis(x=x, name=name, path=name, words=ends)


def pictures_of(
    search: Search, sweep: Operation, decided: Decided, parts: Iterable[Part]
) -> list[Picture]:
    """None before there is anything to compare."""
    trials = _drawn(search, decided, parts)
    if len(trials) < FEWEST_DRAWN:
        return []
    begun = _begun(sweep, len(decided.points))
    return [_of_settings(search, begun, trials), _by_number(search, trials)]


def _drawn(search: Search, decided: Decided, parts: Iterable[Part]) -> list[Drawn]:
    """By number; without those that have no value at the first rung."""
    own: dict[int, list[Part]] = {}
    for part in parts:
        if (number := search.trial_of(part.part_number)) <= MOST_DRAWN:
            own.setdefault(number, []).append(part)
    known, drawn, ends = decided.first_values, [], (None, search.request.rungs[-1])
    for number, trainings in sorted(own.items()):
        value = mean_of(search, (part.part_value for part in trainings))
        is_there = all(part.is_there for part in trainings)
        is_at_end = is_there and all(part.hold_at in ends for part in trainings)
        if first := known.get(number) or (value if is_there else ""):
            last = float.fromhex(value) if value and is_at_end else None
            drawn.append(Drawn(number=number, first=float.fromhex(first), last=last))
    return drawn


def _of_settings(search: Search, begun: Mapping[int, str], trials: Sequence[Drawn]) -> Picture:
    """An axis for each setting, and one for the value."""
    ranges = _ranges(search)
    scale = Scale.of((trial.first for trial in trials), search.monitored)
    names = _short(list(ranges))
    axes = [
        Axis(x=_x(place), name=names[path], path=path, words=_words(values))
        for place, (path, values) in enumerate(ranges.items())
    ]
    best = _best(search, trials)
    last = f"{_x(len(ranges)):.0f}"

    def lines(of: Iterable[Drawn]) -> str:
        return "".join(f"{begun[trial.number]}L{last} {scale.y(trial.first):.0f}" for trial in of)

    told = _told(search)
    return Picture(
        kind="lines",
        name="Settings of the trials",
        about=f"A line for each of {len(trials):,} trials: its settings, and its {told}.",
        keys=[
            ("trials-out", "out, or on its way"),
            ("trials-finished", "trained to the end"),
            ("trials-best", f"the best of these; all by {told}{_of_first(search)}"),
        ],
        width=max(WIDTH, _x(len(ranges)) + AXIS_GAP),
        axes=[*axes, scale.axis(_x(len(ranges)), search.monitored)],
        out=lines(trial for trial in trials if trial.last is None),
        finished=lines(trial for trial in trials if trial.last is not None and trial is not best),
        best=lines([best] if best else []),
    )


def _by_number(search: Search, trials: Sequence[Drawn]) -> Picture:
    """The values in the order in which they were tried."""
    monitored = search.monitored
    ends = [trial.last for trial in trials if trial.last is not None]
    scale = Scale.of([*(trial.first for trial in trials), *ends], monitored)
    share = (WIDTH - MARGIN - AXIS_GAP) / (trials[-1].number - trials[0].number)

    def x(trial: Drawn) -> float:
        return AXIS_GAP + share * (trial.number - trials[0].number)

    best = trials[0]
    steps = [f"M{x(best):.0f} {scale.y(best.first):.1f}"]
    for trial in trials:
        if cost(monitored, trial.first) < cost(monitored, best.first):
            best = trial
            steps.append(f"H{x(best):.0f}V{scale.y(best.first):.1f}")
    told = _told(search)
    return Picture(
        kind="dots",
        name="Values by the trial's number",
        about=f"The {told} of each of {len(trials):,} trials by its number; the best is "
        f"{metric(best.first)}.",
        keys=[
            ("trials-out", told),
            ("trials-best", "the best of these until then"),
            ("trials-finished", "at the end, of those that were trained to it"),
        ],
        width=WIDTH,
        axes=[scale.axis(MARGIN, monitored)],
        out="".join(_dot(x(trial), scale.y(trial.first)) for trial in trials),
        finished="".join(
            _dot(x(trial), scale.y(trial.last)) for trial in trials if trial.last is not None
        ),
        best="".join([*steps, f"H{x(trials[-1]):.0f}"]),
        below=[(x(trial), f"trial {trial.number:,}") for trial in (trials[0], trials[-1])],
    )


def _told(search: Search) -> str:
    """What trials are drawn by."""
    return f"{search.monitored} after {counted(search.request.rungs[0], 'epoch')}"


def _of_first(search: Search) -> str:
    return f", the first {MOST_DRAWN:,} trials" if search.request.trials > MOST_DRAWN else ""


def _best(search: Search, trials: Iterable[Drawn]) -> Drawn | None:
    finished = (
        (cost(search.monitored, trial.last), trial.number, trial)
        for trial in trials
        if trial.last is not None
    )
    return min(finished, default=(0.0, 0, None))[-1]


@lru_cache(maxsize=4)
def _begun(sweep: Operation, num_suggested: int) -> dict[int, str]:
    """By number, a trial's line over the axes of its settings. They stay: to draw those of a
    thousand anew for each look took a tenth of a second."""
    search = Search(SweepRequest.from_json(sweep.request))
    trials = Decided(sweep).points if num_suggested else _asked_for(search)
    ranges = _ranges(search)

    def line(point: Point) -> str:
        heights = enumerate(_y(values.share_of(point[path])) for path, values in ranges.items())
        return "M" + "L".join(f"{_x(place):.0f} {y:.0f}" for place, y in heights)

    return {number: line(point) for number, point in trials.items()}


def _asked_for(search: Search) -> dict[int, Point]:
    """The points that a request alone says, by number."""
    found = suggestions(search.request.sampler, search.space, seed=search.request.seed)
    return dict(enumerate(islice(found, min(MOST_DRAWN, search.request.trials)), start=1))


def _ranges(search: Search) -> dict[str, Values]:
    return {path: values_of(search.request.space[path]) for path in search.request.order}


def _x(place: int) -> float:
    return MARGIN + AXIS_GAP * place


def _y(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * min(1.0, max(0.0, share))


def _dot(x: float, y: float) -> str:
    """Without a length, it is as wide as its line."""
    return f"M{x:.0f} {y:.1f}h0"


def _words(values: Values) -> list[tuple[float, str]]:
    told = values.ends()
    if isinstance(values, Choice) and len(told) > MOST_CHOICES:
        told = told[0], told[-1]
    return [(_y(values.share_of(value)), _cut(words_of(value))) for value in told]


def _short(paths: Sequence[str]) -> dict[str, str]:
    """The end of each path that no other one has."""

    def name(path: str) -> str:
        keys = path.split(".")
        ends = (".".join(keys[-count:]) for count in range(1, len(keys) + 1))
        others = [other for other in paths if other != path]
        return next(end for end in ends if not any(f".{it}".endswith(f".{end}") for it in others))

    return {path: _cut(name(path)) for path in paths}


def _cut(words: str) -> str:
    return words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1]}…"
