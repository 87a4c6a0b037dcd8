"""Memberships that are learned: columns to what the network's first layer sees."""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.features.learned_sets import Layout, layout_of
from training.features.plan import network_inputs, plan_features

if TYPE_CHECKING:
    from training.strategy import Strategy


class LearnedSets(nn.Module):
    """Columns [..., columns] to inputs [..., inputs], both float32; in between in float64.

    Its only weights are `moves`, [parameters], 0 where a membership is as the file has it. Slopes
    exist strictly inside a flank; elsewhere, corners included, the gradient is 0.
    """

    column: Tensor
    shift: Tensor
    stretch: Tensor
    corners: Tensor
    support: Tensor
    widths: Tensor
    is_gaussian: Tensor
    order: Tensor

    def __init__(self, layout: Layout, order: NDArray[np.int64]) -> None:
        """`order` [inputs]: of each input its column, or columns + the number of a membership."""
        super().__init__()
        self.layout = layout
        self.moves = nn.Parameter(torch.zeros(layout.num_parameters))
        self._keep("column", layout.column)
        self._keep("shift", layout.shift)
        self._keep("stretch", layout.stretch.T % (layout.num_parameters + 1))
        self._keep("corners", layout.corners.T)
        self._keep("support", layout.support)
        self._keep("widths", layout.widths.T)
        self._keep("is_gaussian", layout.is_gaussian)
        self._keep("order", order)

    def _keep(self, name: str, values: Any) -> None:
        """On the network's device, and not among its weights."""
        self.register_buffer(name, torch.from_numpy(np.array(values)), persistent=False)

    @property
    def num_inputs(self) -> int:
        return len(self.order)

    def forward(self, columns: Tensor) -> Tensor:
        values = columns.index_select(-1, self.column).double()
        seen = torch.cat([columns, self._memberships(values).to(columns.dtype)], dim=-1)
        return seen.index_select(-1, self.order)

    def _memberships(self, values: Tensor) -> Tensor:
        """[..., memberships], each of a value of its column."""
        known = torch.cat([self.moves.double(), self.support.new_zeros(1)])
        moved = self.support * known[self.shift]
        left, half, right = self.widths * torch.expm1(known[self.stretch])
        a = self.corners[0] + (moved - half - left)
        b = self.corners[1] + (moved - half)
        c = self.corners[2] + (moved + half)
        d = self.corners[3] + (moved + half + right)
        # What is not chosen is divided by 1: a slope of nothing by 0 would be no number.
        climb = torch.where(self.is_gaussian | (self.widths[0] == 0.0), 1.0, b - a)
        fall = torch.where(self.is_gaussian | (self.widths[2] == 0.0), 1.0, d - c)
        sigma = torch.where(self.is_gaussian, self.widths[0] + left, 1.0)
        on_plateau = ((b <= values) & (values <= c)).double()
        falling = torch.where((c < values) & (values < d), (d - values) / fall, on_plateau)
        straight = torch.where((a < values) & (values < b), (values - a) / climb, falling)
        bell = torch.exp(-0.5 * ((values - b) / sigma) ** 2)
        return torch.where(self.is_gaussian, bell, straight)


def learned_sets(strategy: "Strategy") -> LearnedSets | None:
    """None where the strategy learns none."""
    if not strategy.learned_inputs():
        return None
    features = plan_features(strategy)
    places: list[int] = []
    membership = len(features)
    for column, feature in enumerate(features):
        if feature.learned is None:
            places.append(column)
            continue
        for _ in network_inputs([feature]):
            places.append(membership)
            membership += 1
    return LearnedSets(layout_of(features), np.array(places))
