"""How much memory a training takes on a CPU, above a worker that has loaded its libraries.

Torch-free. What is counted is what the kernel counts against RLIMIT_DATA: memory that is asked for,
touched or not. The factors are those of measured peaks; docs/notes/memory.md has them. The estimate
is at least nine tenths of a peak, and at most twice of one plus 100 MB.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from training.strategy.networks import GRU_GATES, LSTM_GATES, MlpArchitecture
from training.strategy.rule_base import TskArchitecture
from training.strategy.strategy import NUM_CLASSES
from training.trainer.engines.native.room import whole
from training.trainer.engines.rule import KERNEL
from training.trainer.pinned import Pinned

if TYPE_CHECKING:
    from training.strategy import Strategy

MEGABYTE = 1_000_000
FLOAT = 4  # bytes of a float32

AROUND = 60 * MEGABYTE  # threads' stacks, the database's client, the log, what allocators keep
OF_A_ROW = 56 + 60 + 60  # bytes: a dataset's arrays but features; labelling; an epoch's order
OF_A_BAR = 96  # its prices, as read and as used
OF_AN_EPOCH = 500  # its metrics, in the history and its copies
OF_A_BATCH = 40  # its loss, rate and seed
WEIGHT_COPIES = 22
"""Parameters, gradient, two moments, the best model: 5; two snapshots of four: 8; their files while
they are written: 9."""
GATHERED_FLOATS = 1_000_000  # of inputs at a time, or of one batch if that is more
OF_A_UNIT = 3
"""Floats that autograd keeps for each unit of a perceptron and each row: sum, value, dropout's."""
OF_AN_LSTM, OF_LSTM_LAYERS = 17, 9
"""Floats of autograd for each unit of a layer and row of a window; and once more for all layers."""
OF_A_GRU, OF_GRU_LAYERS = 9, 4
SCORED_LSTM, SCORED_LSTM_LAYERS = 2, 4
"""The same where nothing is learned: validation and evaluation."""
SCORED_GRU, SCORED_GRU_LAYERS = 7, 0
OF_RULES, SCORED_RULES, KERNEL_RULES = (5, 6, 5), (3, 4, 3), (2, 2, 1)
"""Floats for each premise, each rule and each output of a linear consequent, and row."""
OF_A_MEMBERSHIP, SCORED_MEMBERSHIP = 30, 10
"""Floats of autograd for each membership that is learned and each row, most in float64; and those
that are there at once where nothing is learned."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """What is trained on, counted over all symbols."""

    rows: int
    bars: int
    """Of every timeframe, those that indicators settle on among them."""
    trained: int
    """Rows of the training part."""
    scored: int
    """Rows of the validation or the test part, whichever has more."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Bytes, by what takes them."""

    around: int
    data: int
    weights: int
    batch: int
    scoring: int
    history: int

    @property
    def total(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self))

    @property
    def most(self) -> str:
        """What takes most of it, and what would take less."""
        return max((getattr(self, name), words) for name, words in MOST.items())[1]


MOST = {
    "data": "its rows of features: fewer bars or nn_inputs take less",
    "weights": "its network, of which some twenty copies are held: a smaller one takes less",
    "batch": "a batch: a smaller training.batch_size, window or network takes less",
    "scoring": "its validation: a smaller network or window takes less",
    "history": "its history: fewer training.epochs, or larger batches, take less",
}


