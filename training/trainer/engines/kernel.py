"""The fast engine: one call to machine code trains many batches of a small network, in place.

The network's parameters and the optimizer's state stay torch tensors, of which the kernel gets
NumPy views: registry, snapshot, digest, validation and best model see no difference.
"""

import functools
import hashlib
import math
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from training.strategy.networks import MlpArchitecture
from training.trainer.batches import Pass
from training.trainer.engines.engine import Epoch, all_finite
from training.trainer.engines.native.memory import (
    ACTIVATIONS,
    GRU,
    LOSSES,
    LSTM,
    MSE,
    NO_CLASSES,
    NO_FLOATS,
    OPTIMIZERS,
    PERCEPTRON,
    RELU,
    SGD,
    Floats,
    Samples,
    Settings,
    Shape,
    new_memory,
)
from training.trainer.engines.native.rule_memory import Rules, RuleShape, new_rules
from training.trainer.engines.native.sets import Sets, new_sets
from training.trainer.epoch_losses import EpochLosses
from training.trainer.learned_sets import LearnedSets
from training.trainer.networks import MLP, Network
from training.trainer.optimizers import FlatParameters, OptimizerState
from training.trainer.rules import RuleBase
from training.trainer.run import Attention

if TYPE_CHECKING:
    from training.strategy import Strategy

WORK_OF_A_CALL = 250_000_000
"""Weights times rows, some 25 ms: no signal is handled before a call is over."""
ROWS_OF_A_STEP = 12  # whose work an optimizer's step takes


