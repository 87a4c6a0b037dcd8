"""The root of the grammar, version 3.0, and what can be asked of a strategy."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from training.canonical import json_digest
from training.strategy import learnable
from training.strategy.decisions import Decisions
from training.strategy.fuzzy_sets import FuzzySet
from training.strategy.indicators import Indicator
from training.strategy.inert import inert_keys
from training.strategy.networks import Network
from training.strategy.nn_inputs import NnInput, feature_ids, fuzzy_inputs
from training.strategy.rule_base import Tsk
from training.strategy.section import Section
from training.strategy.training_data import TrainingData
from training.strategy.training_settings import TrainingSettings
from training.strategy.values import Identifier, OutputFormat, Timeframe

Version = Annotated[Literal["3.0"], BeforeValidator(lambda value: "3.0" if value == 3.0 else value)]

NUM_CLASSES = 3


class Strategy(Section):
    """
    A neuro-fuzzy trading strategy: indicators, their fuzzy memberships, a small network.

    `load_strategy` and `from_snapshot` make one; both hold it to the rules between its sections.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$")] = Field(
        description="Letters, digits, spaces, dots, _ and -, at most 100."
    )
    version: Version = Field(description="Version of the grammar.")
    description: Annotated[str, Field(max_length=2000)] = Field(
        "", description="What the strategy is about; shown beside its name."
    )
    training_data: TrainingData = Field(description="Which market data is trained on.")
    indicators: Annotated[dict[Identifier, Indicator], Field(min_length=1)] = Field(
        description="Indicators by id."
    )
    fuzzy_sets: dict[Identifier, FuzzySet] = Field({}, description="Fuzzy sets by id.")
    nn_inputs: Annotated[tuple[NnInput, ...], Field(min_length=1)] = Field(
        description="What the network sees, in order."
    )
    model: Network = Field(description="The network's type and architecture.")
    training: TrainingSettings = Field(description="How it is trained.")
    decisions: Decisions = Field(
        default_factory=Decisions, description="From a prediction to a position."
    )

    @model_validator(mode="before")
    @classmethod
    def _default_output_format_fits_labels(cls, value: Any) -> Any:
        labels = _at(value, "training", "labels", "source")
        decisions = value.get("decisions", {}) if isinstance(value, dict) else None
        if labels != "forward_return" or not isinstance(decisions, dict):
            return value
        return {**value, "decisions": {"output_format": "regression", **decisions}}

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol, in order."""
        return self.training_data.symbols.names

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """Every timeframe, in order."""
        return self.training_data.timeframes.names

    @property
    def base_timeframe(self) -> Timeframe:
        """The timeframe whose bars are the rows."""
        return self.training_data.timeframes.base

    @property
    def output_format(self) -> OutputFormat:
        """What is predicted: classes or a return."""
        return self.training.labels.output_format

    @property
    def sequence_length(self) -> int:
        """Rows of a sample: 1 for a network that sees one row."""
        return getattr(self.model.architecture, "sequence_length", 1)

    def feature_ids(self) -> tuple[str, ...]:
        """Names of the network's inputs, in order: nn_inputs x timeframes x memberships."""
        memberships = {name: fuzzy.memberships for name, fuzzy in self.fuzzy_sets.items()}
        return tuple(
            feature_ids(self.nn_inputs, timeframes=self.timeframes, memberships=memberships)
        )

    def learned_inputs(self) -> tuple[tuple[Timeframe, str], ...]:
        """Timeframe and id of each fuzzy set whose memberships are learned, in their order."""
        inputs = fuzzy_inputs(self.nn_inputs, timeframes=self.timeframes)
        return tuple((timeframe, name) for timeframe, name in inputs if self.fuzzy_sets[name].learn)

    @property
    def num_columns(self) -> int:
        """Of the dataset: a set that is learned has one for all its memberships."""
        learned = [name for _, name in self.learned_inputs()]
        in_them = sum(len(self.fuzzy_sets[name].memberships) for name in learned)
        return len(self.feature_ids()) - in_them + len(learned)

    def num_weights(self) -> int:
        """What is learned, biases included, as if the network had an output for each class."""
        sets = sum(
            learnable.num_parameters(self.fuzzy_sets[name].memberships.values())
            for _, name in self.learned_inputs()
        )
        return sets + self._num_network_weights()

    def _num_network_weights(self) -> int:
        inputs = len(self.feature_ids())
        if not isinstance(self.model, Tsk):
            return self.model.num_weights(inputs=inputs, outputs=NUM_CLASSES)
        fuzzy = fuzzy_inputs(self.nn_inputs, timeframes=self.timeframes)
        memberships = sum(len(self.fuzzy_sets[name].memberships) for _, name in fuzzy)
        return self.model.num_weights(
            memberships=memberships, columns=self.num_columns, outputs=NUM_CLASSES
        )

    def snapshot(self) -> dict[str, Any]:
        """Plain JSON with every default filled in, except for `Decisions.left_out`; keys without
        effect are left out."""
        snapshot = self.model_dump(mode="json")
        decisions = snapshot["decisions"]
        for name, default in Decisions.left_out.items():
            if decisions[name] == default:
                del decisions[name]
        for key in inert_keys(self.training, self.decisions):
            *parents, name = key.location
            _at(snapshot, *parents).pop(name, None)
        return snapshot

    def digest(self) -> str:
        """SHA-256 of the snapshot as canonical JSON, in hex; indifferent to the order of keys."""
        return json_digest(self.snapshot())

    @classmethod
    def from_snapshot(cls, snapshot: dict[str, Any]) -> "Strategy":
        """
        The strategy of a snapshot, checked again.

        Raises:
            StrategyInvalid: the snapshot is not one of this grammar.
        """
        from training.strategy.loading import strategy_from_data

        return strategy_from_data(snapshot, source="snapshot")


def _at(value: Any, *keys: str | int) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