def estimate(strategy: "Strategy", size: Size) -> Estimate:
    pinned = Pinned.on_a_cpu(strategy)
    trains_in_kernel = pinned.engine == KERNEL
    batch_size = min(strategy.training.batch_size, size.trained)
    count = _kernel_floats if trains_in_kernel else _autograd_floats
    batch = FLOAT * (count(strategy, batch_size) + _gathered(strategy, batch_size))
    scored = min(pinned.validation_batch, size.scored)
    scoring = FLOAT * (_scored_floats(strategy, scored) + 2 * _gathered(strategy, scored))
    if not trains_in_kernel:  # then a batch's memory is free when a validation takes its own
        batch, scoring = max(0, batch - scoring), scoring
    num_features = len(strategy.feature_ids())
    epochs, batches = strategy.training.epochs, -(-size.trained // batch_size)
    return Estimate(
        around=AROUND + _linear_baseline_bytes(num_features),
        data=size.rows * (FLOAT * num_features + OF_A_ROW) + size.bars * OF_A_BAR,
        weights=WEIGHT_COPIES * FLOAT * strategy.num_weights(),
        batch=batch,
        scoring=scoring,
        history=epochs * OF_AN_EPOCH + batches * OF_A_BATCH,
    )


def _autograd_floats(strategy: "Strategy", rows: int) -> int:
    """What autograd keeps of a batch."""
    architecture = strategy.model.architecture
    sets = _memberships(strategy, rows) * OF_A_MEMBERSHIP
    if isinstance(architecture, TskArchitecture):
        return sets + rows * _rule_floats(strategy, architecture, *OF_RULES)
    if isinstance(architecture, MlpArchitecture):
        return sets + rows * OF_A_UNIT * (sum(architecture.hidden_layers) + NUM_CLASSES)
    units = rows * architecture.sequence_length * architecture.hidden_size
    if strategy.model.type == "lstm":
        return sets + units * (OF_AN_LSTM * architecture.num_layers + OF_LSTM_LAYERS)
    return sets + units * (OF_A_GRU * architecture.num_layers + OF_GRU_LAYERS)


def _kernel_floats(strategy: "Strategy", rows: int) -> int:
    """The room that the kernel works in: `training.trainer.engines.native.memory`."""
    architecture = strategy.model.architecture
    items, columns = rows * strategy.sequence_length, len(strategy.feature_ids())
    inputs = items * columns
    if memberships := _memberships(strategy, rows):  # their columns, values, and inputs' errors
        inputs += memberships + inputs + items * whole(columns)
    if isinstance(architecture, TskArchitecture):
        return inputs + rows * _rule_floats(strategy, architecture, *KERNEL_RULES)
    if isinstance(architecture, MlpArchitecture):
        hidden = architecture.hidden_layers
        widest = max((*hidden, NUM_CLASSES))
        return inputs + rows * (2 * sum(hidden) + NUM_CLASSES + 2 * widest)
    gates = LSTM_GATES if strategy.model.type == "lstm" else GRU_GATES
    units = rows * (architecture.sequence_length + 1) * architecture.hidden_size
    return inputs + units * ((gates + 2) * architecture.num_layers + 1)


def _scored_floats(strategy: "Strategy", rows: int) -> int:
    """What a batch of the validation takes: first its memberships, then the network."""
    sets = _memberships(strategy, rows) * SCORED_MEMBERSHIP
    return max(sets, _scored_network_floats(strategy, rows))


def _scored_network_floats(strategy: "Strategy", rows: int) -> int:
    architecture = strategy.model.architecture
    if isinstance(architecture, TskArchitecture):
        return rows * _rule_floats(strategy, architecture, *SCORED_RULES)
    if isinstance(architecture, MlpArchitecture):
        return rows * 3 * max((*architecture.hidden_layers, NUM_CLASSES))
    units = rows * architecture.sequence_length * architecture.hidden_size
    if strategy.model.type == "lstm":
        return units * (SCORED_LSTM * architecture.num_layers + SCORED_LSTM_LAYERS)
    return units * (SCORED_GRU * architecture.num_layers + SCORED_GRU_LAYERS)


def _rule_floats(
    strategy: "Strategy",
    rules: TskArchitecture,
    of_a_premise: int,
    of_a_rule: int,
    of_an_output: int,
) -> int:
    """Of a row."""
    outputs = NUM_CLASSES * (rules.num_rules + 1) if rules.consequent == "linear" else 0
    of_rules = of_a_rule * (rules.num_rules + 1) + of_an_output * outputs
    return 2 * len(strategy.feature_ids()) + of_a_premise * rules.num_slots + of_rules


def _memberships(strategy: "Strategy", rows: int) -> int:
    """How many that are learned are computed for so many samples."""
    sets = [strategy.fuzzy_sets[name] for _, name in strategy.learned_inputs()]
    return rows * strategy.sequence_length * sum(len(one.memberships) for one in sets)


def _gathered(strategy: "Strategy", rows: int) -> int:
    """Inputs that are gathered at a time, in floats."""
    of_a_batch = rows * strategy.sequence_length * len(strategy.feature_ids())
    return max(GATHERED_FLOATS, of_a_batch)


def _linear_baseline_bytes(num_features: int) -> int:
    """Its curvature, in float64, while it is put together: the evaluation's largest array."""
    return 3 * 8 * (NUM_CLASSES * (num_features + 1)) ** 2