class KernelEngine:
    """An `Engine` of one call for many batches, on one thread."""

    def __init__(
        self, strategy: "Strategy", network: Network, features: Tensor, *, rows: int
    ) -> None:
        """features [all rows, features]; `rows` of a batch, except for an epoch's last one."""
        if reason := unavailable():
            raise RuntimeError(f"the kernel cannot be compiled: {reason}")
        from training.trainer.engines.native.train import train_batches

        self._train_batches = train_batches
        self._features = features.numpy()
        self._parameters = FlatParameters(network)
        self._settings = _settings(strategy)
        self._batch_size = rows
        self.optimizer = OptimizerState(strategy.training.optimizer, self._parameters.values)
        arrays = {name: t.numpy().reshape(-1) for name, t in self.optimizer.state_dict().items()}
        self._memory = new_memory(
            _shape(network, self._settings, rows),
            self._parameters.values.numpy(),
            self._parameters.gradient.numpy(),
            arrays,
            self._sets_of(network.sets, rows * self._settings.length),
            self._rules_of(network, rows) if isinstance(network, RuleBase) else None,
        )
        work_rows = rows * self._settings.length + ROWS_OF_A_STEP
        work = work_rows * self._parameters.values.numel()
        self._most_batches = max(1, WORK_OF_A_CALL // work)

    def _sets_of(
        self, sets: LearnedSets | None, items: int
    ) -> Callable[[tuple[Floats, Floats, Floats, Floats]], Sets] | None:
        """Makes room for learned sets on rows of so many items; None where there are none."""
        if sets is None:
            return None
        order, columns = sets.order.numpy(), self._features.shape[1]
        return functools.partial(new_sets, sets.layout, order, columns, items)

    def _rules_of(self, network: RuleBase, rows: int) -> Callable[[Floats, Floats], Rules]:
        """Makes room for rules."""
        shape = RuleShape(
            rules=network.num_rules,
            slots=network.num_slots,
            places=network.places.numpy(),
            written=network.written_slots(),
            inputs=network.num_inputs,
            columns=self._features.shape[1],
            outputs=network.then.shape[1],
            is_linear=network.factors is not None,
            learns_sets=network.sets is not None,
        )
        return functools.partial(new_rules, shape, rows)

    def train(
        self, epoch: Epoch, batches: range, losses: EpochLosses, attention: Attention
    ) -> Iterator[int]:
        """Raises IndexError before a batch with a class that is none."""
        samples, batch = _samples(self._features, epoch.way), batches.start
        while batch < batches.stop:
            first = batch
            batch = self._train_batches(
                self._memory,
                self._settings,
                samples,
                self._batch_size,
                epoch.learning_rates,
                epoch.dropout_seeds,
                losses.on_cpu,
                attention.flag,
                first,
                min(first + self._most_batches, batches.stop),
            )
            if batch == first:
                raise IndexError("a training row's class is none of the network's outputs")
            losses.reach(batch)
            yield batch

    def is_finite(self) -> bool:
        return all_finite([self._parameters.values, *self.optimizer.state_dict().values()])


@functools.cache
def unavailable() -> str | None:
    """Why this process cannot run the kernel; None: it can, and has it compiled or loaded.

    A worker asks before it forks, so its horses inherit the code. Runs no tensor operation.
    """
    try:
        _compile()
        compiler()
    except Exception as error:  # noqa: BLE001  # whatever the installation of a compiler can raise
        return f"{type(error).__name__}: {error}".partition("\n")[0]
    return None


@functools.cache
def compiler() -> str:
    """What the machine code's bits can depend on besides its source."""
    import numba
    from numba.core.registry import cpu_target

    _, cpu, features = cpu_target.target_context.codegen().magic_tuple()
    digest = hashlib.sha256(features.encode()).hexdigest()[:8]
    vectors = " SVML" if numba.config.USING_SVML else ""  # type: ignore[attr-defined]
    library = " ".join(platform.libc_ver())
    return f"llvmlite {version('llvmlite')}, {cpu}, features {digest}, {library}{vectors}"


def _compile() -> None:
    """Train a network of one weight and one bias, so that the code for these types is there."""
    import numba

    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        raise RuntimeError("NUMBA_DISABLE_JIT is set")
    from training.trainer.engines.native.train import train_batches

    parameters, gradient, momentum = np.zeros((3, 2), np.float32)
    shape = Shape(recurrent=[], dense=[1, 1], gates=PERCEPTRON, length=1, rows=1)
    memory = new_memory(shape, parameters, gradient, {"momentum_buffer": momentum})
    settings = Settings(loss=MSE, optimizer=SGD)
    row = np.zeros((1, 1), np.float32)
    samples = Samples(row, np.zeros(1, np.int64), NO_CLASSES, row[0], NO_FLOATS)
    each = np.zeros(1), np.zeros(1, np.uint32), np.zeros(1, np.float32)
    train_batches(memory, settings, samples, 1, *each, Attention().flag, 0, 1)
    train_batches.disable_compile()  # another type by mistake: half a minute in a forked horse


def _shape(network: Network, settings: Settings, rows: int) -> Shape:
    recurrent: list[int] = []
    if isinstance(network, RuleBase):
        sizes = [network.num_inputs, network.then.shape[1]]
        return Shape(recurrent=[], dense=sizes, gates=PERCEPTRON, length=1, rows=rows)
    dense = [network.output]
    if isinstance(network, MLP):
        dense = [*network.hidden, network.output]
    else:
        cells = network.recurrent
        recurrent = [cells.input_size, *[cells.hidden_size] * cells.num_layers]
    return Shape(
        recurrent=recurrent,
        dense=[dense[0].in_features, *(layer.out_features for layer in dense)],
        gates=settings.gates,
        length=settings.length,
        rows=rows,
    )


def _samples(features: Floats, way: Pass) -> Samples:
    targets, classifies = way.targets.numpy(), not way.targets.is_floating_point()
    return Samples(
        features=features,
        rows=way.samples.numpy(),
        classes=targets if classifies else NO_CLASSES,
        values=NO_FLOATS if classifies else targets,
        weights=NO_FLOATS if way.weights is None else way.weights.numpy(),
    )


def _settings(strategy: "Strategy") -> Settings:
    training, architecture = strategy.training, strategy.model.architecture
    activation = RELU
    if isinstance(architecture, MlpArchitecture):
        activation = ACTIVATIONS.index(architecture.activation)
    return Settings(
        gates={"mlp": PERCEPTRON, "gru": GRU, "lstm": LSTM, "tsk": PERCEPTRON}[strategy.model.type],
        length=strategy.sequence_length,
        activation=activation,
        dropout=float(getattr(architecture, "dropout", 0.0)),
        loss=LOSSES.index(training.loss),
        focal_gamma=float(training.focal_gamma),
        huber_delta=float(training.huber_delta),
        max_norm=float(training.gradient_clip or math.inf),
        optimizer=OPTIMIZERS.index(training.optimizer),
        weight_decay=float(training.weight_decay),
    )
