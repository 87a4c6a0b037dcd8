"""What a search was asked for: frozen, and the same for every attempt of it. Free of torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from training.launch.layout import lay_out
from training.launch.request import Record, TrainingRequest
from training.strategy.overrides import apply_settings
from training.strategy.strategy import Strategy
from training.sweep.samplers import LEARNING, Point, suggestions
from training.sweep.space import Space, space_from_data


class SweepRequest(Record):
    """A space, how its points are chosen, and the training that each of them changes."""

    base: dict[str, Any]
    """The request of a training, split at dates: every trial is compared on the same rows."""
    space: dict[str, Any]
    """As it was written, by dotted path."""
    order: tuple[str, ...]
    """Of its settings; JSON in a database keeps none."""
    sampler: str
    trials: int
    brackets: int = 1
    rungs: tuple[int, ...]
    """Epochs done at which trials are compared; the last are all."""
    seed: int = 0
    repeat: int = 1
    """Trainings of each trial: with the strategy's seed, and those that follow it."""

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "SweepRequest":
        return cls.model_validate(dict(values))

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


@dataclass(frozen=True)
class Trial:
    """One point of the space, to be trained."""

    number: int
    """From 1, over all brackets."""
    point: Point


class Search:
    """A request with what follows from it alone."""

    def __init__(self, request: SweepRequest) -> None:
        self.request = request
        self.base = TrainingRequest.from_json(request.base)

    @cached_property
    def strategy(self) -> Strategy:
        return self.base.read_strategy()

    @property
    def monitored(self) -> str:
        """What trials are compared by."""
        settings = self.request.base["strategy"]["training"].get("early_stopping") or {}
        return str(settings.get("monitor", "val_loss"))

    @cached_property
    def space(self) -> Space:
        return space_from_data({path: self.request.space[path] for path in self.request.order})

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """All of them, by number, where the request alone says which."""
        found = suggestions(self.request.sampler, self.space, seed=self.request.seed)
        points = islice(found, self.request.trials)
        return tuple(Trial(number, point) for number, point in enumerate(points, start=1))

    @property
    def learns(self) -> bool:
        """Whether a bracket's points depend on what came of those before."""
        return self.request.sampler == LEARNING

    def numbers(self, bracket: int) -> range:
        """Of a bracket's trials, from 0 on; the first ones have one more where they do not
        divide."""
        size, rest = divmod(self.request.trials, self.request.brackets)
        first = bracket * size + min(bracket, rest) + 1
        return range(first, first + size + (bracket < rest))

    def bracket(self, number: int) -> tuple[Trial, ...]:
        """Its trials, where the request alone says which."""
        numbers = self.numbers(number)
        return self.trials[numbers.start - 1 : numbers.stop - 1]

    def trial_of(self, part_number: int) -> int:
        """The number of the trial that a part is a training of."""
        return (part_number - 1) // self.request.repeat + 1

    def first_part(self, trial: int) -> int:
        """The number of a trial's first training: the one with the strategy's seed."""
        return (trial - 1) * self.request.repeat + 1

    def seed_of(self, place: int) -> int:
        """Of a trial's trainings, from place 0."""
        return int(self.base.strategy["training"]["seed"]) + place

    def training_of(self, trial: Trial, place: int = 0) -> TrainingRequest:
        """Of one of its seeds. Reads bars: for outside of a transaction.

        Raises `StrategyInvalid`, `TooFewBars`, `TooFewTrainingRows`, `EmptyPart`, and
        `MarketDataMissing` and its kind.
        """
        settings = {**trial.point, "training.seed": self.seed_of(place)}
        strategy = apply_settings(self.base.strategy, settings)
        layout = lay_out(strategy, imports=self.base.imports)
        return layout.of(self.base.with_strategy(strategy))
