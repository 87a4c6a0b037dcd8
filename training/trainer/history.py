"""Every finished epoch's metrics, one entry per epoch."""

import torch
from torch import Tensor

FIRST_ROOM = 64  # epochs; doubled whenever it is full


class History:
    """float64 [epochs] by metric name: a tensor, because a training may have 100,000 epochs."""

    def __init__(self) -> None:
        self._columns: dict[str, Tensor] = {}
        self._epochs = 0

    def append(self, metrics: dict[str, float]) -> None:
        for name, value in metrics.items():
            self._columns[name] = self._with_room(self._columns.get(name, torch.empty(0)))
            self._columns[name][self._epochs] = value
        self._epochs += 1

    def _with_room(self, column: Tensor) -> Tensor:
        if len(column) > self._epochs:
            return column
        longer = torch.zeros(max(FIRST_ROOM, 2 * self._epochs), dtype=torch.float64)
        longer[: self._epochs] = column
        return longer

    def state_dict(self) -> dict[str, Tensor]:
        return {name: column[: self._epochs] for name, column in self._columns.items()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        lengths = {len(column) for column in state.values()}
        if len(lengths) > 1:
            raise ValueError(f"its metrics have different numbers of epochs: {sorted(lengths)}")
        self._columns = {name: column.clone() for name, column in state.items()}
        self._epochs = max(lengths, default=0)
