"""What a network is trained on, scored on and tested on."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from training.canonical import add_array, canonical_json
from training.features.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from training.features.inspection import DatasetWarning


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Rows of all symbols, each symbol contiguous and in time order, and three parts of them.

    Rows are all bars from the first on which every feature has settled to the last one. Not every
    row is a sample: some have no label, lie in an embargo or were purged. They are kept because
    windows reach back over them and a position is opened on the bar after its decision.
    """

    features: Float32Array
    """[rows, features], C-contiguous, every value finite."""

    labels: Int64Array | Float32Array
    """[rows]: 0 buy, 1 hold, 2 sell, or the forward return; -1 or NaN on rows without a label."""

    weights: Float32Array | None
    """[rows]: average uniqueness of the training samples, 0 elsewhere; None if not asked for."""

    times: Int64Array
    """[rows]: opens of the bars, Unix seconds."""

    symbols: npt.NDArray[np.int16]
    """[rows]: index into symbol_names."""

    open: Float64Array
    """[rows]: a decision is filled at the next row's."""

    close: Float64Array
    """[rows]"""

    train: Int64Array
    """[samples]: row numbers, ascending; of a window, its last row."""

    validation: Int64Array
    """[samples], like train."""

    test: Int64Array
    """[samples], like train."""

    test_bars: Int64Array
    """[bars]: all rows of the test part, ascending: what is traded, with a label or without."""

    events: BoolArray
    """[rows]: whether a decision is made at the close; false where the CUSUM filter is silent, or
    where no whole window ends."""

    sequence_length: int
    """Rows of a window: r - sequence_length + 1 … r are of one symbol and one part; 1 for rows."""

    symbol_names: tuple[str, ...]

    feature_ids: tuple[str, ...]
    """Names of the columns."""

    class_names: tuple[str, ...]
    """By class number; empty for a regression."""

    normalization: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """Scaling (method, offset, scale) of each raw input: by symbol, then feature id."""

    fitted_ranges: Mapping[str, Mapping[str, Sequence[float]]]
    """[lowest, highest] of each raw input on its training rows: by symbol, then feature id."""

    outside_range: Mapping[str, Mapping[str, Mapping[str, float]]]
    """Share of a raw input's rows outside its fitted range: by symbol, feature id and part."""

    medians: Mapping[str, Mapping[str, float]]
    """Of each value that features are made of, on the training rows: by symbol, then its name
    (`Feature.source`)."""

    symbol_samples: Mapping[str, Mapping[str, int]]
    """Samples: by symbol, then part."""

    label_balance: Mapping[str, Mapping[str, int]]
    """Samples of each part by class; of a regression, `samples` of each part."""

    data_fingerprints: Mapping[str, str]
    """Fingerprint of the bars used, by `SYMBOL/timeframe`."""

    data_ranges: Mapping[str, Mapping[str, int]]
    """`first` and `last` open of the bars used, Unix seconds, and their `rows`; likewise."""

    warnings: tuple[DatasetWarning, ...]

    def seal(self) -> None:
        """Make the test part unusable: whatever reads it after this is not finite.

        A search compares its trials by the validation part, and no look at the test part is
        unseen. From the first row of the test part on, since no window of another part has one.
        Its balance goes, too: how its labels lie is what a search could learn of it.
        """
        digest = self._digest  # of what it was
        first = self.test_bars
        self.features[first] = np.nan
        self.open[first] = np.nan
        self.close[first] = np.nan
        self.labels[first] = np.nan if self.labels.dtype.kind == "f" else -1
        self.events[first] = False
        others = {part: told for part, told in self.label_balance.items() if part != "test"}
        object.__setattr__(self, "label_balance", others)  # frozen for everybody else
        assert digest == self._digest

    def digest(self) -> str:
        """Return the dataset digest, SHA-256 (hex): all that a training or its evaluation reads.

        Name, dtype, shape and little-endian bytes of every array in name order, then canonical
        JSON of the normalisation and the names. Computed once: nothing changes a dataset.
        """
        return self._digest

    @cached_property
    def _digest(self) -> str:
        digest = hashlib.sha256()
        for name, array in sorted(self.arrays().items()):
            add_array(digest, name, array, dtype=array.dtype.newbyteorder("<").str)
        names = {
            "normalization": self.normalization,
            "feature_ids": self.feature_ids,
            "class_names": self.class_names,
            "symbol_names": self.symbol_names,
            "sequence_length": self.sequence_length,
        }
        digest.update(canonical_json(names))
        return digest.hexdigest()

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return every array by its name; `weights` only where there are some."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in fields.items() if isinstance(value, np.ndarray)}
