"""What a walk-forward or a cross-validation was asked for: frozen, the same for every attempt."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from training.launch.layout import lay_out
from training.launch.request import Record, TrainingRequest
from training.market_data.report import as_text
from training.strategy.overrides import apply_settings
from training.strategy.strategy import Strategy

Runs = tuple[tuple[str, str], ...]
"""From the first moment of each, included, to the second, not included; UTC."""

FRESH, PREVIOUS = "fresh", "previous"
"""Weights that a fold begins with: new ones, or those that the one before has learned."""


class Fold(Record):
    """One training of the family, and what scores it."""

    number: int
    """From 1."""
    train: Runs
    validation: Runs
    test: Runs
    end: str = ""
    """The last moment of its bars: that of the first one after its test, by which what is made of
    shorter bars is known to have ended. Empty: the strategy's end date."""

    @property
    def words(self) -> str:
        """`2004-02-17 to 2005-02-17`: what it is tested on."""
        return " and ".join(f"{start} to {end}" for start, end in self.test)


def as_runs(*bounds: tuple[int, int]) -> Runs:
    """Of Unix seconds."""
    return tuple((as_text(start), as_text(end)) for start, end in bounds)


class FoldsRequest(Record):
    """A training, and the runs on which it is repeated."""

    base: dict[str, Any]
    """The request of a training: its strategy, bars and how it saves."""
    settings: dict[str, Any]
    """As they were given, for people: the lengths of windows, or the numbers of groups."""
    folds: tuple[Fold, ...]
    embargo: int = 0
    """Bars, after what the labels of a test run reach."""
    start: str = FRESH
    """What each fold begins with."""
    earlier: tuple[str, ...] = ()
    """Ids of the trainings of its first folds, which are another family's: that was extended."""

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "FoldsRequest":
        return cls.model_validate(dict(values))

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @property
    def own_folds(self) -> tuple[Fold, ...]:
        """Those that are trained by this family."""
        return self.folds[len(self.earlier) :]

    @cached_property
    def training(self) -> TrainingRequest:
        return TrainingRequest.from_json(self.base)

    @property
    def strategy(self) -> Strategy:
        return self.training.read_strategy()

    def strategy_of(self, fold: Fold) -> Strategy:
        """The strategy on a fold's runs, whose bars end with `fold.end`: what comes later changes
        nothing of it, and a fold is the same however many follow."""
        snapshot = self.training.strategy
        runs = fold.model_dump(mode="json", include={"train", "validation", "test"})
        purge = snapshot["training"]["data_split"]["purge"]
        split = {**runs, "purge": purge, "embargo": self.embargo}
        changes: dict[str, Any] = {"training.data_split": split}
        changes |= {"training_data.end_date": fold.end} if fold.end else {}
        return apply_settings(snapshot, changes)

    def training_of(self, fold: Fold) -> TrainingRequest:
        """Reads bars: for outside of a transaction.

        Raises `TooFewBars`, `TooFewTrainingRows`, `EmptyPart`, and `MarketDataMissing` and its
        kind.
        """
        strategy = self.strategy_of(fold)
        layout = lay_out(strategy, imports=self.training.imports)
        return layout.of(self.training.with_strategy(strategy))
