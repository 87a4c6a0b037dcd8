"""Which of its inputs a model needs: how much worse it says when one indicator's are shuffled.

All inputs that are made of an indicator move together, in blocks as long as its labels look ahead,
within one symbol; rows move before windows are cut. The loss of a row with them moved, mean of the
repeats, less its loss as it is, is what the row needs them for; their mean is the importance, with
its standard error over blocks of rows (over the repeats it is the shuffling's alone). Shuffled
blocks break seasons and trends; it is about this network, and nothing of causes.

Breiman (2001), Random Forests; Fisher, Rudin, Dominici (2019).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.evaluation.decisions import decide
from training.explaining.blocks import (
    Blocks,
    blocks_of,
    chosen,
    error_over_blocks,
    moved,
)
from training.explaining.errors import TooFewBlocks
from training.explaining.groups import Group, groups_of
from training.features.arrays import Float64Array, Int64Array
from training.features.dataset import Dataset
from training.features.plan import Feature
from training.strategy import Strategy
from training.trained import windows
from training.trained.bundle_reader import TrainedNetwork

REPEATS = 30
FEWEST_BLOCKS = 10
"""Of fewer no error can be told."""
LEAST = 1e-12
"""A probability counts as no less: its logarithm is finite."""

BYTES_A_VALUE = 64
"""Of a window: as it is, indexed, and as inputs, of which a learned set makes several."""

Tick = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Of one group of inputs."""

    rise: float
    """Of the mean loss."""
    standard_error: float
    changed: float
    """Share of the decisions that become others, mean of the repeats."""

    def to_json(self) -> dict[str, float]:
        return asdict(self)


class Importance:
    """Of one network on one part of a dataset; nothing of another part's labels is read.

    Raises:
        TooFewBlocks: its rows are fewer than ten times the labels' horizon.
    """

    def __init__(
        self,
        network: TrainedNetwork,
        strategy: Strategy,
        features: Sequence[Feature],
        dataset: Dataset,
        *,
        part: str,
        seed: int,
        repeats: int = REPEATS,
        tick: Tick = lambda: None,
    ) -> None:
        self._network, self._strategy, self._dataset = network, strategy, dataset
        self._seed, self._repeats, self._tick = seed, repeats, tick
        self.groups: tuple[Group, ...] = groups_of(features)
        self.block_bars = strategy.training.labels.horizon
        samples: Int64Array = getattr(dataset, part)
        self._blocks: Blocks = blocks_of(dataset, samples, bars=self.block_bars)
        if self._blocks.number < FEWEST_BLOCKS:
            raise TooFewBlocks(part=part, blocks=self._blocks.number, bars=self.block_bars)
        self.rows = chosen(self._blocks, samples)
        """[rows]: those that are scored."""
        self._block = self._blocks.of_row[np.searchsorted(self._blocks.rows, self.rows)]
        said = self._predict(np.arange(dataset.times.size), ())
        self._losses, self._decisions = self._loss(said), decide(strategy, said)

    @property
    def loss(self) -> float:
        """Mean over the rows, with nothing moved."""
        return float(self._losses.mean())

    @property
    def num_blocks(self) -> int:
        return np.unique(self._block).size

    @property
    def measure(self) -> str:
        return "cross-entropy" if self._network.manifest["class_names"] else "squared error"

    def measured(self, group: Group) -> Measured:
        """The same bytes of the same network and rows, on one machine."""
        rises, changed = np.zeros(self.rows.size), 0.0
        for source in self._sources():
            said = self._predict(source, group.columns)
            rises += self._loss(said) - self._losses
            changed += float(np.mean(decide(self._strategy, said) != self._decisions))
        rises /= self._repeats
        return Measured(
            rise=float(rises.mean()),
            standard_error=error_over_blocks(rises.tolist(), self._block),
            changed=changed / self._repeats,
        )

    def _sources(self) -> Iterator[Int64Array]:
        """[rows of the dataset]: where each row's values come from, of each repeat."""
        for repeat in range(self._repeats):
            source = np.arange(self._dataset.times.size)
            source[self._blocks.rows] = moved(self._blocks, seed=self._seed, repeat=repeat)
            yield source

    def _predict(self, source: Int64Array, columns: Sequence[int]) -> Float64Array:
        """Of the scored rows, [rows, classes] or [rows], with some columns moved."""
        length = self._dataset.sequence_length
        back = np.arange(length)[::-1]
        parts = []
        for rows in np.array_split(self.rows, self._num_batches):
            seen = rows[:, None] - back
            window = self._dataset.features[seen]
            for column in columns:
                window[..., column] = self._dataset.features[source[seen], column]
            parts.append(self._network.predict(window[:, 0] if length == 1 else window))
            self._tick()
        return np.concatenate(parts)

    @property
    def _num_batches(self) -> int:
        """So many that windows, their inputs and their layers are small."""
        of_row = self._dataset.sequence_length * len(self._network.manifest["feature_ids"])
        most = self.rows.size // windows.FEWEST_ROWS
        by_windows = -(-self.rows.size * of_row * BYTES_A_VALUE // windows.BATCH_BYTES)
        by_layers = windows.num_batches(self._network, self.rows.size)
        return max(1, min(most, max(by_windows, by_layers)))

    def _loss(self, said: Float64Array) -> Float64Array:
        """[rows]: cross-entropy in nats; of a regression the squared error."""
        labels = self._dataset.labels[self.rows]
        if not self._network.manifest["class_names"]:
            return (said - labels.astype(np.float64)) ** 2
        own = said[np.arange(said.shape[0]), labels.astype(np.int64)]
        losses: Float64Array = -np.log(np.maximum(own, LEAST))
        return losses


def in_order(measured: Sequence[tuple[Group, Measured]]) -> list[dict[str, Any]]:
    """As the result has them: the largest rise first."""
    order = sorted(range(len(measured)), key=lambda place: (-measured[place][1].rise, place))
    return [{"group": measured[it][0].name, **measured[it][1].to_json()} for it in order]
